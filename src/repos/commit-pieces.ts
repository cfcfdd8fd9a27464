import type { CommitChange } from '../model/commit.ts'
import type { CommitLimits } from '../model/profile.ts'

/** Whether a commit is within what the hub takes in one API request. */
export function fitsApi(changes: readonly CommitChange[], limits: CommitLimits | undefined): boolean {
  return isWithin(changes.reduce(addCost, noCost), limits)
}

/** Cuts changes into commits within the limits: LFS files, then plain files, then what makes them visible, then deletes. */
export function piecesOf(
  changes: readonly CommitChange[],
  limits: CommitLimits | undefined,
): CommitChange[][] {
  const ordered = [...changes].sort((a, b) => publishRank(a) - publishRank(b))
  const pieces: CommitChange[][] = []
  let cost = noCost
  for (const change of ordered) {
    const next = addCost(cost, change)
    const current = pieces.at(-1)
    if (current === undefined || !isWithin(next, limits)) {
      pieces.push([change])
      cost = addCost(noCost, change)
    } else {
      current.push(change)
      cost = next
    }
  }
  return pieces
}

/** The order in which changes may become visible one by one: weights, other files, those that make a repo usable, deletes. */
export function publishRank(change: CommitChange): number {
  if (change.kind === 'delete') return 3
  if (
    /(^|\/)(README\.md|config\.json|configuration\.json|model_index\.json|[^/]*\.index\.json)$/.test(
      change.path,
    )
  )
    return 2
  return change.kind === 'lfs' ? 0 : 1
}

interface Cost {
  readonly actions: number
  readonly bytes: number
  readonly inline: number
}

const noCost: Cost = { actions: 0, bytes: 0, inline: 0 }

/** JSON around a change, besides its path and its content. */
const envelopeBytes = 300

function addCost(sum: Cost, change: CommitChange): Cost {
  const content = change.kind === 'plain' ? Math.ceil(change.size / 3) * 4 : 0
  return {
    actions: sum.actions + 1,
    bytes: sum.bytes + content + 2 * Buffer.byteLength(change.path) + envelopeBytes,
    inline: sum.inline + (change.kind === 'plain' ? 1 : 0),
  }
}

function isWithin({ actions, bytes, inline }: Cost, limits: CommitLimits | undefined): boolean {
  if (limits === undefined) return true
  return actions <= limits.actions && bytes <= limits.bodyBytes && inline <= limits.inlineFiles
}
