import type { FileEntry, Manifest } from '../model/file.ts'
import { shortened } from '../model/refused-paths.ts'
import type { Repo } from '../repos/repo.ts'
import type { FileWork } from '../repos/work.ts'
import { licenseProblem } from '../transform/readme.ts'
import { readmePath } from './compare-repos.ts'
import { preflight } from './preflight.ts'

export interface Written {
  /** What the target holds now. */
  readonly existing: Manifest
  /** What of that leaves in the same commit. */
  readonly deletes: readonly FileEntry[]
  readonly files: readonly FileWork[]
  /** The README as it will be written, if it is. */
  readonly readme: Buffer | undefined
}

/**
 * Everything for which the target would refuse this, one line each: by the hub's rules as far as they are known, and as it says
 * itself where it can be asked. Writes nothing.
 */
export async function targetProblems(target: Repo, written: Written): Promise<readonly string[]> {
  const { existing, deletes, files, readme } = written
  const leaving = { existing, deletes, swaps: target.swapsFolders === true }
  return shortened([
    ...preflight(target.profile, target.ref, files, leaving),
    ...((await target.pathProblems?.(files.map(({ path }) => path))) ?? []),
    ...(await readmeProblems(target, readme)),
    ...(await spaceProblems(target, files)),
  ])
}

/** The hub's own word counts; what only its profile tells of licenses is for hubs that cannot be asked. */
async function readmeProblems(target: Repo, readme: Buffer | undefined): Promise<string[]> {
  if (readme === undefined) return []
  const { label, licenses } = target.profile
  const license = licenseProblem(licenses, readme.toString('utf8'))
  const told = (await target.readmeProblems?.(readme)) ?? []
  const all = told.length > 0 || license === undefined ? told : [license]
  return all.map((problem) => `${readmePath}: ${label} refuses its front matter: ${problem}`)
}

async function spaceProblems(target: Repo, files: readonly FileWork[]): Promise<string[]> {
  const free = await target.freeBytes?.()
  if (free === undefined) return []
  const moved = files.filter(({ move }) => move !== 'reuse')
  const sizes = new Map<string, number>(moved.map(({ path, object, size }) => [object?.oid ?? path, size]))
  const needed = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  if (needed <= free) return []
  return [`${needed} bytes are to be written, and the disk of ${target.profile.label} has ${free} free`]
}
