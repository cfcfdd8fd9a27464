import type { FileCache } from '../core/files.ts'
import type { Storage } from '../core/storage.ts'
import type { Store } from '../core/store.ts'
import type { PartialServer } from './partial.ts'

export interface HuggingFaceOptions extends PartialServer {
  /** True: all that other servers of this API were seen to lack, at once (`compatibleServer`); single options override it. */
  readonly compatible?: boolean
  /** Port of the API; 0 or absent: any free one. */
  readonly port?: number
  /** Prints each request to stderr. */
  readonly verbose?: boolean
  /** The user of both tokens. */
  readonly username?: string
  /** Other owners whose repos the user may read and write. */
  readonly organizations?: readonly string[]
  /** Entries of a tree answer before the Link to the next page. */
  readonly treePageSize?: number
  /** Repos of a listing before the Link to the next page. */
  readonly listPageSize?: number
  /** Objects larger than this many bytes are uploaded in parts by clients that can. */
  readonly multipartThreshold?: number
  /** Bytes of a part. */
  readonly partSize?: number
  /** False: uploads are not hashed. For benchmarks only. */
  readonly verifyUploads?: boolean
  /** Bytes per second of the storage server, all transfers together. */
  readonly bandwidth?: number
  /** Seconds that a signed address works. */
  readonly urlLifetime?: number
  /** Largest single PUT in bytes. */
  readonly maxPut?: number
  /** True: plain files are answered by a relative redirect, as the live hub does now and then. */
  readonly resolveCache?: boolean
  /** API calls per window before 429. */
  readonly rateLimit?: { readonly requests: number; readonly seconds: number }
}

/** What all handlers share. */
export interface Hub {
  readonly store: Store
  readonly cache: FileCache
  readonly storage: Storage
  /** Origin of a server that nobody should send credentials to. */
  readonly elsewhere: string
  readonly settings: Settings
  readonly window: { started: number; used: number }
}

export type Settings = HuggingFaceOptions &
  Required<
    Pick<
      HuggingFaceOptions,
      'username' | 'organizations' | 'treePageSize' | 'listPageSize' | 'multipartThreshold' | 'partSize'
    >
  >

export const defaultSettings: Settings = {
  username: 'alice',
  organizations: ['my-org'],
  treePageSize: 1000,
  listPageSize: 1000,
  multipartThreshold: 20_000_000,
  partSize: 10_000_000,
}
