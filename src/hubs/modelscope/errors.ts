import type { SyncError } from '../../model/errors.ts'
import type { FailedAnswer } from '../../net/status-error.ts'
import { type ErrorRow, errorByTable, type Failure, failureWords, readFailure } from '../error-table.ts'

/** Where the hub's token belongs. */
interface Asker {
  readonly tokenAdvice: string | undefined
}

const firewall =
  'Use the www. form of the endpoint (https://www.modelscope.cn): the bare one is behind a firewall.'
const noRight = 'Check that the token may do this: this hub answers like this when it may not.'
const noToken = ({ tokenAdvice }: Asker) => tokenAdvice ?? 'Check the token of this hub.'

/**
 * First match wins; commit failures share the code 10030000001, so their words decide. Sources: modelscope_hub errors.py and
 * _upload.py, modelscope#1793, measurements by others (docs/hubs.md).
 */
const rows: readonly ErrorRow<Asker>[] = [
  // Seen while the hub's database was overloaded, under the very code for "does not exist".
  { code: 'unavailable', words: /error 1461/i },
  { code: 'not-found', codes: [10010205001, 10990101007, 10990101004], words: /record not found/i },
  { code: 'forbidden', codes: [10010200001], next: noRight },
  { code: 'conflict', codes: [10010101001, 10020101001, 10010202004], words: /已被注册/ },
  { code: 'refused', codes: [10010202008] },
  { code: 'unauthorized', words: /user not logged in/i, next: noToken },
  { code: 'busy', words: /commit lock busy|could not update refs/i },
  { code: 'conflict', words: /branch changed/i, next: 'Someone else wrote to it: run again.' },
  { code: 'rate-limited', words: /frequency limit/i },
  {
    code: 'refused',
    words: /rejected by repository policy/i,
    next: 'It may be too soon after the last commit.',
  },
  { code: 'too-large', words: /exceeds actions limit/i },
  // Comes and goes for datasets that can be read (MS SDK retries it, too).
  { code: 'forbidden', words: /无权访问该数据集/, next: noRight, retryable: true },
  { code: 'forbidden', words: /don't have permission|no write permission/i, next: noRight },
  { code: 'refused', words: /YUNWAF/, next: firewall },
]

/** The envelope's code and words as an error; undefined leaves it to the status. `what` names the hub or repo, `tokenAdvice` where its token belongs. */
export function modelScopeError(
  reply: FailedAnswer,
  what: string,
  tokenAdvice?: string,
): SyncError | undefined {
  return errorByTable(rows, failureOf(reply), `${what}: ${hubWords(reply)}`, { tokenAdvice })
}

/** True if the hub's own words say that there is no such thing; its 404s without them can mean anything. */
export function saysAbsent(reply: FailedAnswer): boolean {
  return reply.status === 404 && modelScopeError(reply, '')?.code === 'not-found'
}

/** What the hub said, for a message. */
export function hubWords(reply: FailedAnswer): string {
  return failureWords(failureOf(reply), 'code ')
}

function failureOf(reply: FailedAnswer): Failure {
  return readFailure(reply, ({ Code, Message, message }) => ({
    code: typeof Code === 'number' ? Code : undefined,
    message: String(Message ?? message ?? ''),
  }))
}
