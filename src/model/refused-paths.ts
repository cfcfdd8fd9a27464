import { asSyncError, SyncError } from './errors.ts'

/** Lines kept of a list of problems: enough to mend it by, and few enough for a plan and a report. */
const mostLines = 1000

/** Collects why paths of one listing must not be used, so that all of them are named at once. */
export interface RefusedPaths {
  /** Keeps a `bad-path` that was thrown; throws anything else on. */
  readonly keep: (thrown: unknown) => undefined
  /** Throws `bad-path` if there was any: the first is its message, all are its lines. */
  assertNone(): void
}

/** An empty collection. */
export function createRefusedPaths(): RefusedPaths {
  const kept: string[] = []
  let count = 0
  return {
    keep: (thrown) => {
      const error = asSyncError(thrown)
      if (error.code !== 'bad-path') throw thrown
      count += 1
      if (kept.length < mostLines) kept.push(error.message)
    },
    assertNone: () => {
      const [first] = kept
      if (first === undefined) return
      const [them, have] = count === 1 ? ['it', 'has it'] : ['them', 'has them']
      throw new SyncError('bad-path', count === 1 ? first : `${first} And ${count - 1} more.`, {
        // No files.exclude: a path is judged before any rule sees it.
        next: `Rename or remove ${them} on the side that ${have}.`,
        lines: shortened(kept, count),
      })
    },
  }
}

/** The first thousand lines, and how many more there are. `count`: of all, where `lines` is cut already. */
export function shortened(lines: readonly string[], count = lines.length): readonly string[] {
  if (count <= mostLines) return lines
  return [...lines.slice(0, mostLines), `and ${count - mostLines} more`]
}
