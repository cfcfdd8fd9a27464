import type { Proof } from '../lfs/lacking.ts'
import type { OpenObject, Sample } from '../lfs/relay.ts'
import type { NewCommit } from '../model/commit.ts'
import type { FileEntry, LfsObject, Manifest, OpenFile, Range } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
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
  /** The hub's API, a git push, or files of this machine. */
  readonly by: 'api' | 'git' | 'files'
  /** Why the report should say more than "one commit by the best way". */
  readonly notes: readonly string[]
}

/** One repo on one hub, whatever its hub can do: fast paths and fallbacks are decided behind this. */
export interface Repo {
  readonly ref: RepoRef
  readonly profile: Profile
  /** How a repo that is absent comes to be: with exactly the visibility asked for; by a push, so that nobody can say; or not at all. */
  readonly creation: 'exact' | 'push' | 'none'
  /** True if its manifests tell executable files and symbolic links. */
  readonly listsModes: boolean
  /** True if executable bits and symbolic links are kept by what is published here. */
  readonly keepsModes: boolean
  /** True if a file that leaves can give its place to a folder, or a folder to a file, in the same commit: known of git push alone. */
  readonly swapsFolders?: true
  /** Where git was used because the API refused, and why: for the report. */
  readonly detours: ReadonlySet<string>

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
  /** Streams a file, or a range of it, through its hashes, at the pace of a bandwidth. A file that is not served in full throws `truncated`. */
  hashFile(at: Snapshot, file: FileEntry, range?: Range, bandwidth?: Bandwidth): Promise<HashedFile>
  /** Says that these files are about to be read one by one, so that they can be fetched at once. */
  willRead(at: Snapshot, files: readonly FileEntry[]): Promise<void>
  history(branch: string, limit: number): Promise<readonly CommitInfo[]>

  /** False if this repo, which is there, takes no push with this token: asked as git asks before it sends anything. */
  readonly takesPush?: () => Promise<boolean>
  /** What the hub has against a README, a line each, where it can be asked; it keeps nothing of it. */
  readonly readmeProblems?: (readme: Buffer) => Promise<readonly string[]>
  /** Paths that cannot be written here although any repo may hold them, a line each; absent: there are none. */
  readonly pathProblems?: (paths: readonly RepoPath[]) => Promise<readonly string[]>
  /** Bytes that can still be written, where that can be asked. */
  readonly freeBytes?: () => Promise<number>

  createIfAbsent(wanted: NewRepo): Promise<RepoInfo>
  /** Address that everybody may clone from while the repo is public; absent for a folder. */
  readonly cloneUrl?: string
  /** Has the hub make this repo, which is absent, from the clone address of a public one; absent: it cannot. Throws as `Hub.importRepo`. */
  readonly importFrom?: (cloneUrl: string, wanted: NewRepo) => Promise<RepoInfo>
  /** Page on which a person switches on that the hub pulls from the source by itself. */
  readonly mirrorPage?: string
  /** Those objects that the target is not known to have; `told` (what it says) unless `read` is asked for. */
  lacking(objects: readonly LfsObject[], proof?: Proof): Promise<readonly LfsObject[]>
  /** Streams one object to this repo's store; completes only if size and SHA-256 are right. Undefined: it was there already. */
  put(object: LfsObject, open: OpenObject, options: PutOptions): Promise<Sample | undefined>
  /** One commit under the lease `commit.parent`; a moved head throws `conflict`. */
  publish(commit: NewCommit): Promise<Published>
  /** Removes what is on disk for this repo; it is fetched again if it is needed again. */
  release(): Promise<void>
}
