import { type ErrorCode, SyncError } from '../model/errors.ts'
import { printable } from '../model/printable.ts'
import type { GitAccess } from './git-environment.ts'

/**
 * What went wrong, from what git printed in the C locale: git has no other machine-readable sign than its exit status.
 * `doing` completes "Git failed to …". The message holds the hub's own lines, without any secret, and never a whole URL.
 */
export function gitError(
  doing: string,
  output: string,
  access: GitAccess | undefined,
  cause?: unknown,
): SyncError {
  const all = linesOf(output, access)
  const text = all.join('\n')
  const kind = kinds.find(({ sign }) => sign.test(text))
  const host = access === undefined ? '' : ` (${new URL(access.url).host})`
  const details = { ...kind?.details, ...nextOf(kind?.code, text, access) }
  const safe = redacted(all)
  const lines = safe.length === 0 ? 'it printed nothing' : safe.join(' | ')
  return new SyncError(kind?.code ?? 'git', `Git failed to ${doing}${host}: ${lines}`, {
    ...details,
    ...(cause === undefined ? {} : { cause: withoutOutput(cause) }),
  })
}

function nextOf(code: ErrorCode | undefined, text: string, access: GitAccess | undefined): { next?: string } {
  if (code === 'refused') return { next: 'The hub says why: change that, then run again.' }
  const { advice } = access ?? {}
  if (advice === undefined) return {}
  if (code === 'network') return neverReached.test(text) ? { next: advice.endpoint } : {}
  if (code !== 'unauthorized') return {}
  const isStranger = Object.keys(access?.authorization ?? {}).length === 0
  return { next: isStranger ? `Check the name. If it is right: ${advice.token}` : advice.token }
}

/** What a wrong address leads to; all else of `network` is a connection that broke off. Source: git's http.c, curl's lib/strerror.c. */
const neverReached = /Could not resolve host|Failed to connect|Couldn't connect|Connection refused/i

interface Kind {
  readonly sign: RegExp
  readonly code: ErrorCode
  readonly details?: { readonly next?: string; readonly status?: number; readonly retryable?: boolean }
}

/**
 * Tried in order: the first sign that is there decides. `shallow update`: the parent, the only commit we push from, is in none
 * of the hub's refs any more. Sources: git's transport.c, remote-curl.c, http.c, receive-pack.c.
 */
const kinds: readonly Kind[] = [
  {
    // GitLab and what was made of it look for the objects behind new pointers (gitlab: lib/gitlab/checks/lfs_check.rb).
    sign: /LFS objects are missing/i,
    code: 'object-missing',
    details: { next: 'Nothing was published. Run again: what the hub lost of the uploads is sent again.' },
  },
  {
    sign: /\(stale info\)|shallow update not allowed|\(fetch first\)|non-fast-forward|cannot lock ref|incorrect old value|failed to update ref|reference already exists/i,
    code: 'conflict',
  },
  {
    sign: /pre-receive hook declined|update hook declined|\[remote rejected\]|remote unpack failed|protected branch/i,
    code: 'refused',
  },
  {
    sign: /unable to update url base from redirection|The requested URL returned error: 30\d/i,
    code: 'bad-answer',
    details: {
      next: 'The hub sent git to another address, which is never followed: check owner, name and endpoint.',
    },
  },
  {
    sign: /Authentication failed|could not read Username|could not read Password|invalid credentials|returned error: 401/i,
    code: 'unauthorized',
    details: { status: 401, next: "Check the hub's token." },
  },
  {
    sign: /returned error: 403|access denied|permission denied|not allowed to (push|upload)/i,
    code: 'forbidden',
    details: { status: 403, next: 'Give the token the right to do this, or use another one.' },
  },
  {
    sign: /returned error: 404|repository .*not found|not our ref|unadvertised object|couldn't find remote ref|project .*not found/i,
    code: 'not-found',
  },
  { sign: /returned error: 429|too many requests/i, code: 'rate-limited', details: { status: 429 } },
  { sign: /returned error: 5\d\d/i, code: 'unavailable' },
  { sign: /returned error: 413/i, code: 'too-large', details: { status: 413 } },
  { sign: /Operation too slow|timed out/i, code: 'stalled' },
  {
    sign: /Could not resolve host|Failed to connect|Couldn't connect|Connection (refused|reset)|RPC failed|unexpected disconnect|remote end hung up|early EOF|SSL|server certificate|recv failure|Empty reply/i,
    code: 'network',
  },
]

const maxLines = 12

/**
 * The lines of the output without any secret; of long ones and of very many only the ends that count. A hub can print as much
 * as it likes, and the signs above take time with the square of a line's length.
 */
function linesOf(output: string, access: GitAccess | undefined): string[] {
  const secrets = access === undefined ? [] : secretsOf(access)
  const hidden = secrets.reduce((text, secret) => text.replaceAll(secret, '***'), output)
  const lines = hidden.split(/[\r\n]+/)
  const kept = lines.length > 400 ? [...lines.slice(0, 200), ...lines.slice(-200)] : lines
  return kept.map((line) => withoutCredentials(line.trim().slice(0, 1000)))
}

/** The lines worth reading, each safe to print. */
function redacted(lines: readonly string[]): string[] {
  return lines
    .filter(
      (line) =>
        line !== '' &&
        !/^(To |Done$|hint:|remote: *$|(remote: )?(Counting|Compressing|Enumerating|Writing|Receiving|Resolving|Unpacking))/.test(
          line,
        ),
    )
    .slice(0, maxLines)
    .map((line) => printable(line.slice(0, 500)))
}

function withoutCredentials(line: string): string {
  return line
    .replace(/\b(authorization|cookie)\s*:.*/gi, '$1: ***')
    .replace(/(\w+:\/\/)[^\s/@'"]*@/g, '$1')
    .replace(/(\w+:\/\/[^\s?#'"]*)[?#][^\s'"]*/g, '$1')
}

/** Each header value, its words, and what a Basic value decodes to. */
function secretsOf(access: GitAccess): string[] {
  const values = Object.values(access.authorization)
  const words = values.flatMap((value) => value.split(/[\s;=]+/))
  const decoded = values.flatMap((value) => {
    const encoded = /^Basic (.+)$/i.exec(value)?.[1]
    return encoded === undefined ? [] : Buffer.from(encoded, 'base64').toString('utf8').split(':').slice(1)
  })
  return [...values, ...words, ...decoded]
    .filter((secret) => secret.length >= 8)
    .sort((a, b) => b.length - a.length)
}

/** Errors of simple-git and execa repeat the output and the environment; only their kind is kept. */
function withoutOutput(cause: unknown): Error {
  return new Error(cause instanceof Error ? cause.name : typeof cause)
}
