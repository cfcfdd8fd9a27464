import type { Exchange } from '../core/server.ts'
import { hubError } from './errors.ts'

/** Rows of one page, and the headers that lead to the next one. */
export interface Page<T> {
  readonly rows: T[]
  readonly headers: Readonly<Record<string, string>>
}

/** Cuts the page a `cursor` asks for; the Link is absolute and made of the Host header, as live. */
export function pageOf<T>(exchange: Exchange, all: readonly T[], size: number): Page<T> {
  const start = startOf(exchange.query.get('cursor'))
  const end = start + size
  const rows = all.slice(start, end)
  if (end >= all.length) return { rows, headers: {} }
  const query = new URLSearchParams(exchange.query)
  query.set('cursor', Buffer.from(JSON.stringify({ at: end })).toString('base64url'))
  return { rows, headers: { link: `<${exchange.origin}${exchange.path}?${query}>; rel="next"` } }
}

function startOf(cursor: string | null): number {
  if (cursor === null) return 0
  const match = /^\{"at":(\d+)\}$/.exec(Buffer.from(cursor, 'base64url').toString())
  if (!match) throw hubError(400, 'Invalid cursor')
  return Number(match[1])
}
