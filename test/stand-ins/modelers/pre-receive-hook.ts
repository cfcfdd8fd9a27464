import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type PushRules, refusalOfMessage, refusalOfReadme, refusalOfSize } from './push-rules.ts'

/** Why a push of one ref is refused; undefined if it is not. Runs in the repo, with the environment git gives a hook. */
export function refusalOfPush(rules: PushRules, old: string, now: string): string | undefined {
  if (isZero(now)) return undefined
  const sizes = newBlobs(now)
  const large = sizes.find((size) => refusalOfSize(rules, size))
  if (large !== undefined) return refusalOfSize(rules, large)
  const messages = git('log', '--format=%B%x00', now, '--not', '--all').split('\0')
  for (const message of messages) {
    const refusal = refusalOfMessage(rules, message.trim())
    if (refusal) return refusal
  }
  const readme = blobAt(now, 'README.md')
  if (readme === undefined || (!isZero(old) && blobAt(old, 'README.md') === readme)) return undefined
  return refusalOfReadme(git('cat-file', 'blob', readme))
}

/** Sizes of the blobs that the push brings. */
function newBlobs(now: string): number[] {
  const objects = git('rev-list', '--objects', now, '--not', '--all').split('\n').filter(Boolean)
  const ids = objects.map((line) => line.slice(0, line.indexOf(' ') < 0 ? undefined : line.indexOf(' ')))
  const input = ids.map((id) => `${id}\n`).join('')
  const checked = gitWith(input, 'cat-file', '--batch-check=%(objecttype) %(objectsize)').split('\n')
  return checked.filter((line) => line.startsWith('blob ')).map((line) => Number(line.slice(5)))
}

function blobAt(commit: string, path: string): string | undefined {
  const [, type, oid] = git('ls-tree', commit, '--', path).split(/[ \t]/)
  return type === 'blob' ? oid : undefined
}

function git(...args: string[]): string {
  return gitWith('', ...args)
}

function gitWith(input: string, ...args: string[]): string {
  return execFileSync('git', args, { input, encoding: 'utf8', maxBuffer: 1 << 30 })
}

function isZero(oid: string): boolean {
  return /^0+$/.test(oid)
}

if (import.meta.main) {
  const rules = JSON.parse(process.argv[2] ?? '') as PushRules
  for (const line of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
    const [old = '', now = ''] = line.split(' ')
    const refusal = refusalOfPush(rules, old, now)
    if (refusal === undefined) continue
    process.stderr.write(`${refusal}\n`)
    process.exitCode = 1
  }
}
