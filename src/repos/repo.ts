import type { OpenObject, Sample } from '../lfs/relay.ts'
import type { NewCommit } from '../model/commit.ts'
import type { FileEntry, LfsObject, Manifest, OpenFile, Range } from '../model/file.ts'
import type { Profile } from '../model/profile.ts'
import type { CommitInfo, NewRepo, RepoInfo, RepoRef, Snapshot } from '../model/repo.ts'
import type { Bandwidth } from '../net/bandwidth.ts'

export type { OpenObject, Sample }

export interface PutOptions {
  /** Called with the bytes that went out since the last call. */
  readonly onBytes: (bytes: number) => void
  readonly bandwidth: Bandwidth
  /** Seconds without a byte after which a stream counts as failed. */
  readonly stallTimeout: number
}

/** Digests of bytes that were really read; `size` counts them, `gitBlob` only for whole files whose size was known. */
export interface HashedFile {
  readonly size: number
  readonly digests: { readonly sha256: string; readonly gitBlob?: string }
}

export interface Published {
  readonly commit: string
  /** Why the report should say more than "one commit by the best way". */
  readonly notes: readonly string[]
}

/** One repo on one hub, whatever its hub can do: fast paths and fallbacks are decided behind this. */
export interface Repo {
  readonly ref: RepoRef
  readonly profile: Profile

  /** As the hub says now (never cached); undefined only if known absent. */
  info(): Promise<RepoInfo | undefined>
  /** Commit a revision points to now; one request; undefined: absent repo, branch or no commit. */
  head(revision: string): Promise<string | undefined>
  /** The complete listing of a snapshot; remembered, since a commit never changes. */
  manifest(at: Snapshot): Promise<Manifest>
  /** The same files, with git blob ids for plain files where the listing had none: one tree-only git fetch. */
  manifestWithGitBlobs(at: Snapshot): Promise<Manifest>
  openFile(at: Snapshot, file: FileEntry, range?: Range): Promise<OpenFile>
  /** A whole small file; `too-large` over `cap` bytes. */
  readFile(at: Snapshot, file: FileEntry, cap: number): Promise<Buffer>
  /** Streams a file, or a range of it, through its hashes. A file that is not served in full throws `truncated`. */
  hashFile(at: Snapshot, file: FileEntry, range?: Range): Promise<HashedFile>
  history(branch: string, limit: number): Promise<readonly CommitInfo[]>

  createIfAbsent(wanted: NewRepo): Promise<RepoInfo>
  /** Those objects that the target is not known to have. */
  lacking(objects: readonly LfsObject[]): Promise<readonly LfsObject[]>
  /** Streams one object to this repo's store; completes only if size and SHA-256 are right. Undefined: it was there already. */
  put(object: LfsObject, open: OpenObject, options: PutOptions): Promise<Sample | undefined>
  /** One commit under the lease `commit.parent`; a moved head throws `conflict`. */
  publish(commit: NewCommit, transport: 'auto' | 'git'): Promise<Published>
}
