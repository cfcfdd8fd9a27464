import type { LfsObject } from '../model/file.ts'
import { type Action, badAction, checkedHref, headerLines, parseAction } from './action.ts'

/** How a store wants an object: in one request, or in parts that a last request makes one object of. */
export type Upload =
  | { readonly kind: 'whole'; readonly to: Action }
  | { readonly kind: 'parts'; readonly parts: readonly Part[]; readonly completion: Completion }

/** A run of an object's bytes. `stored`: the store has it from an upload that broke off. */
export type Part =
  | { readonly kind: 'send'; readonly start: number; readonly size: number; readonly to: Action }
  | { readonly kind: 'stored'; readonly start: number; readonly size: number; readonly etag: string }

export interface Completion {
  readonly to: Action
  /** Its JSON body; `etags` of all parts in order, as the store gave them. */
  readonly body: (etags: readonly string[]) => unknown
}

/**
 * What a batch answer offers for an upload, or undefined if nothing. Which dialect it is shows in the answer: `actions.parts`
 * is Modelers', `chunk_size` in the header of `upload` Hugging Face's, else `upload` is one PUT. Throws `bad-answer`.
 */
export function parseUpload(actions: object, object: LfsObject, lfsUrl: string): Upload | undefined {
  if ('parts' in actions && Array.isArray(actions.parts)) {
    return listedParts(actions.parts, 'verify' in actions ? actions.verify : undefined, lfsUrl)
  }
  const value = 'upload' in actions ? actions.upload : undefined
  const to = parseAction(value, lfsUrl, 'transfer')
  if (to === undefined || typeof value !== 'object' || value === null) return undefined
  return numberedParts(to, headerLines(value), object, lfsUrl) ?? { kind: 'whole', to }
}

/** `chunk_size` and `00001`, `00002` … in the header of an upload action. Source: huggingface_hub lfs.py. */
function numberedParts(
  to: Action,
  lines: readonly (readonly [string, string])[],
  { oid, size: total }: LfsObject,
  lfsUrl: string,
): Upload | undefined {
  const size = Number(lines.find(([name]) => name === 'chunk_size')?.[1])
  if (!Number.isSafeInteger(size) || size <= 0) return undefined
  const numbered = lines
    .filter(([name]) => /^\d{1,6}$/.test(name))
    .map(([name, href]) => [Number(name), href] as const)
    .sort(([a], [b]) => a - b)
  const parts = numbered.map(([number, href], index): Part => {
    if (number !== index + 1) throw badAction('leaves out parts')
    const start = index * size
    return { kind: 'send', start, size: Math.min(size, total - start), to: signed(href, lfsUrl) }
  })
  const body = (etags: readonly string[]) => ({
    oid,
    parts: etags.map((etag, index) => ({ partNumber: index + 1, etag })),
  })
  return { kind: 'parts', parts, completion: { to, body } }
}

/**
 * `parts: [{index, pos, size, href, headers}]`, with `etag` and without `href` where the store has the part, and a `verify` with
 * `params` for its query. Source: openmind-hub 1.3.0 lfs.py; Modelers' fork of Gitea.
 */
function listedParts(rows: readonly unknown[], verify: unknown, lfsUrl: string): Upload {
  const to = parseAction(verify, lfsUrl, 'lfs')
  // Without a last word nothing would hold wrong bytes back.
  if (to === undefined) throw badAction('is that of parts which nothing completes')
  const params = fieldOf(verify, 'params')
  const href = withQuery(to.href, params)
  const sorted = rows.toSorted((a, b) => numberOf(a, 'index') - numberOf(b, 'index'))
  let start = 0
  const parts = sorted.map((row, index): Part => {
    const size = numberOf(row, 'size')
    const isNext = numberOf(row, 'index') === index + 1 && (fieldOf(row, 'pos') ?? start) === start
    if (!isNext || !Number.isSafeInteger(size)) throw badAction('leaves out parts')
    const part = { start, size }
    start += size
    return { ...part, ...destinationOf(row, lfsUrl) }
  })
  const body = (etags: readonly string[]) => ({
    upload_id: fieldOf(params, 'upload_id'),
    part_ids: etags.map((etag, index) => ({ index: index + 1, etag: etag.replaceAll('"', '') })),
  })
  return { kind: 'parts', parts, completion: { to: { ...to, href }, body } }
}

/** Only added to: what is there may be signed letter by letter. */
function withQuery(href: string, params: unknown): string {
  const lines = typeof params === 'object' && params !== null ? Object.entries(params) : []
  if (lines.length === 0) return href
  const url = new URL(href)
  const query = new URLSearchParams(lines.map(([name, value]): [string, string] => [name, String(value)]))
  url.search = url.search === '' ? `${query}` : `${url.search}&${query}`
  return url.href
}

function destinationOf(row: unknown, lfsUrl: string) {
  const [href, etag] = [fieldOf(row, 'href'), fieldOf(row, 'etag')]
  if (typeof href === 'string') {
    const headers = parseAction(row, lfsUrl, 'signed')?.headers ?? {}
    return { kind: 'send', to: { ...signed(href, lfsUrl), headers } } as const
  }
  if (typeof etag !== 'string') throw badAction('is missing for a part')
  return { kind: 'stored', etag } as const
}

/** Addresses of parts are signed for themselves. Source: huggingface_hub lfs.py, openmind-hub lfs.py. */
function signed(href: string, lfsUrl: string): Action {
  return { href: checkedHref(href, lfsUrl), headers: {}, purposes: ['signed'] }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined
}

function numberOf(value: unknown, name: string): number {
  const field = fieldOf(value, name)
  return typeof field === 'number' ? field : Number.NaN
}
