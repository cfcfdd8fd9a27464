/** How credentials may be written so that this host takes them. */
export type CredentialForm =
  /** Basic, any user name, the token as password. */
  | 'any-user-token'
  /** Basic, the account's name and the token. */
  | 'user-token'
  /** Basic, `oauth2` and the token. */
  | 'oauth2-token'
  /** Basic, the token as user name, any password. */
  | 'token-as-user'
  /** Basic, the account's name and its password (see `PlainGitStandIn.password`). */
  | 'user-password'
  /** `Authorization: Bearer TOKEN`. */
  | 'bearer'
  /** `Authorization: Token TOKEN`. */
  | 'token-scheme'

/** Each switch is a row of the table in git-hosts.md; the first value named is the default. */
export interface PlainGitOptions {
  readonly port?: number
  readonly verbose?: boolean
  readonly username?: string
  /** Owners the user may write for, beside itself. */
  readonly organizations?: readonly string[]
  /** Token of the user; made up if absent. */
  readonly token?: string
  readonly defaultBranch?: string
  /** Bytes per second of all LFS transfers together; no limit by default. */
  readonly bandwidth?: number
  /** False skips hashing of uploads: only for benchmarks. */
  readonly verifyUploads?: boolean
  /** What the LFS API says to somebody without credentials: 401 with `WWW-Authenticate`, 401 with `LFS-Authenticate` only, 403 with or without a challenge. */
  readonly challenge?: 'basic' | 'lfs-authenticate' | 'forbidden-with-challenge' | 'forbidden'
  /** Status for credentials that are wrong. */
  readonly wrongCredentials?: 401 | 403 | 500
  /** Basic with any user name, and nothing else, unless told otherwise. */
  readonly credentialForms?: readonly CredentialForm[]
  /**
   * `none`: no `header`, the caller's credentials are wanted on the href. `caller`: they are repeated in the header.
   * `own-bearer`: a signed Bearer, nothing else is accepted. `query`: signed by its query. `null`: as `query`, with `"header": null`.
   */
  readonly actionHeader?: 'none' | 'null' | 'own-bearer' | 'caller' | 'query'
  /** Where LFS objects are: on the git host, or on a second origin. */
  readonly objectHost?: 'same' | 'other'
  /** What an object address does with an Authorization that it did not ask for, or with a second one. */
  readonly strayAuthorization?: 'ignored' | 401 | 403
  /**
   * `zero-date`: `expires_at` of the year 1, which means never. `early`: promises 900 s and dies after `urlLifetime`.
   * Only signed actions (`own-bearer`, `query`, `null`) die.
   */
  readonly expiry?: 'none' | 'expires-in' | 'zero-date' | 'early'
  /** Seconds a signed action lives; 3600, or 60 with `expiry: 'early'`. */
  readonly urlLifetime?: number
  /** Status of a dead action. */
  readonly expiredStatus?: 403 | 401
  /** `transfer` in the answer to a batch. */
  readonly transfer?: 'basic' | 'absent'
  /** Answer for an object to upload that is there. */
  readonly storedObject?: 'no-actions' | 'offered-again' | 'download-action' | 'null-actions'
  /** Answer for an object to download that is not there; `whole-batch`: HTTP 404 if all are missing. */
  readonly missingObject?: 'error' | 'nested-error' | 'null-actions' | 'whole-batch'
  /** Answer for an oid or size that cannot be. */
  readonly invalidObject?: 'error' | 'nested-error' | 'batch-422' | 'batch-400' | 'offered'
  /** What is said to `"ref": {}`. */
  readonly emptyRef?: 'accepted' | 'refused'
  readonly batchContentType?: 'application/vnd.git-lfs+json' | 'application/json'
  /** True: a batch whose `Accept` does not start with the LFS media type gets 415. */
  readonly strictAccept?: boolean
  /**
   * A PUT whose bytes are not what their oid says: 400 or 500 and not stored; `closed`: connection closed without an answer;
   * `kept`: 200 and stored; `kept-for-ever`: and later right ones are answered 200 and thrown away.
   */
  readonly wrongBytes?: 400 | 500 | 'closed' | 'kept' | 'kept-for-ever'
  readonly verifyAction?: 'full' | 'size' | 'none'
  /** `wrong`: 206 whose `Content-Range` names an end and a total one too large. */
  readonly ranges?: 'served' | 'ignored' | 'wrong'
  /** HEAD on an object. */
  readonly headObject?: 200 | 405
  /** `global`: an object uploaded anywhere is everywhere, even in repos that do not exist. */
  readonly objectStore?: 'repo' | 'global'
  /** False: `--filter` gets a warning and the whole repo. */
  readonly filter?: boolean
  /** Highest version of git's protocol. */
  readonly gitProtocol?: 2 | 1 | 0
  /** `info-refs`: asking whether one may push makes the repo, too. */
  readonly createOn?: 'never' | 'push' | 'info-refs'
  /** What a repo made by `seed`, or by asking (`createOn: 'info-refs'`), holds before anything else. */
  readonly newRepo?: 'empty' | 'attributes'
  /** Paths that are not git's nor LFS's: 404, or a web page with status 200. */
  readonly unservedPath?: 'not-found' | 'web-page'
  /** The locking API: 404, working, or refused with 403. */
  readonly locks?: 'not-found' | 'served' | 'refused'
  readonly errorBody?: 'message' | 'error' | 'empty' | 'html' | 'text'
}

type Optional = 'token' | 'bandwidth' | 'urlLifetime'
export type Settings = Required<Omit<PlainGitOptions, Optional>> & Pick<PlainGitOptions, Optional>

export const defaultSettings: Settings = {
  port: 0,
  verbose: false,
  username: 'alice',
  organizations: ['my-org'],
  defaultBranch: 'main',
  verifyUploads: true,
  challenge: 'basic',
  wrongCredentials: 401,
  credentialForms: ['any-user-token'],
  actionHeader: 'none',
  objectHost: 'same',
  strayAuthorization: 'ignored',
  expiry: 'none',
  expiredStatus: 403,
  transfer: 'basic',
  storedObject: 'no-actions',
  missingObject: 'error',
  invalidObject: 'error',
  emptyRef: 'accepted',
  batchContentType: 'application/vnd.git-lfs+json',
  strictAccept: false,
  wrongBytes: 400,
  verifyAction: 'full',
  ranges: 'served',
  headObject: 200,
  objectStore: 'repo',
  filter: true,
  gitProtocol: 2,
  createOn: 'never',
  newRepo: 'empty',
  unservedPath: 'not-found',
  locks: 'not-found',
  errorBody: 'message',
}
