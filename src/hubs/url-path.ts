/** `owner/name` as part of an address, each one segment whatever it holds. */
export function idPath({ owner, name }: { readonly owner: string; readonly name: string }): string {
  return `${encodeURIComponent(owner)}/${encodeURIComponent(name)}`
}

/** A path of a file, or of groups and a repo, as part of an address: its slashes stay, its parts are percent-encoded. */
export function filePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
