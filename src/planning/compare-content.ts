import type { FileEntry } from '../model/file.ts'

/** Whether two files hold the same bytes, from sizes and a digest both sides have; storage (LFS or plain) plays no part. */
export function compareContent(
  a: Pick<FileEntry, 'size' | 'digests'>,
  b: Pick<FileEntry, 'size' | 'digests'>,
): 'same' | 'different' | 'unknown' {
  if (a.size !== undefined && b.size !== undefined && a.size !== b.size) return 'different'
  const { sha256: sha256A, gitBlob: gitBlobA } = a.digests
  const { sha256: sha256B, gitBlob: gitBlobB } = b.digests
  if (sha256A !== undefined && sha256B !== undefined) return sha256A === sha256B ? 'same' : 'different'
  if (gitBlobA !== undefined && gitBlobB !== undefined) return gitBlobA === gitBlobB ? 'same' : 'different'
  if (a.size === 0 && b.size === 0) return 'same'
  return 'unknown'
}
