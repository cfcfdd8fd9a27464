/** An LFS object as named by a pointer. */
export interface Pointer {
  /** SHA-256 in hex. */
  readonly oid: string
  readonly size: number
}

/** Longest pointer text git-lfs writes or reads. */
export const maxPointerSize = 1024

/** Pointer in a blob, or undefined if the blob is plain content. (git-lfs docs/spec.md) */
export function parsePointer(blob: Buffer): Pointer | undefined {
  if (blob.length > maxPointerSize) return undefined
  const match =
    /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:ext-.*\n)*oid sha256:([0-9a-f]{64})\nsize (\d+)\n?$/.exec(
      blob.toString('utf8'),
    )
  return match?.[1] && match[2] ? { oid: match[1], size: Number(match[2]) } : undefined
}

/** Pointer text as git-lfs writes it. */
export function formatPointer({ oid, size }: Pointer): Buffer {
  return Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`)
}
