/** Last extension of the file's name with its dot, letters as they are (`a/b.tar.gz` → `.gz`); empty if it has none. */
export function fileExtension(path: string): string {
  const name = fileName(path)
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(dot)
}

/** Last part of the path. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
