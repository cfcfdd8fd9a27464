/** `space` is Hugging Face's word, `studio` ModelScope's. */
export type RepoKind = 'model' | 'dataset' | 'space' | 'studio'

/** Identity of a repo on one stand-in. */
export interface RepoKey {
  readonly type: RepoKind
  readonly owner: string
  readonly name: string
}

/** Content of an LFS file to seed: real bytes, or a cheap sparse object of any size. */
export type LfsContent = Buffer | { readonly sparseSize: number; readonly seed: string }

/** Content of a seeded file: plain git blob, LFS object, or null = delete the file. */
export type SeedContent = string | Buffer | { readonly lfs: LfsContent } | null

export interface SeedRepo extends RepoKey {
  readonly private?: boolean
  readonly gated?: boolean
  /** ModelScope's word for who may read; on Hugging Face use `private`. */
  readonly visibility?: 'public' | 'internal' | 'private'
  readonly files: Readonly<Record<string, SeedContent>>
  /** Commit message; one is made up if absent. */
  readonly message?: string
}

/** A file as it stands in a repo: size and sha256 are of the content, never of a pointer. */
export interface StoredFile {
  readonly size: number
  readonly sha256: string
  readonly lfs: boolean
  /** Bytes; undefined for LFS objects that are missing or larger than 64 MiB. */
  readonly content?: Buffer
}

/** One request as the stand-in saw it. */
export interface LoggedRequest {
  readonly server: 'api' | 'storage' | 'upload' | 'elsewhere'
  readonly method: string
  /** Path without the query (queries hold signatures). */
  readonly path: string
  readonly authorization: boolean
  readonly cookie: boolean
  /** Filled in when the answer is sent. */
  status?: number
}

/** What every stand-in hub offers to the tests and the demo. */
export interface StandIn {
  readonly endpoint: string
  /** May read and write all that its user may. */
  readonly token: string
  /** The same user, reading only. */
  readonly readToken: string
  readonly username: string
  /**
   * Creates the repo if it is missing, else changes who may see it where that is said; then makes one commit, unless `files` is empty.
   * Answers the head.
   */
  seed(repo: SeedRepo): Promise<string>
  /** Head of the default branch; undefined if repo or branch is missing. */
  head(repo: RepoKey): Promise<string | undefined>
  /** All files of the head, platform-made ones (`.gitattributes`) included. */
  files(repo: RepoKey): Promise<Map<string, StoredFile>>
  /** Every request so far, oldest first. Empty it with `requests.length = 0`. */
  readonly requests: LoggedRequest[]
  /** Stops the servers and deletes the folder. */
  close(): Promise<void>
}
