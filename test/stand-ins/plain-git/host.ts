import { lfsMediaType } from '../core/lfs-standard.ts'
import { HttpError, type Params, param } from '../core/server.ts'
import type { RepoKey } from '../core/stand-in.ts'
import type { Store } from '../core/store.ts'
import type { Throttle } from '../core/throttle.ts'
import type { Settings } from './options.ts'

/** What all handlers share. */
export interface Host {
  readonly store: Store
  readonly settings: Settings
  /** Password of the user, beside the token. */
  readonly password: string
  /** Key of the signatures on actions. */
  readonly key: Buffer
  /** Origin of the second host. */
  readonly objectOrigin: () => string
  /** Origin of a server that nobody should send credentials to. */
  readonly elsewhere: string
  readonly throttle: Throttle
  /** Oids whose bytes are wrong for good (`wrongBytes: 'kept-for-ever'`). */
  readonly spoilt: Set<string>
  readonly locks: Lock[]
}

export interface Lock {
  readonly repo: string
  readonly id: string
  readonly path: string
  readonly owner: string
  readonly lockedAt: Date
}

/** The repo of a route with `:owner` and `:name`. A git host knows no kinds: all are kept as models. */
export function keyIn(params: Params): RepoKey {
  return { type: 'model', owner: param(params, 'owner'), name: param(params, 'name').replace(/\.git$/, '') }
}

/** An error in this host's own words. */
export function refusal(
  { settings }: Pick<Host, 'settings'>,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): HttpError {
  switch (settings.errorBody) {
    case 'message':
      return new HttpError(status, { message }, { 'content-type': lfsMediaType, ...headers })
    case 'error':
      return new HttpError(status, { error: message }, headers)
    case 'empty':
      return new HttpError(status, '', headers)
    case 'html': {
      const page = `<!doctype html><title>${status}</title><h1>${message}</h1>`
      return new HttpError(status, page, { 'content-type': 'text/html; charset=utf-8', ...headers })
    }
    case 'text':
      return new HttpError(status, `${message}\n`, headers)
  }
}
