import type { RepoPath } from './path.ts'

/** Digests of the content (never of the pointer), lower-case hex. */
export interface Digests {
  readonly sha256?: string
  /** git's SHA-1 of `blob <size>\0<content>`. */
  readonly gitBlob?: string
}

export type Storage = 'lfs' | 'git'

/** One file of a snapshot. */
export interface FileEntry {
  readonly path: RepoPath
  /** Bytes of the content, never of the pointer; unknown for plain files of a git manifest until needed. */
  readonly size?: number
  readonly storage: Storage
  readonly digests: Digests
  /** Executable files and symbolic links, where the listing tells; plain otherwise. */
  readonly mode?: 'executable' | 'symlink' | 'submodule'
  /** Where a symbolic link leads, as it is written; a git manifest tells it of every link that is not too long for a path. */
  readonly leadsTo?: string
}

/** All files of a snapshot. */
export type Manifest = ReadonlyMap<RepoPath, FileEntry>

/** One LFS object; `oid` is the lower-case hex SHA-256, `size` in bytes. */
export interface LfsObject {
  readonly oid: string
  readonly size: number
}

/** First byte and last byte, both inclusive. */
export interface Range {
  readonly start: number
  readonly end?: number
}

export type ByteStream = AsyncIterable<Uint8Array>

/** An open stream of a file's bytes, from `range.start`; `size` is of the whole file, where the answer tells it. */
export interface OpenFile {
  readonly body: ByteStream
  readonly size?: number
  /** Ends the stream and frees its connection; safe to call more than once. */
  close(): void
}
