import { credentialsOf, type Exchange, HttpError } from '../core/server.ts'
import { type Account, accountOf, type Store } from '../core/store.ts'
import { hubError, v5Error } from './wire.ts'

/**
 * Who calls V5: `PRIVATE-TOKEN`, Bearer, `?access_token=`, or the bare token in Authorization. `Authorization: token x`
 * reads, and fails every write with words of its own. Undefined: nobody.
 */
export function v5Caller(store: Store, { req, query, method }: Exchange): Account | undefined {
  const { authorization = '', 'private-token': header } = req.headers
  const [, scheme = '', value = authorization] = /^(\S+) +(\S+)$/.exec(authorization) ?? []
  const isReading = method === 'GET' || method === 'HEAD'
  if (scheme.toLowerCase() === 'token' && !isReading) throw v5Error(404, 'UN_KNOW', '404, token not found')
  const token = (typeof header === 'string' ? header : undefined) ?? query.get('access_token') ?? value
  if (token === '') return undefined
  const account = scheme.toLowerCase() === 'basic' ? undefined : accountOf(store, token)
  if (!account) throw new HttpError(401, { message: '401 Unauthorized' })
  return account
}

/** Who calls the hub host: Bearer only. A token nobody knows is refused even where none is needed. */
export function hubCaller(store: Store, { req }: Exchange): Account | undefined {
  const given = credentialsOf(req)
  if (given.kind === 'none') return undefined
  const account = given.kind === 'bearer' ? accountOf(store, given.token) : undefined
  if (!account) throw hubError(401, 'Invalid credentials in Authorization header')
  return account
}

/** Who uses git or LFS: Basic with any user name and the token as password; LFS takes Bearer too. */
export function gitCaller(store: Store, { req }: Exchange, isLfs: boolean): Account | undefined {
  const given = credentialsOf(req)
  if (given.kind === 'none') return undefined
  const token =
    given.kind === 'basic' ? given.password : given.kind === 'bearer' && isLfs ? given.token : undefined
  const account = accountOf(store, token)
  if (!account) throw loginWanted('HTTP Basic: Access denied')
  return account
}

export function loginWanted(message: string): HttpError {
  return new HttpError(401, message, { 'www-authenticate': 'Basic realm="GitCode"' })
}
