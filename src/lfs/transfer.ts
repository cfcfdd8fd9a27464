import { SyncError } from '../model/errors.ts'
import type { ByteStream, LfsObject } from '../model/file.ts'
import { printable } from '../model/printable.ts'
import type { Purpose } from '../model/profile.ts'
import type { Answer, Http } from '../net/http.ts'
import { type Action, eitherWay } from './action.ts'
import { lfsMediaType } from './batch.ts'
import { createVerifier, type Sample, verifiedStream } from './verified-stream.ts'

/** One object on its way to a store that asked for it. */
export interface Delivery {
  readonly http: Http
  readonly object: LfsObject
  /** Opens the object's bytes from a position; more or fewer than the object has are possible. */
  readonly read: (start: number) => ByteStream
  /** Seconds the store may take nothing. */
  readonly stallTimeout: number
}

/** The `basic` transfer: one PUT of the whole object through the hold-back gate, sent as `purpose` of the action's. */
export async function putWhole(delivery: Delivery, to: Action, purpose: Purpose): Promise<Sample> {
  const { http, object, stallTimeout } = delivery
  const outcome: { sample?: Sample } = {}
  const body = verifiedStream(delivery.read(0), createVerifier(object), (sample) => {
    outcome.sample = sample
  })
  const answer = await http.put({
    url: to.href,
    purpose,
    headers: { 'content-type': 'application/octet-stream', ...to.headers },
    length: object.size,
    body,
    stallTimeout,
  })
  checkPutAnswer(answer)
  if (outcome.sample === undefined) {
    throw new SyncError('unavailable', `${answer.url.host} took an upload before all of it was sent.`)
  }
  return outcome.sample
}

/** Asks the store to check an object it was sent. Source: git-lfs docs/api/basic-transfers.md. */
export async function verifyUpload(http: Http, object: LfsObject, verify: Action): Promise<void> {
  const body = { oid: object.oid, size: object.size }
  await eitherWay(verify, (purpose) => postJson(http, verify, purpose, body))
}

/** A POST in the words of LFS, sent once; `headersTimeout` in milliseconds. */
export async function postJson(
  http: Http,
  to: Action,
  purpose: Purpose,
  body: unknown,
  headersTimeout = 60_000,
): Promise<void> {
  await http.send({
    url: to.href,
    method: 'POST',
    purpose,
    headers: { accept: lfsMediaType, 'content-type': lfsMediaType, ...to.headers },
    body: JSON.stringify(body),
    headersTimeout,
  })
}

/** ModelScope says no with status 200 and a `Code` of its own; an empty body is success (docs/hubs.md). */
function checkPutAnswer(answer: Answer): void {
  if (answer.body.length === 0 || !/\bjson\b/i.test(answer.headers['content-type'] ?? '')) return
  const body = answer.json()
  if (typeof body !== 'object' || body === null || !('Code' in body) || body.Code === 200) return
  const said = 'Message' in body ? printable(String(body.Message)).slice(0, 300) : 'no reason given'
  throw new SyncError('unavailable', `${answer.url.host} did not keep an upload: ${said}.`, {
    status: answer.status,
  })
}
