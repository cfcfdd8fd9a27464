import type { FileEntry } from '../model/file.ts'
import { compareRepos } from '../planning/compare-repos.ts'
import type { Decision } from '../planning/decide.ts'
import { changesBy } from '../planning/derive-changes.ts'
import { deriveWork, workOf } from '../planning/derive-work.ts'
import { type Derived, isEnding, type Pair } from '../planning/derived.ts'
import { passGates } from '../planning/pass-gates.ts'
import { readSides, type Sides } from '../planning/read-sides.ts'
import { assertWritable } from '../planning/token-problem.ts'
import type { RepoWork } from '../repos/work.ts'

/** What of a pair is to be made right. */
export type Repairs =
  /** The target is absent or empty. */
  | { readonly kind: 'everything' }
  | {
      readonly kind: 'files'
      /** Paths whose file is to be written anew. */
      readonly files: ReadonlySet<string>
      /** Paths whose file is right and whose LFS object is not served as it should be. */
      readonly objects: ReadonlySet<string>
    }

/**
 * Derives what makes right what was found, by the gates and comparisons of any sync, and nothing else: files that are not named stay as
 * they are, nothing is deleted, and nothing goes back to the source.
 */
export async function deriveRepair(asked: Pair, repairs: Repairs): Promise<Derived> {
  const pair: Pair = {
    ...asked,
    rule: { ...asked.rule, direction: 'one-way', delete: undefined, adopt: false },
  }
  if (repairs.kind === 'everything') return deriveWork(pair)
  const passed = await passGates(pair)
  if (isEnding(passed)) return passed
  const sides = await readSides(pair, passed, undefined)
  if (isEnding(sides)) return sides
  const { source, targetAt, targetFiles } = sides
  if (targetAt === undefined) return deriveWork(pair)
  const there = { repo: pair.target, at: targetAt, files: targetFiles }
  const decision = onlyFiles(await compareRepos(source, there), repairs.files)
  const changes = await changesBy(pair, passed, sides, decision)
  if (isEnding(changes)) return changes
  const orphans = damagedObjects(sides, repairs.objects)
  const { notes } = changes
  if (changes.files.length + orphans.length === 0)
    return { kind: 'unchanged', sourceAt: source.at, targetAt, notes }
  await assertWritable(pair.target, passed.targetInfo)
  const resend = new Set(orphans.map(({ object }) => object.oid))
  const work = { ...workOf(pair, passed, sides, { ...changes, orphans }), repairs: { resend } }
  return { kind: 'work', work }
}

function onlyFiles({ add, update }: Decision, paths: ReadonlySet<string>): Decision {
  const isAsked = ({ path }: FileEntry) => paths.has(path)
  return { add: add.filter(isAsked), update: update.filter(isAsked), same: [], unknown: [] }
}

/** Objects that the target's pointers name still, at these paths. */
function damagedObjects({ source, targetFiles }: Sides, paths: ReadonlySet<string>): RepoWork['orphans'] {
  return [...targetFiles.values()].flatMap((there) => {
    const here = source.files.get(there.path)
    const { storage, size, digests } = there
    if (!paths.has(there.path) || here === undefined || storage !== 'lfs') return []
    if (digests.sha256 === undefined || size === undefined) return []
    return [{ path: there.path, source: here, object: { oid: digests.sha256, size } }]
  })
}
