import { type Exchange, HttpError } from '../core/server.ts'

/** Routes that a server of this API may lack. */
export type RouteName = keyof typeof routes

const repo = '/api/(models|datasets|spaces)/[^/]+/[^/]+'

const routes = {
  whoami: /^\/api\/whoami-v2$/,
  list: /^\/api\/(models|datasets|spaces)$/,
  info: new RegExp(`^${repo}$`),
  create: /^\/api\/repos\/create$/,
  revision: new RegExp(`^${repo}/revision/`),
  tree: new RegExp(`^${repo}/tree/`),
  'paths-info': new RegExp(`^${repo}/paths-info/`),
  history: new RegExp(`^${repo}/commits/`),
  preupload: new RegExp(`^${repo}/preupload/`),
  commit: new RegExp(`^${repo}/commit/`),
  'validate-yaml': /^\/api\/validate-yaml$/,
  resolve: /\/resolve\//,
  lfs: /\/info\/lfs\//,
  git: /\/(info\/refs|git-upload-pack|git-receive-pack)$/,
} as const

/** In what a server that speaks this API may differ from the live hub; everything absent is as live. */
export interface PartialServer {
  /** Routes that are not there. */
  readonly missingRoutes?: readonly RouteName[]
  /** What is said where nothing is: a status without `X-Error-Code`, or a web page with 200. */
  readonly missingAnswer?: 404 | 405 | 501 | 'web-page'
  /** False: errors come without `X-Error-Code` and `X-Error-Message`. */
  readonly errorCodes?: boolean
  /** `inline`: LFS bytes come with 200 from the same origin, no `X-Linked-*`; their ETag is the SHA-256. */
  readonly lfsContent?: 'redirect' | 'inline'
  /** False: a listing of files is one page. */
  readonly treePages?: boolean
  /** `empty`: folders are in the listing without their path. */
  readonly folderPaths?: 'named' | 'empty'
  /** False: a listing of files ignores `recursive`. */
  readonly recursive?: boolean
  /** False: an owner's repos come with everybody else's. */
  readonly filtersOwner?: boolean
  /** False: `expand` is ignored, and the whole answer comes. */
  readonly expands?: boolean
  /** Fields that no answer about repos has. */
  readonly missingFields?: readonly ('private' | 'gated' | 'sha' | 'cardData')[]
  /** Status of a create call for a repo that exists. */
  readonly existingRepo?: 409 | 200
  /** Visibility belongs to the owner: those named here have private repos, all others public ones, whatever is asked for. */
  readonly privateOwners?: readonly string[]
  /** Whether a create call may say `visibility`; where it may not, `private` is all that is looked at. */
  readonly createKey?: 'visibility' | 'private'
  /** `short`: whoami tells the name only; `other`: something else altogether. */
  readonly whoami?: 'full' | 'short' | 'other'
  /** False: `parentCommit` is ignored, and commits go on top of whatever is there. */
  readonly comparesParent?: boolean
  /** `refused`: 403 for commits to datasets by the API, and a push to one is cut off in mid-answer. */
  readonly datasetWrites?: 'taken' | 'refused'
  /** Owners whose storage is locked: 403 for preupload and commits by the API, and git still works. */
  readonly lockedOwners?: readonly string[]
}

/** Such a server as a whole. Source: git-hosts notes, two independent servers. */
export const compatibleServer: PartialServer = {
  missingRoutes: ['paths-info', 'validate-yaml'],
  errorCodes: false,
  lfsContent: 'inline',
  treePages: false,
  folderPaths: 'empty',
  expands: false,
  existingRepo: 200,
  privateOwners: [],
  createKey: 'private',
  comparesParent: false,
  whoami: 'short',
}

/** Throws what a server answers that does not have this route. */
export function requireRoute(options: PartialServer, { path }: Exchange): void {
  if (options.missingRoutes?.some((name) => routes[name].test(path))) throw noSuchRoute(options)
}

/** The answer where nothing is. */
export function noSuchRoute({ missingAnswer = 404 }: PartialServer): HttpError {
  if (missingAnswer === 'web-page') {
    const type = { 'content-type': 'text/html; charset=utf-8' }
    return new HttpError(200, '<!doctype html><title>Models</title>', type)
  }
  return new HttpError(missingAnswer, { error: 'Not Found' })
}

/** An error without the headers by which the live hub says what it means. */
export function withoutCodes({ status, body, headers }: HttpError): HttpError {
  const rest = Object.entries(headers).filter(([name]) => !name.startsWith('x-error-'))
  return new HttpError(status, body, Object.fromEntries(rest))
}
