import { SyncError } from '../../model/errors.ts'
import type { FailedAnswer } from '../../net/status-error.ts'
import { type ErrorRow, errorByTable, type Failure, failureWords, readFailure } from '../error-table.ts'
import { tokensUrl } from './urls.ts'

/** Whether there is a token, the environment variable it belongs into, and the page it comes from. */
export interface Account {
  readonly hasToken: boolean
  readonly tokenVariable: string
  readonly endpoint: string
}

const again = 'Run again in a minute.'

/**
 * Statuses and codes of the envelope that mean an error of ours. Source: merlin-server common/controller/error.go, the file service's
 * codes.
 */
const rows: readonly ErrorRow<Account>[] = [
  { code: 'unauthorized', statuses: [401], codes: ['access_token_invalid'], next: tokenAdvice },
  { code: 'forbidden', codes: ['no_permission'], next: rightAdvice },
  {
    code: 'refused',
    statuses: [418],
    next: 'The firewall in front of the hub refuses this computer or this request; try from another network.',
  },
  { code: 'conflict', codes: ['duplicate_creating'], retryable: false },
  {
    code: 'forbidden',
    codes: ['user_no_email'],
    next: 'Bind an e-mail address to the account on the hub: it wants one before anything is written.',
  },
  {
    code: 'forbidden',
    codes: ['disagreed_privacy'],
    next: "Sign in on the hub's web site and agree to its privacy terms.",
  },
  {
    code: 'refused',
    codes: ['count_exceeded'],
    next: "The owner's quota is used up: delete repos there, or ask the hub for more.",
  },
  {
    code: 'refused',
    codes: ['resource_disabled'],
    next: 'The hub has disabled this repo: its page says why.',
  },
  {
    code: 'refused',
    codes: ['sensitive_not_pass'],
    next: "The hub's moderation refuses a name or text: rename it, or ask the hub.",
  },
  { code: 'busy', codes: ['concurrent_updating'], next: again },
  { code: 'rate-limited', codes: ['rate_limit_over'], next: `${again} Or lower rate-limit of this hub.` },
  { code: 'unavailable', codes: ['system_error'] },
  {
    code: 'refused',
    codes: ['bad_request_param', 'bad_request_body'],
    next: 'Check the name of the repo and its owner.',
  },
]

/** Codes of what does not exist, or is hidden from this caller: the hub tells no difference. */
const absentRepo = ['model_not_found', 'dataset_not_found', 'space_not_found', 'repo_not_found']
const absentRevision = ['ref_not_exist', 'branch_or_path_not_found', 'branch_not_exist', 'empty_repo']

/** The envelope's code as an error; undefined leaves it to the status. `what` names the hub or repo. */
export function modelersError(reply: FailedAnswer, what: string, account: Account): SyncError | undefined {
  const says = `${what}: ${hubWords(reply)}`
  const known = errorByTable(rows, failureOf(reply), says, account)
  if (known !== undefined || account.hasToken || !saysRepoAbsent(reply)) return known
  const next = `It is absent or not public: set ${account.tokenVariable} to a token that may read it.`
  return new SyncError('unauthorized', says, { status: reply.status, next })
}

function tokenAdvice({ hasToken, tokenVariable, endpoint }: Account): string {
  if (!hasToken) return `Set ${tokenVariable} to a token from ${tokensUrl(endpoint)}.`
  return `Check the token in ${tokenVariable}; new ones are made at ${tokensUrl(endpoint)}.`
}

/** What the hub answers for a token that has expired is the same as for one that may not. */
export function rightAdvice({ tokenVariable, endpoint }: Account): string {
  return `The token in ${tokenVariable} has expired or may not do this: make one with the permission "write" at ${tokensUrl(endpoint)}, with an account that may write for this owner.`
}

/** True if the hub says that the repo does not exist. To a caller without a token it says so of hidden ones as well. */
export function saysRepoAbsent(reply: FailedAnswer): boolean {
  return saysOneOf(reply, absentRepo)
}

/** True if the hub says that there is no such branch, commit or folder, or no such repo. */
export function saysRevisionAbsent(reply: FailedAnswer): boolean {
  return saysOneOf(reply, [...absentRevision, ...absentRepo])
}

/** True for a path that is listed as a folder and is none. */
export function saysNoFolder(reply: FailedAnswer): boolean {
  return saysOneOf(reply, ['not_dir'])
}

function saysOneOf(reply: FailedAnswer, codes: readonly string[]): boolean {
  const { code } = failureOf(reply)
  return reply.status === 404 && typeof code === 'string' && codes.includes(code)
}

/** What the hub said, for a message. */
export function hubWords(reply: FailedAnswer): string {
  return failureWords(failureOf(reply), '')
}

function failureOf(reply: FailedAnswer): Failure {
  return readFailure(reply, ({ code, msg }) => ({
    code: typeof code === 'string' && code !== '' ? code : undefined,
    message: typeof msg === 'string' ? msg : '',
  }))
}
