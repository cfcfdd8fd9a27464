import type { Change } from '../core/git-repo.ts'
import { formatPointer } from '../core/pointer.ts'
import { type JsonAnswer, refused } from './wire.ts'

/** Most actions the hub takes in one commit. */
export const maxActions = 2000
/** Longest body the stand-in takes. The hub's own bound is not known; its client stays at 8 MiB of estimated JSON. */
export const maxCommitBytes = (8 << 20) + (256 << 10)

/** What a commit request asks for. */
export interface WantedCommit {
  readonly message: string
  readonly changes: readonly Change[]
}

export type ReadCommit =
  | { readonly kind: 'wanted'; readonly commit: WantedCommit }
  | { readonly kind: 'refused'; readonly answer: JsonAnswer }

/** Message of the refusal that covers all that the hub will not say more about. */
export const policyMessage = 'commit rejected by repository policy'

/**
 * Reads the body of a commit against the files that are there. `create` and `update` both put the file, whether it is
 * there or not; deleting what is not there refuses the whole commit. An `lfs` action writes a pointer to any object,
 * uploaded or not.
 */
export function readCommit(body: unknown, existing: ReadonlySet<string>): ReadCommit {
  const { commit_message: message, actions } = (body ?? {}) as { commit_message?: unknown; actions?: unknown }
  if (typeof message !== 'string' || !Array.isArray(actions) || actions.length === 0)
    return no(400, 'commit_message and actions are required')
  if (actions.length > maxActions) return no(422, tooMany(actions.length))
  const changes: Change[] = []
  for (const action of actions) {
    const change = readAction(action, existing)
    if ('answer' in change) return change
    changes.push(change)
  }
  return { kind: 'wanted', commit: { message, changes } }
}

function tooMany(actions: number): string {
  const numbers = `${actions} > ${maxActions}`
  return `commit request exceeds actions limit: ${numbers}; split the commit into smaller batches`
}

type Refusal = Extract<ReadCommit, { kind: 'refused' }>

function readAction(action: Record<string, unknown>, existing: ReadonlySet<string>): Change | Refusal {
  const { path } = action
  if (typeof path !== 'string' || !isPlainPath(path)) return no(400, policyMessage)
  switch (action.action) {
    case 'delete':
      return existing.has(path) ? { path, content: null } : no(400, policyMessage)
    case 'create':
    case 'update': {
      const content = contentOf(action)
      return content ? { path, content } : no(400, `invalid content of ${path}`)
    }
    default:
      return no(400, `unknown action ${String(action.action)}`)
  }
}

function contentOf({ type, size, sha256, content, encoding }: Record<string, unknown>): Buffer | undefined {
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined
  if (type === 'lfs') {
    const isOid = typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)
    return isOid && !content ? formatPointer({ oid: sha256, size }) : undefined
  }
  if (type !== 'normal' || typeof content !== 'string' || encoding !== 'base64') return undefined
  const bytes = Buffer.from(content, 'base64')
  return bytes.length === size && bytes.toString('base64') === content ? bytes : undefined
}

/** Relative, no leading `/` or `./`, nothing git would refuse. */
function isPlainPath(path: string): boolean {
  return path.split('/').every((part) => !['', '.', '..'].includes(part) && part.toLowerCase() !== '.git')
}

function no(status: number, message: string): Refusal {
  return { kind: 'refused', answer: refused(status, message) }
}
