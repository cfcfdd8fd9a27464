import { type ErrorCode, type ErrorDetails, SyncError } from '../../model/errors.ts'
import { printable } from '../../model/printable.ts'
import type { FailedAnswer } from '../../net/status-error.ts'
import { failedFields, pageWords } from '../failed-body.ts'

interface Row {
  readonly code: ErrorCode
  /** Of the answer or of its `error_code`: the two need not agree. */
  readonly statuses?: readonly number[]
  readonly words?: RegExp
  readonly details?: ErrorDetails
}

const noSpace =
  'The LFS space of this repo is used up (100 GiB where it was met). Remove what is not needed there, or ask the hub for more.'

/** First match wins. Sources: docs.gitcode.com (V5), atomgit 1.0.17, messages that users met (docs/hubs.md). */
const rows: readonly Row[] = [
  {
    code: 'too-large',
    statuses: [413, 507, 509],
    words: /insufficient lfs space/i,
    details: { next: noSpace, retryable: false },
  },
  {
    code: 'refused',
    statuses: [418],
    words: /CloudWAF/i,
    details: { next: "The hub's firewall stopped the request: run again later, or from another network." },
  },
  {
    code: 'unauthorized',
    statuses: [401],
    words: /401 unauthorized|token not found/i,
    details: { next: 'Check the token of this hub: it may have expired.' },
  },
  { code: 'conflict', statuses: [409], words: /already exist|已存在/i },
  {
    code: 'refused',
    words: /url unreachable/i,
    details: {
      next: 'The hub cannot reach the source: use transport: auto, which goes through this machine.',
    },
  },
  {
    code: 'forbidden',
    statuses: [403],
    words: /403 forbidden|has(n't| not| no) permission/i,
    details: { next: 'Check what the token of this hub is allowed to do.' },
  },
  { code: 'rate-limited', statuses: [429] },
  { code: 'not-found', statuses: [404] },
  { code: 'unavailable', statuses: [500, 502, 503, 504] },
]

/** What status, `error_code` and words of an answer mean; undefined leaves it to the status. `what` names the hub or repo, `tokenAdvice` where its token belongs. */
export function gitcodeError(reply: FailedAnswer, what: string, tokenAdvice?: string): SyncError | undefined {
  const { code, message } = bodyOf(reply.body)
  const row = rows.find(
    ({ statuses = [], words }) =>
      statuses.includes(reply.status) ||
      (code !== undefined && statuses.includes(code)) ||
      words?.test(message) === true,
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

/** True if the hub itself says that there is no such repo, and not that a token or an address is none. */
export function saysAbsent(reply: FailedAnswer): boolean {
  const { name, message } = bodyOf(reply.body)
  return reply.status === 404 && name === 'UN_KNOW' && !/token/i.test(message)
}

/** What the hub said, for a message. */
export function hubWords(reply: FailedAnswer): string {
  const { code, message } = bodyOf(reply.body)
  const number = code === undefined || code === reply.status ? '' : ` (error_code ${code})`
  return `the hub answered ${reply.status}${number}: ${printable(message.slice(0, 300)) || 'no reason given'}.`
}

interface ErrorBody {
  readonly code: number | undefined
  readonly name: string | undefined
  readonly message: string
}

/** `{error_code, error_code_name, error_message}` as a rule; `{message}` or `{error}` from the gateway in front; or a page. */
function bodyOf(body: Buffer): ErrorBody {
  const fields = failedFields(body)
  if (fields === undefined) return { code: undefined, name: undefined, message: pageWords(body) }
  const { error_code: code, error_code_name: name, error_message, message, error } = fields
  const words = [error_message, message, error].find((one) => typeof one === 'string' && one !== '')
  return {
    code: typeof code === 'number' ? code : undefined,
    name: typeof name === 'string' ? name : undefined,
    message: typeof words === 'string' ? words : '',
  }
}
