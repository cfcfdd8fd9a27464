import { filterDigest } from '../config/digest.ts'
import type { Rule } from '../config/rule.ts'
import type { Manifest } from '../model/file.ts'
import type { Snapshot } from '../model/repo.ts'
import type { Repo } from '../repos/repo.ts'
import { type Base, chooseBase } from './base.ts'
import { compareRepos, type Side } from './compare-repos.ts'
import { type Histories, readPast } from './histories.ts'
import { filterFiles, realFiles } from './real-files.ts'

/**
 * What both sides had when they were last equal, from their histories and their listings at that time. `none` where the histories do
 * not tell it, or either cannot be read; throws only what another try may mend (a hub that is down).
 */
export async function findBase(rule: Rule, histories: Histories): Promise<Base> {
  const pasts = await histories.pasts()
  if (pasts.kind === 'none') return pasts
  const found = chooseBase(...pasts.value, filterDigest(rule), await histories.others())
  if (found.kind === 'none') return found
  const { source, target } = histories
  const sourceAt = { ...source.at, commit: found.source }
  const targetAt = { ...target.at, commit: found.target }
  // Kept as in the comparison of today: a link counts only where the target keeps it.
  const links = target.repo.keepsModes
  const listed = async (repo: Repo, at: Snapshot) =>
    filterFiles(rule, (await realFiles(repo, at, links)).files)
  const then = await readPast(async () => {
    const files = await Promise.all([listed(source.repo, sourceAt), listed(target.repo, targetAt)])
    return equalOf(
      { repo: source.repo, at: sourceAt, files: files[0] },
      { repo: target.repo, at: targetAt, files: files[1] },
    )
  })
  if (then.kind === 'none') return then
  const [sourceFiles, targetFiles] = then.value
  return { kind: 'base', source: sourceFiles, target: targetFiles, sourceAt, targetAt, run: found.run }
}

/**
 * Of both listings what was the same. Trailers are no proof, since whoever may commit can write them, and somebody may have committed
 * beside the sync: what has no digest in common is read, the README in the form of both hubs.
 */
async function equalOf(source: Side, target: Side): Promise<[Manifest, Manifest]> {
  const { same } = await compareRepos(source, target, false)
  const paths = new Set(same.map(({ path }) => path))
  const only = ({ files }: Side) => new Map([...files].filter(([path]) => paths.has(path)))
  return [only(source), only(target)]
}

/**
 * Whether a commit on the target that names the source as it is now would give the two the base that they lack. Not where a history
 * cannot be read, nor where the target's newest commit is one already and its message does not come back as it was written: that would
 * be a commit more in every run.
 */
export async function wouldMakeBase(rule: Rule, histories: Histories): Promise<boolean> {
  const pasts = await histories.pasts()
  if (pasts.kind === 'none') return false
  const [here, there] = pasts.value
  const filter = filterDigest(rule)
  const told = [`${here.name}@${histories.source.at.commit}`, filter]
  if (told.every((text) => there.commits[0]?.message.includes(text))) return false
  return chooseBase(here, there, filter, await histories.others()).kind === 'none'
}
