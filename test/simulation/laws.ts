import { writerOf } from './rules.ts'
import type { Files, RepoName, World } from './world.ts'

/**
 * What no commit of a run may do, whatever happens around it; told at the commit itself. `since`: when the cycle began, in time that
 * has passed; `touched`: repos that somebody changed since.
 */
export function brokenLaws(
  world: World,
  repo: RepoName,
  { since, touched }: { readonly since: number; readonly touched: ReadonlySet<RepoName> },
): string[] {
  const writer = writerOf(repo)
  if (writer === undefined || writer.rule === 'byhand') return [`${repo} is written, and no rule may`]
  const { rule, from } = writer
  const broken: string[] = []
  if (world.isOpen(repo) && !world.wasOpenSince(from, since))
    broken.push(`${repo} is public, and gets what ${from} does not show`)
  const commits = world.repo(repo)?.commits ?? []
  const [head, below] = commits
  if (head === undefined) return broken
  const after = world.filesOf(repo, head)
  const before = below === undefined ? {} : world.filesOf(repo, below)
  if (rule === 'frozen' && below !== undefined)
    broken.push(`${repo} exists, and is written by existing: skip`)
  return [
    ...broken,
    ...strayContent(world, from, before, after),
    ...lost(world, { rule, from, isTouched: touched.has(from) }, before, after),
  ].map((text) => `${repo} (rule ${rule}): ${text}`)
}

function strayContent(world: World, from: RepoName, before: Files, after: Files): string[] {
  return Object.entries(after)
    .filter(([path, text]) => before[path] !== text && !world.everHad(from, path, text))
    .map(([path]) => `${path} was never on ${from}`)
}

/** What is taken away must have been on the other side too: nobody's only copy. One way, a file that both have is the source's. */
function lost(
  world: World,
  { rule, from, isTouched }: { readonly rule: string; readonly from: RepoName; readonly isTouched: boolean },
  before: Files,
  after: Files,
): string[] {
  const now = world.files(from) ?? {}
  return Object.entries(before).flatMap(([path, text]) => {
    if (after[path] === text) return []
    if (after[path] !== undefined) {
      const isAllowed = rule !== 'both' || world.everHad(from, path, text)
      return isAllowed ? [] : [`${path} is overwritten, and nobody else had it`]
    }
    if (rule === 'weekly' || rule === 'frozen') return [`${path} is deleted by a rule that deletes nothing`]
    if (!world.everHad(from, path, text)) return [`${path} is deleted, and was somebody's own`]
    return now[path] === text && !isTouched ? [`${path} is deleted, and ${from} has it still`] : []
  })
}
