import { type ErrorCode, type ErrorDetails, SyncError } from '../../model/errors.ts'
import { printable } from '../../model/printable.ts'
import type { FailedAnswer } from '../../net/status-error.ts'
import { failedFields, pageWords } from '../failed-body.ts'
import { tokensUrl } from './urls.ts'

/** Whether there is a token, the environment variable it belongs into, and the page it comes from. */
export interface Account {
  readonly hasToken: boolean
  readonly tokenVariable: string
  readonly endpoint: string
}

interface Row {
  readonly code: ErrorCode
  /** Codes of the envelope. */
  readonly codes: readonly string[]
  readonly details?: Pick<ErrorDetails, 'next' | 'retryable'>
}

const again = 'Run again in a minute.'

/** Codes of the envelope that mean an error of ours whatever the status. Source: merlin-server common/controller/error.go, the file service's codes. */
const rows: readonly Row[] = [
  { code: 'conflict', codes: ['duplicate_creating'], details: { retryable: false } },
  {
    code: 'forbidden',
    codes: ['user_no_email'],
    details: {
      next: 'Bind an e-mail address to the account on the hub: it wants one before anything is written.',
    },
  },
  {
    code: 'forbidden',
    codes: ['disagreed_privacy'],
    details: { next: "Sign in on the hub's web site and agree to its privacy terms." },
  },
  {
    code: 'refused',
    codes: ['count_exceeded'],
    details: { next: "The owner's quota is used up: delete repos there, or ask the hub for more." },
  },
  {
    code: 'refused',
    codes: ['resource_disabled'],
    details: { next: 'The hub has disabled this repo: its page says why.' },
  },
  {
    code: 'refused',
    codes: ['sensitive_not_pass'],
    details: { next: "The hub's moderation refuses a name or text: rename it, or ask the hub." },
  },
  { code: 'busy', codes: ['concurrent_updating'], details: { next: again } },
  {
    code: 'rate-limited',
    codes: ['rate_limit_over'],
    details: { next: `${again} Or lower rate-limit of this hub.` },
  },
  { code: 'unavailable', codes: ['system_error'] },
  {
    code: 'refused',
    codes: ['bad_request_param', 'bad_request_body'],
    details: { next: 'Check the name of the repo and its owner.' },
  },
]

/** Codes of what does not exist, or is hidden from this caller: the hub tells no difference. */
const absentRepo: ReadonlySet<string> = new Set([
  'model_not_found',
  'dataset_not_found',
  'space_not_found',
  'repo_not_found',
])
const absentRevision: ReadonlySet<string> = new Set([
  'ref_not_exist',
  'branch_or_path_not_found',
  'branch_not_exist',
  'empty_repo',
])

/** The envelope's code as an error; undefined leaves it to the status. `what` names the hub or repo. */
export function modelersError(reply: FailedAnswer, what: string, account: Account): SyncError | undefined {
  const { status } = reply
  const { code } = envelopeOf(reply.body)
  const says = `${what}: ${hubWords(reply)}`
  if (code === 'access_token_invalid' || status === 401)
    return new SyncError('unauthorized', says, { status, next: tokenAdvice(account) })
  if (code === 'no_permission')
    return new SyncError('forbidden', says, { status, next: rightAdvice(account) })
  if (status === 418) {
    const next =
      'The firewall in front of the hub refuses this computer or this request; try from another network.'
    return new SyncError('refused', says, { status, next })
  }
  const row = rows.find(({ codes }) => codes.includes(code))
  if (row !== undefined) return new SyncError(row.code, says, { ...row.details, status })
  if (status === 404 && absentRepo.has(code) && !account.hasToken)
    return new SyncError('unauthorized', says, { status, next: strangerAdvice(account) })
  return undefined
}

function tokenAdvice({ hasToken, tokenVariable, endpoint }: Account): string {
  if (!hasToken) return `Set ${tokenVariable} to a token from ${tokensUrl(endpoint)}.`
  return `Check the token in ${tokenVariable}; new ones are made at ${tokensUrl(endpoint)}.`
}

/** What the hub answers for a token that has expired is the same as for one that may not. */
export function rightAdvice({ tokenVariable, endpoint }: Account): string {
  return `The token in ${tokenVariable} has expired or may not do this: make one with the permission "write" at ${tokensUrl(endpoint)}, with an account that may write for this owner.`
}

function strangerAdvice({ tokenVariable }: Account): string {
  return `It is absent or not public: set ${tokenVariable} to a token that may read it.`
}

/** True if the hub says that the repo does not exist. To a caller without a token it says so of hidden ones as well. */
export function saysRepoAbsent(reply: FailedAnswer): boolean {
  return reply.status === 404 && absentRepo.has(envelopeOf(reply.body).code)
}

/** True if the hub says that there is no such branch, commit or folder, or no such repo. */
export function saysRevisionAbsent(reply: FailedAnswer): boolean {
  const { code } = envelopeOf(reply.body)
  return reply.status === 404 && (absentRevision.has(code) || absentRepo.has(code))
}

/** True for a path that is listed as a folder and is none. */
export function saysNoFolder(reply: FailedAnswer): boolean {
  return reply.status === 404 && envelopeOf(reply.body).code === 'not_dir'
}

/** What the hub said, for a message. */
export function hubWords(reply: FailedAnswer): string {
  const { code, message } = envelopeOf(reply.body)
  const named = code === '' ? '' : ` (${printable(code.slice(0, 100))})`
  return `the hub answered ${reply.status}${named}: ${printable(message.slice(0, 300)) || 'no reason given'}.`
}

function envelopeOf(body: Buffer): { code: string; message: string } {
  const fields = failedFields(body)
  if (fields === undefined) return { code: '', message: pageWords(body) }
  const { code, msg } = fields
  return { code: typeof code === 'string' ? code : '', message: typeof msg === 'string' ? msg : '' }
}
