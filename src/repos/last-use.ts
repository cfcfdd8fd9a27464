import type { Repo } from './repo.ts'

/**
 * Releases each repo once the last of its pairs is done with it: a source may go to several targets at the same time, and what was
 * fetched of it serves all of them. `uses` holds a repo once for every use to come; what comes back takes those that are done.
 */
export function releaseAfterLastUse(uses: readonly Repo[]): (done: readonly Repo[]) => Promise<void> {
  const left = new Map<Repo, number>()
  for (const repo of uses) left.set(repo, (left.get(repo) ?? 0) + 1)
  return async (done) => {
    const idle: Repo[] = []
    for (const repo of done) {
      const rest = (left.get(repo) ?? 1) - 1
      left.set(repo, rest)
      if (rest === 0) idle.push(repo)
    }
    await Promise.all(idle.map((repo) => repo.release()))
  }
}
