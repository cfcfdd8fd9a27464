import { type ErrorCode, type ErrorDetails, SyncError } from '../../model/errors.ts'
import { printable } from '../../model/printable.ts'
import type { FailedAnswer } from '../../net/status-error.ts'
import { failedFields, pageWords } from '../failed-body.ts'

interface Row {
  readonly code: ErrorCode
  /** Codes of the envelope; commit failures share 10030000001, so their words decide. */
  readonly codes?: readonly number[]
  readonly words?: RegExp
  readonly details?: ErrorDetails
}

const firewall =
  'Use the www. form of the endpoint (https://www.modelscope.cn): the bare one is behind a firewall.'
const noRight = 'Check that the token may do this: this hub answers like this when it may not.'

/** First match wins. Sources: modelscope_hub errors.py and _upload.py, modelscope#1793, measurements by others (docs/hubs.md). */
const rows: readonly Row[] = [
  // Seen while the hub's database was overloaded, under the very code for "does not exist".
  { code: 'unavailable', words: /error 1461/i },
  { code: 'not-found', codes: [10010205001, 10990101007, 10990101004], words: /record not found/i },
  { code: 'forbidden', codes: [10010200001], details: { next: noRight } },
  { code: 'conflict', codes: [10010101001, 10020101001, 10010202004], words: /已被注册/ },
  { code: 'refused', codes: [10010202008] },
  { code: 'unauthorized', words: /user not logged in/i, details: { next: 'Check the token of this hub.' } },
  { code: 'busy', words: /commit lock busy|could not update refs/i },
  { code: 'conflict', words: /branch changed/i, details: { next: 'Someone else wrote to it: run again.' } },
  { code: 'rate-limited', words: /frequency limit/i },
  {
    code: 'refused',
    words: /rejected by repository policy/i,
    details: { next: 'It may be too soon after the last commit.' },
  },
  { code: 'too-large', words: /exceeds actions limit/i },
  // Comes and goes for datasets that can be read (MS SDK retries it, too).
  { code: 'forbidden', words: /无权访问该数据集/, details: { retryable: true, next: noRight } },
  { code: 'forbidden', words: /don't have permission|no write permission/i, details: { next: noRight } },
  { code: 'refused', words: /YUNWAF/, details: { next: firewall } },
]

/** The envelope's code and words as an error; undefined leaves it to the status. `what` names the hub or repo, `tokenAdvice` where its token belongs. */
export function modelScopeError(
  reply: FailedAnswer,
  what: string,
  tokenAdvice?: string,
): SyncError | undefined {
  const { code, message } = envelopeOf(reply.body)
  const row = rows.find(
    ({ codes, words }) => (code !== undefined && codes?.includes(code)) || words?.test(message) === true,
  )
  if (row === undefined) return undefined
  const retryAfter = Number(reply.headers['retry-after'])
  return new SyncError(row.code, `${what}: ${hubWords(reply)}`, {
    ...row.details,
    ...(row.code === 'unauthorized' && tokenAdvice !== undefined ? { next: tokenAdvice } : {}),
    status: reply.status,
    ...(retryAfter > 0 ? { retryAfter } : {}),
  })
}

/** True if the hub's own words say that there is no such thing; its 404s without them can mean anything. */
export function saysAbsent(reply: FailedAnswer): boolean {
  return reply.status === 404 && modelScopeError(reply, '')?.code === 'not-found'
}

/** What the hub said, for a message. */
export function hubWords(reply: FailedAnswer): string {
  const { code, message } = envelopeOf(reply.body)
  const number = code === undefined ? '' : ` (code ${code})`
  return `the hub answered ${reply.status}${number}: ${printable(message.slice(0, 300)) || 'no reason given'}.`
}

function envelopeOf(body: Buffer): { code: number | undefined; message: string } {
  const fields = failedFields(body)
  if (fields === undefined) return { code: undefined, message: pageWords(body) }
  const { Code, Message, message } = fields
  return { code: typeof Code === 'number' ? Code : undefined, message: String(Message ?? message ?? '') }
}
