export interface GitHubOptions {
  readonly port?: number
  /** One line per request on stderr. */
  readonly verbose?: boolean
  readonly username?: string
  /** Organisations the user writes for, beside itself. */
  readonly organizations?: readonly string[]
  /** Token to accept for the user; made up if absent. */
  readonly token?: string
  readonly defaultBranch?: string
  /** Bytes per second of all LFS transfers together; no limit by default. */
  readonly bandwidth?: number
  /** False skips hashing of uploads: only for benchmarks. */
  readonly verifyUploads?: boolean
  /** Most rows of a page, whatever `per_page` asks for. */
  readonly maxPerPage?: number
  /** Largest plain blob, in bytes, that a push may hold. */
  readonly maxBlobSize?: number
  /** False: listing issues by `creator` finds nothing of an app's, as on some Enterprises. */
  readonly knowsAppsAsCreators?: boolean
}

type Optional = 'token' | 'bandwidth'
export type Settings = Required<Omit<GitHubOptions, Optional>> & Pick<GitHubOptions, Optional>

export const defaultSettings: Settings = {
  port: 0,
  verbose: false,
  username: 'alice',
  organizations: ['my-org'],
  defaultBranch: 'main',
  verifyUploads: true,
  maxPerPage: 100,
  maxBlobSize: 100 << 20,
  knowsAppsAsCreators: true,
}
