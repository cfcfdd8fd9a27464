export interface GitCodeOptions {
  readonly port?: number
  /** One line per request on stderr. */
  readonly verbose?: boolean
  readonly username?: string
  /** Organisations (V5 `orgs`) the user writes for, beside itself. */
  readonly organizations?: readonly string[]
  /** Token to accept for the user; made up if absent. */
  readonly token?: string
  /** Bytes per second of all LFS transfers together; no limit by default. */
  readonly bandwidth?: number
  /** False skips hashing of uploads: only for benchmarks. */
  readonly verifyUploads?: boolean
  /** Seconds that a signed address works. */
  readonly urlLifetime?: number
  /** `GET /api/models/{repo}`: 404 even if it exists (seen 2026-08), or `{default_branch}` (read by the client of 2026-10). */
  readonly modelInfo?: 'not-found' | 'default-branch'
  /** True: `private` and `public` of lists are 0 and 1. */
  readonly numbersAsFlags?: boolean
  /** `max_file_size` of a new repo: largest plain blob in MB, 10 or 100 by different sources. */
  readonly maxFileSize?: number
  /** `deny_force_push` of a new repo. */
  readonly denyForcePush?: boolean
  /** Bytes of LFS objects that a repo may hold. */
  readonly lfsQuota?: number
  /** Whether an object that is in one repo counts as present in others. */
  readonly lfsScope?: 'repo' | 'global'
  /** Objects larger than this many bytes are uploaded in parts by clients that offer `multipart`. */
  readonly multipartThreshold?: number
  /** Bytes of a part. */
  readonly partSize?: number
  /** Whether LFS batches (also those of the openMind routes) come with a `verify` action. */
  readonly lfsVerify?: boolean
  /** How `/resolve/` hands out LFS files: a 302 to the storage, or the bytes. */
  readonly resolve?: 'redirect' | 'direct'
  /** True: a percent-encoded non-ASCII path in a folder is 404 on `/resolve/`. */
  readonly nonAsciiBug?: boolean
  /** Whether entries of the hub's tree carry `lfs`. */
  readonly treeLfs?: boolean
  /** `lfsFile` lines of the hub's commit write a pointer without final line feed. */
  readonly pointerWithoutLineFeed?: boolean
  /** Status of a hub commit whose parent is no longer the head. */
  readonly conflictStatus?: 412 | 409
  /** The hub's create route: a repo stays private whatever was asked for, and datasets are refused. */
  readonly strictHubCreate?: boolean
  /** Requests without a User-Agent get 418, as from the firewall. */
  readonly firewall?: boolean
  /** V5 requests per window before 429 with `Retry-After`; none by default. */
  readonly rateLimit?: { readonly requests: number; readonly seconds: number }
  /** Milliseconds from the answer to a create with `import_url` to the content. */
  readonly importDelay?: number
  /** Branch that an import ends up with: the source's own name, or `main`. */
  readonly importBranch?: 'source' | 'main'
  /** Whether an import brings LFS objects along. */
  readonly importObjects?: boolean
  /** `none`: every address is unreachable to imports. */
  readonly importReach?: 'all' | 'none'
}

type Optional = 'token' | 'bandwidth' | 'rateLimit'
export type Settings = Required<Omit<GitCodeOptions, Optional>> & Pick<GitCodeOptions, Optional>

export const defaultSettings: Settings = {
  port: 0,
  verbose: false,
  username: 'alice',
  organizations: ['my-org'],
  verifyUploads: true,
  urlLifetime: 3600,
  modelInfo: 'not-found',
  numbersAsFlags: true,
  maxFileSize: 100,
  denyForcePush: true,
  lfsQuota: 100 * 1024 ** 3,
  lfsScope: 'repo',
  multipartThreshold: 20_000_000,
  partSize: 20_000_000,
  lfsVerify: true,
  resolve: 'redirect',
  nonAsciiBug: true,
  treeLfs: true,
  pointerWithoutLineFeed: true,
  conflictStatus: 412,
  strictHubCreate: true,
  firewall: true,
  importDelay: 200,
  importBranch: 'source',
  importObjects: true,
  importReach: 'all',
}
