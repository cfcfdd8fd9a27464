import { SyncError } from '../model/errors.ts'
import type { LfsObject } from '../model/file.ts'
import { printable } from '../model/printable.ts'
import type { LfsProfile } from '../model/profile.ts'
import type { Answer, Http } from '../net/http.ts'
import { type Action, parseAction } from './action.ts'
import { parseUpload, type Upload } from './upload.ts'

export type Operation = 'upload' | 'download'

/** What a store says of one object. */
export interface BatchEntry extends LfsObject {
  readonly upload?: Upload
  readonly download?: Action
  readonly verify?: Action
  readonly error?: { readonly code: number; readonly message: string }
}

export interface BatchOptions {
  /** False where the caller itself tries again: the request is then sent once. Default true. */
  readonly retried?: boolean
}

/** Media type of LFS requests. Source: git-lfs docs/api/batch.md; one host insists on it in `Accept`. */
export const lfsMediaType = 'application/vnd.git-lfs+json'

/**
 * Asks a store about objects, `profile.batchSize` at a time, and returns one entry per object in the same order. Takes what is
 * seen in the wild: no `transfer`, `actions: null`, an error inside `actions`, `header: null`, 404 for a batch of which nothing is
 * there, Modelers' envelope. Source: git-lfs docs/api/batch.md, docs/hubs.md. Throws what the request throws, and `bad-answer`.
 */
export async function lfsBatch(
  http: Http,
  lfsUrl: string,
  profile: LfsProfile,
  operation: Operation,
  objects: readonly LfsObject[],
  options: BatchOptions = {},
): Promise<BatchEntry[]> {
  const entries: BatchEntry[] = []
  for (let from = 0; from < objects.length; from += profile.batchSize) {
    const chunk = objects.slice(from, from + profile.batchSize)
    const answer = await http.send({
      url: `${lfsUrl}/objects/batch`,
      method: 'POST',
      purpose: 'lfs',
      idempotent: options.retried ?? true,
      headers: { accept: lfsMediaType, 'content-type': lfsMediaType },
      body: JSON.stringify(requestOf(profile, operation, chunk)),
      accept: operation === 'download' ? [404] : [],
    })
    entries.push(...entriesOf(answer, lfsUrl, profile, chunk))
  }
  return entries
}

function requestOf(profile: LfsProfile, operation: Operation, objects: readonly LfsObject[]): object {
  const wanted = objects.map(({ oid, size }) => ({ oid, size }))
  if (profile.envelope === 'modelscope') return { operation, objects: wanted }
  const transfers = profile.transfers.length === 0 ? {} : { transfers: profile.transfers }
  // No `ref`: an empty one is refused by some, and none needs it.
  return { operation, ...transfers, objects: wanted, hash_algo: 'sha256' }
}

function entriesOf(
  answer: Answer,
  lfsUrl: string,
  profile: LfsProfile,
  objects: readonly LfsObject[],
): BatchEntry[] {
  if (answer.status === 404) {
    return objects.map((object) => ({ ...object, error: { code: 404, message: 'not found' } }))
  }
  const rows = rowsOf(answer, profile)
  return objects.map((object) => {
    const row = rows.get(object.oid)
    if (row !== undefined) return entryOf(row, object, lfsUrl)
    // ModelScope leaves out what it has; elsewhere an object that is left out is one we know nothing of.
    if (profile.envelope === 'modelscope') return { ...object }
    return { ...object, error: { code: 0, message: 'the answer leaves this object out' } }
  })
}

type Row = Readonly<Record<string, unknown>>

function rowsOf(answer: Answer, profile: LfsProfile): ReadonlyMap<string, Row> {
  const body = recordOf(answer.json())
  // Modelers' API wraps in `data` what its git address answers as it is.
  const holder = profile.envelope === 'modelscope' ? successOf(body, answer) : (recordOf(body?.data) ?? body)
  // ModelScope sends `null` for "no object is missing".
  const objects =
    holder?.objects ?? (profile.envelope === 'modelscope' && holder !== undefined ? [] : undefined)
  if (!Array.isArray(objects)) throw badBatch(answer, 'holds no list of objects')
  const rows = new Map<string, Row>()
  for (const object of objects) {
    const row = recordOf(object)
    if (typeof row?.oid === 'string') rows.set(row.oid, row)
  }
  return rows
}

/** `Data` of ModelScope's envelope; success is Code 200 and Success true (docs/hubs.md). */
function successOf(body: Row | undefined, answer: Answer): Row | undefined {
  if (body === undefined || body.Success === false || (body.Code !== undefined && body.Code !== 200)) {
    throw badBatch(answer, `says ${printable(String(body?.Message ?? 'nothing')).slice(0, 300)}`)
  }
  return recordOf(body.Data)
}

function entryOf(row: Row, object: LfsObject, lfsUrl: string): BatchEntry {
  const actions = recordOf(row.actions) ?? {}
  const error = errorOf(row.error) ?? errorOf(actions.error)
  const upload = parseUpload(actions, object, lfsUrl)
  const download = parseAction(actions.download, lfsUrl, 'transfer')
  // Of parts it is the request that completes them.
  const verify = upload?.kind === 'parts' && 'parts' in actions ? undefined : actions.verify
  const check = parseAction(verify, lfsUrl, 'lfs')
  const known = row.authenticated === true ? authenticated : (action: Action) => action
  return {
    ...object,
    ...(upload === undefined
      ? {}
      : { upload: upload.kind === 'whole' ? { ...upload, to: known(upload.to) } : upload }),
    ...(download === undefined ? {} : { download: known(download) }),
    ...(check === undefined ? {} : { verify: check }),
    ...(error === undefined ? {} : { error }),
  }
}

/**
 * `authenticated: true` says that the object's addresses want no credentials of the caller's (git-lfs docs/api/batch.md). `verify`
 * is left out: Hugging Face wants its token there, and its own client sends it always (huggingface_hub lfs.py).
 */
function authenticated(action: Action): Action {
  return { ...action, purposes: ['signed'] }
}

function errorOf(value: unknown): BatchEntry['error'] | undefined {
  const row = recordOf(value)
  if (row === undefined) return undefined
  const message = typeof row.message === 'string' ? printable(row.message).slice(0, 300) : 'no reason given'
  return { code: Number(row.code) || 0, message }
}

function recordOf(value: unknown): Row | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}

function badBatch(answer: Answer, what: string): SyncError {
  return new SyncError(
    'bad-answer',
    `The LFS batch answer of ${answer.url.host}${answer.url.pathname} ${what}.`,
    {
      status: answer.status,
    },
  )
}
