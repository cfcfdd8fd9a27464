import type { IncomingHttpHeaders } from 'node:http'
import { type Account, accountOf, type Store } from '../core/store.ts'

/**
 * Who writes by `/api/v1`: the token must come both as Bearer and as the cookie `m_session_id`; with one of them alone
 * the hub says "user not logged in".
 */
export function writerOf(store: Store, headers: IncomingHttpHeaders): Account | undefined {
  const token = bearerOf(headers)
  return token !== undefined && token === sessionOf(headers) ? accountOf(store, token) : undefined
}

/** Who reads by `/api/v1`; a token nobody knows counts as none at all. */
export function readerOf(store: Store, headers: IncomingHttpHeaders): Account | undefined {
  return accountOf(store, bearerOf(headers)) ?? accountOf(store, sessionOf(headers))
}

/** Who calls `/openapi/v1`: Bearer only. */
export function openApiCaller(store: Store, headers: IncomingHttpHeaders): Account | undefined {
  return accountOf(store, bearerOf(headers))
}

/** Who uses git: Basic, `oauth2:TOKEN` or `username:TOKEN`. */
export function gitUserOf(store: Store, headers: IncomingHttpHeaders): Account | undefined {
  const encoded = /^Basic +([\w+/=-]+)$/i.exec(headers.authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const [, user, token] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? []
  const account = accountOf(store, token)
  return account && (user === 'oauth2' || user === account.username) ? account : undefined
}

function bearerOf(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
}

function sessionOf(headers: IncomingHttpHeaders): string | undefined {
  const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim())
  return cookies.find((cookie) => cookie.startsWith('m_session_id='))?.slice('m_session_id='.length)
}
