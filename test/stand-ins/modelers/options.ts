export interface ModelersOptions {
  readonly port?: number
  /** One line per request on stderr. */
  readonly verbose?: boolean
  readonly username?: string
  /** Organisations the user writes for, beside itself. */
  readonly organizations?: readonly string[]
  /** Token to accept for the user; made up if absent. */
  readonly token?: string
  /** Bytes per second of all LFS transfers together; no limit by default. */
  readonly bandwidth?: number
  /** False skips hashing of objects that come in one PUT (parts are never hashed here): only for benchmarks. */
  readonly verifyUploads?: boolean
  /** Seconds that a signed address works. */
  readonly urlLifetime?: number
  /** Bytes of a part. */
  readonly partSize?: number
  /** Largest LFS object in bytes. */
  readonly maxLfsSize?: number
  /** Largest LFS object that fits into one PUT (basic transfer), in bytes. */
  readonly maxBasicSize?: number
  /** Largest file, in bytes, that a commit by the API may hold as it is; larger ones are LFS. */
  readonly maxRegularSize?: number
  /** Largest plain blob, in bytes, that a push may hold. */
  readonly maxBlobSize?: number
  /** Most files in one commit by the API. The hub's own number is not known. */
  readonly maxFilesPerCommit?: number
  /** Words that moderation finds in messages and names. */
  readonly sensitiveWords?: readonly string[]
  /** What a DELETE without a JSON body gets. The hub refuses it, and its own client sends none. */
  readonly bodylessDelete?: 'refused' | 'accepted'
  /** What the storage host does with Authorization. It must not get any; the hub's own client sends it. */
  readonly storageCredentials?: 'refused' | 'ignored'
  /** Origins to put into answers, if something (a TLS front) stands before the two servers. */
  readonly publicOrigins?: { readonly api: string; readonly storage: string }
}

type Optional = 'token' | 'bandwidth' | 'publicOrigins'
export type Settings = Required<Omit<ModelersOptions, Optional>> & Pick<ModelersOptions, Optional>

export const defaultSettings: Settings = {
  port: 0,
  verbose: false,
  username: 'alice',
  organizations: ['my-org'],
  verifyUploads: true,
  urlLifetime: 10_800,
  partSize: 20_000_000,
  maxLfsSize: 53_687_091_200,
  maxBasicSize: 5_000_000_000,
  maxRegularSize: 5 << 20,
  maxBlobSize: 104_857_600,
  maxFilesPerCommit: 1000,
  sensitiveWords: ['moderated-word'],
  bodylessDelete: 'refused',
  storageCredentials: 'refused',
}
