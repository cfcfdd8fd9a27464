import type { SyncError } from '../../model/errors.ts'
import type { FailedAnswer } from '../../net/status-error.ts'
import { type ErrorRow, errorByTable, type Failure, failureWords, readFailure } from '../error-table.ts'
import { failedFields } from '../failed-body.ts'

/** Where the hub's token belongs. */
interface Asker {
  readonly tokenAdvice: string | undefined
}

/** A row for a status of the answer or of its `error_code`: the two need not agree. */
function either(statuses: readonly number[]): Pick<ErrorRow<Asker>, 'statuses' | 'codes'> {
  return { statuses, codes: statuses }
}

/** First match wins. Sources: docs.gitcode.com (V5), atomgit 1.0.17, messages that users met (docs/hubs.md). */
const rows: readonly ErrorRow<Asker>[] = [
  {
    code: 'too-large',
    ...either([413, 507, 509]),
    words: /insufficient lfs space/i,
    next: 'The LFS space of this repo is used up (100 GiB where it was met). Remove what is not needed there, or ask the hub for more.',
    retryable: false,
  },
  {
    code: 'refused',
    ...either([418]),
    words: /CloudWAF/i,
    next: "The hub's firewall stopped the request: run again later, or from another network.",
  },
  {
    code: 'unauthorized',
    ...either([401]),
    words: /401 unauthorized|token not found/i,
    next: ({ tokenAdvice }) => tokenAdvice ?? 'Check the token of this hub: it may have expired.',
  },
  { code: 'conflict', ...either([409]), words: /already exist|已存在/i },
  {
    code: 'refused',
    words: /url unreachable/i,
    next: 'The hub cannot reach the source: use transport: auto, which goes through this machine.',
  },
  {
    code: 'forbidden',
    ...either([403]),
    words: /403 forbidden|has(n't| not| no) permission/i,
    next: 'Check what the token of this hub is allowed to do.',
  },
  { code: 'rate-limited', ...either([429]) },
  { code: 'not-found', ...either([404]) },
  { code: 'unavailable', ...either([500, 502, 503, 504]) },
]

/** What status, `error_code` and words of an answer mean; undefined leaves it to the status. `what` names the hub or repo, `tokenAdvice` where its token belongs. */
export function gitcodeError(reply: FailedAnswer, what: string, tokenAdvice?: string): SyncError | undefined {
  return errorByTable(rows, failureOf(reply), `${what}: ${hubWords(reply)}`, { tokenAdvice })
}

/** True if the hub itself says that there is no such repo, and not that a token or an address is none. */
export function saysAbsent(reply: FailedAnswer): boolean {
  if (reply.status !== 404 || failedFields(reply.body)?.error_code_name !== 'UN_KNOW') return false
  return !/token/i.test(failureOf(reply).message)
}

/** What the hub said, for a message. */
export function hubWords(reply: FailedAnswer): string {
  const failure = failureOf(reply)
  const code = failure.code === reply.status ? undefined : failure.code
  return failureWords({ ...failure, code }, 'error_code ')
}

function failureOf(reply: FailedAnswer): Failure {
  return readFailure(reply, told)
}

/** `{error_code, error_code_name, error_message}` as a rule; `{message}` or `{error}` from the gateway in front. */
function told({ error_code: code, error_message, message, error }: Readonly<Record<string, unknown>>) {
  const words = [error_message, message, error].find((one) => typeof one === 'string' && one !== '')
  return {
    code: typeof code === 'number' ? code : undefined,
    message: typeof words === 'string' ? words : '',
  }
}
