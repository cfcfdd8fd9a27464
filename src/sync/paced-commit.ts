import type { CommitChange, NewCommit } from '../model/commit.ts'
import type { Bandwidth } from '../net/bandwidth.ts'

/** The commit with its plain files read at the pace of a bandwidth; the signal ends a wait. */
export function pacedCommit(commit: NewCommit, bandwidth: Bandwidth, signal: AbortSignal): NewCommit {
  const paced = (change: CommitChange): CommitChange => {
    if (change.kind !== 'plain') return change
    const read = async () => {
      const turn = bandwidth.take(change.size, signal)
      if (turn !== undefined) await turn
      return change.read()
    }
    return { ...change, read }
  }
  return { ...commit, changes: commit.changes.map(paced) }
}
