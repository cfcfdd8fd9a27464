import type { FileEntry } from './file.ts'
import type { RepoPath } from './path.ts'
import type { RepoType } from './repo.ts'

export type HubType = 'huggingface' | 'modelscope' | 'modelers' | 'gitcode' | 'github' | 'git'

/**
 * What a request is for: decides whether and in which form credentials go with it. `signed`: its address brings its own authorization;
 * no rule names it, so nothing of ours goes along.
 */
export type Purpose = 'api' | 'git' | 'lfs' | 'transfer' | 'signed'

/** Where a hub's token may go, and in which form. `covers` sees the whole URL; no rule covering it means no credentials. */
export interface CredentialRule {
  readonly purposes: readonly Purpose[]
  readonly covers: (url: URL) => boolean
  /** `bearer+session` adds the cookie `m_session_id` (ModelScope). `basic` is `username:token`. `private-token` is GitLab's header. */
  readonly form: 'bearer' | 'bearer+session' | 'basic' | 'private-token'
}

/** How LFS works on a hub, as data. */
export interface LfsProfile {
  /** Shape of the batch answer: `standard` as in the git-lfs spec; `modelscope` = `{Code, Data: {objects}}`, stored objects left out. */
  readonly envelope: 'standard' | 'modelscope'
  /** Transfer adapters offered in the request; none are named if empty. */
  readonly transfers: readonly ('basic' | 'multipart')[]
  /** Objects asked for in one batch request. */
  readonly batchSize: number
  /**
   * How presence is known: `upload-batch`: no upload action = there; `download-batch`: a download action = there;
   * `read-back`: only reading proves it. An upload that is offered never proves absence.
   */
  readonly presence: 'upload-batch' | 'download-batch' | 'read-back'
  /** The source of the knowledge that this hub hashes what it is sent and refuses what does not match; undefined = not known. */
  readonly hashesUploads?: string
}

/** Hard limits of a hub; what is over them blocks the item before any byte moves. */
export interface Limits {
  readonly fileBytes: number
  readonly filesPerRepo: number
  readonly filesPerFolder: number
  /** Largest file the hub keeps as plain git. */
  readonly plainFileBytes: number
  /** All LFS objects of one repo together, where the hub names a bound. */
  readonly repoBytes?: number
}

/** Bounds of one commit by the hub's API; beyond them the commit goes by git. */
export interface CommitLimits {
  readonly actions: number
  /** Bytes of the whole request body as sent (base64 of inline content included). */
  readonly bodyBytes: number
  /** Files with content inside the request. */
  readonly inlineFiles: number
}

/** A file that a platform makes by itself. It never counts as a difference and is never copied to another hub. */
export interface PlatformFile {
  readonly path: string
  /** Exact names only; true: everything below the folder `path`. */
  readonly folder?: true
  /** Absent: always the platform's. Otherwise it is the platform's only if the content says so. */
  readonly isMadeByPlatform?: (content: string) => boolean
}

/** `by-content`: LFS if its first bytes hold a NUL, plain git otherwise. `as-source`: as the source keeps it. */
export type StorageChoice = FileEntry['storage'] | 'by-content' | 'as-source'

export interface LicenseProfile {
  /** Ids this hub takes in a README's `license:`; undefined takes any. */
  readonly allow?: readonly string[]
  /** Spellings of this hub that mean an id, e.g. `Apache License 2.0` → `apache-2.0`. */
  readonly map: Readonly<Record<string, string>>
  /** True: a README must name one, or the hub refuses it. */
  readonly required?: true
}

/** Everything about a hub that is data. Facts and their sources: docs/hubs.md. */
export interface Profile {
  /** `dir`: a folder of this machine, which is no hub. */
  readonly type: HubType | 'dir'
  readonly label: string
  readonly defaultBranch: string
  readonly credentials: readonly CredentialRule[]
  /** User name for git over HTTP when the configuration names none. */
  readonly gitUsername: string
  readonly lfs: LfsProfile
  readonly limits: Limits
  /** Absent: there are none, or no such API. */
  readonly commit?: CommitLimits
  /** True if a commit can name the head it expects, so that a moved head is refused by the hub itself. */
  readonly compareAndSwap: boolean
  /** True if a new repo gets a commit of the hub's own. */
  readonly firstCommit: boolean
  /** True where the answer about a repo tells the head of its default branch as well: one request for both. */
  readonly infoHead?: true
  /** True where a model and a dataset of one owner cannot have the same name. */
  readonly oneNameSpace?: true
  /** True where a repo that does not exist is made by a push to it: nobody can say with which visibility. */
  readonly createsOnPush?: true
  readonly licenses: LicenseProfile
  readonly platformFiles: readonly PlatformFile[]
  /** The reason this hub refuses the owner or name, or undefined. */
  readonly nameProblem: (owner: string, name: string) => string | undefined
  /** The reason this hub refuses a path, or undefined; absent: it takes every path that git takes. */
  readonly pathProblem?: (path: RepoPath) => string | undefined
  /** Whether this hub keeps the file as LFS or plain git; `type` of the repo decides too. */
  readonly storageOf: (type: RepoType, path: RepoPath, size: number) => StorageChoice
  /** Requests a second the client holds itself to, to one host. */
  readonly requestsPerSecond: number
  /** LFS objects relayed to this hub at a time, by all repos of a job together. */
  readonly concurrency: number
  /** A listing of exactly this many entries may have been cut silently; undefined: listings are complete. */
  readonly listingCut?: number
}
