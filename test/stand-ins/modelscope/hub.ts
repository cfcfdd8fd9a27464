import type { FileCache } from '../core/files.ts'
import type { Storage } from '../core/storage.ts'
import {
  type Account,
  findRepo,
  fullName,
  mayRead,
  mayWrite,
  type Store,
  type StoredRepo,
} from '../core/store.ts'
import type { Throttle } from '../core/throttle.ts'
import type { LastCommit } from './history-of-files.ts'
import { codes, failed, type JsonAnswer, refused } from './wire.ts'

/** Kinds of repo this stand-in keeps, and how they are called in paths. */
export type MsType = 'model' | 'dataset'
export const segments = { model: 'models', dataset: 'datasets' } as const

/** Everything the routes share. */
export interface Hub {
  readonly store: Store
  readonly cache: FileCache
  /** Entries after which a model's file list ends without a word. */
  readonly fileListLimit: number
  /** Whether a new repo gets the platform's first commit. */
  readonly initialFiles: 'template' | 'none'
  /** Base URL of the server that takes LFS uploads. Known once it listens. */
  readonly uploadUrl: () => string
  /** The host that downloads of LFS objects are sent to. */
  readonly storage: Storage
  /** Origin of a server that nobody should send credentials to. */
  readonly elsewhere: string
  /** Rate of all uploads together. */
  readonly throttle: Throttle
  /** `owner/name oid` of uploads that were confirmed and thrown away. */
  readonly claimed: Set<string>
  /** Repos with a commit under way, by id. */
  readonly busy: Set<string>
  /** SHA-256 of plain blobs by git object id. */
  readonly digests: Map<string, string>
  /** Last commit of each file, by repo id and commit. */
  readonly lastCommits: Map<string, Promise<Map<string, LastCommit>>>
}

export interface RepoName {
  readonly type: MsType
  readonly owner: string
  readonly name: string
}

/** The repo, or the answer the caller gets instead. */
export type Access =
  | { readonly kind: 'granted'; readonly repo: StoredRepo }
  | { readonly kind: 'denied'; readonly answer: JsonAnswer }

/** A repo for reading: whatever is wrong, the status is 404, and only the code tells absent from hidden. */
export function toRead(hub: Hub, account: Account | undefined, wanted: RepoName): Access {
  const repo = findRepo(hub.store, wanted)?.repo
  if (!repo) return denied(failed(404, codes.notFound, 'record not found'))
  if (mayRead(account, repo)) return { kind: 'granted', repo }
  return denied(failed(404, codes.noAccess, `${segmentWord(wanted.type)}不存在或无权访问`))
}

/** A repo for writing: 400 without a login, 404 for what the account cannot see, 403 for what it may only read. */
export function toWrite(hub: Hub, account: Account | undefined, wanted: RepoName): Access {
  if (!account) return denied(refused(400, 'user not logged in'))
  const repo = findRepo(hub.store, wanted)?.repo
  if (!repo || !mayRead(account, repo)) return denied(refused(404, unseen))
  if (mayWrite(account, repo.owner)) return { kind: 'granted', repo }
  return denied(refused(403, `no write permission to repository ${fullName(repo)}`))
}

const unseen =
  "The project you were looking for could not be found or you don't have permission to view or edit it."

function segmentWord(type: MsType): string {
  return type === 'model' ? '模型' : '数据集'
}

function denied(answer: JsonAnswer): Access {
  return { kind: 'denied', answer }
}

/** The integers of `Visibility`. */
export const visibilities = { private: 1, internal: 3, public: 5 } as const

/** Visibility of an integer, as number or digits; undefined if it is none. */
export function visibilityOf(value: unknown): StoredRepo['visibility'] | undefined {
  switch (Number(value)) {
    case visibilities.private:
      return 'private'
    case visibilities.internal:
      return 'internal'
    case visibilities.public:
      return 'public'
    default:
      return undefined
  }
}
