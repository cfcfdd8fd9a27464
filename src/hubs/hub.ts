import type { NewCommit } from '../model/commit.ts'
import type { FileEntry, OpenFile, Range } from '../model/file.ts'
import type { Profile } from '../model/profile.ts'
import type {
  CommitInfo,
  Identity,
  NewRepo,
  RepoInfo,
  RepoRef,
  RepoSummary,
  RepoType,
  Snapshot,
} from '../model/repo.ts'
import type { Http } from '../net/http.ts'

/** Where a repo's git and LFS live; `lfsUrl` is what `/objects/batch` is appended to. */
export interface Remote {
  readonly gitUrl: string
  readonly lfsUrl: string
}

/**
 * A hub as the engine sees it: `remote`, which every host of git has, and faster or further ways it may have; being there is the
 * capability. What is absent is done by git and LFS in `repos/`.
 */
export interface Hub {
  readonly id: string
  readonly profile: Profile
  /** The hub's own HTTP client: LFS requests go through it too, so that rate and credentials are in one place. */
  readonly http: Http

  remote(repo: RepoRef): Remote
  /** The repo as it is now, following a rename; undefined only if it is known not to exist (no permission throws forbidden, unauthorized or gated). */
  findRepo?(repo: RepoRef): Promise<RepoInfo | undefined>

  /** Every repo of the owner, or it throws. */
  listRepos?(owner: string, type: RepoType): AsyncIterable<RepoSummary>
  /** Creates with exactly this visibility; an existing repo of that visibility is fine, another visibility throws `leak` (wider) or `refused`. */
  createRepo?(repo: RepoRef, wanted: NewRepo): Promise<RepoInfo>
  /**
   * Has the hub itself copy a public repo from its clone address into a new one of this visibility; the content comes later.
   * Throws `refused` with the hub's words, `conflict` if the repo exists.
   */
  importRepo?(repo: RepoRef, cloneUrl: string, wanted: NewRepo): Promise<RepoInfo>
  /** Page on which a person switches on that the hub pulls from the source by itself. */
  mirrorPage?(repo: RepoRef): string
  /** Commit id a revision (branch, tag, commit) points to now, in one request; undefined if there is no such revision or no commit yet. */
  resolveRevision?(repo: RepoRef, revision: string): Promise<string | undefined>
  /** All files in REST order. Throws `listing-cut` after the last row where the hub may have more (`profile.listingCut`). */
  listFiles?(at: Snapshot): AsyncIterable<FileEntry>
  /** Opens the content (never the pointer) of a file; every call asks for a fresh address. Throws `object-missing` if the pointer has no object. */
  openFile?(at: Snapshot, file: FileEntry, range?: Range): Promise<OpenFile>
  /** Publishes one commit, returns its id. `conflict` if the parent is not the head (only where profile.compareAndSwap). Never retried inside. */
  commit?(repo: RepoRef, commit: NewCommit): Promise<string>
  /** What the hub has against a README in front of a commit, a line each; nothing of it is kept. */
  readmeProblems?(repo: RepoRef, readme: Buffer): Promise<readonly string[]>
  /** Newest first. */
  history?(repo: RepoRef, branch: string, limit: number): Promise<readonly CommitInfo[]>
  /** Who the token belongs to; throws `unauthorized` if the hub does not know it, `unsupported` if it does not tell. */
  whoAmI?(): Promise<Identity>
}

/** A hub with an API that says which repos there are. */
export type ApiHub = Hub & Required<Pick<Hub, 'findRepo'>>
