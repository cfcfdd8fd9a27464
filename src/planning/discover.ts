import picomatch from 'picomatch'
import { expandTarget, isGlob } from '../config/names.ts'
import { nearest } from '../config/nearest.ts'
import { isAdHoc, type Rule } from '../config/rule.ts'
import { asSyncError, SyncError } from '../model/errors.ts'
import { folderHub, formatRepo, type RepoRef, type RepoSummary, type RepoType } from '../model/repo.ts'
import type { RepoFinder } from '../repos/hubs.ts'

/** One source repo of a rule, and where it goes. */
export interface Candidate {
  readonly rule: Rule
  readonly source: RepoRef
  readonly target: RepoRef
  /** Head of the source's default branch, where the owner's listing told it. */
  readonly head?: string
  /** Whether everybody may read the source, where the listing told it. */
  readonly isOpen?: boolean
}

/** True for a pair that the ledger has seen: its source needs no asking, since its head is asked for anyway. */
export type IsKnown = (candidate: Candidate) => boolean

/** Every repo a rule names, in the order of the listing. Throws if a listing cannot be read to its end, or a named repo does not exist. */
export async function discover(rule: Rule, hub: RepoFinder, isKnown: IsKnown): Promise<Candidate[]> {
  const asked: Asked = {
    rule,
    hub,
    isKnown: (source) => isKnown({ rule, source, target: targetOf(rule, source) }),
  }
  const sources =
    rule.from.name !== undefined && !isGlob(rule.from.name) ? await exactRepos(asked) : await listed(asked)
  return sources.map(({ ref, head, isOpen }) => ({
    rule,
    source: ref,
    target: targetOf(rule, ref),
    ...(head && { head }),
    ...(isOpen !== undefined && { isOpen }),
  }))
}

/** What is asked of one hub, and what need not be asked. */
export interface Asked {
  readonly rule: Rule
  readonly hub: RepoFinder
  readonly isKnown: (source: RepoRef) => boolean
}

/** Where a rule puts a source repo. */
export function targetOf(rule: Rule, source: RepoRef): RepoRef {
  return { ...expandTarget(rule.to, source), type: source.type }
}

/** Whether a rule, as the configuration has it now, covers this source: what a plan says of it counts for nothing. */
export function covers(rule: Rule, source: RepoRef): boolean {
  return coverage(rule)(source)
}

/** `covers` for many sources of one rule. */
export function coverage(rule: Rule): (source: RepoRef) => boolean {
  // Hubs list owners as they spell them, and take any case; a path in another case is another folder.
  const spelled = (owner: string) => (rule.from.hub === folderHub ? owner : owner.toLowerCase())
  const { name } = rule.from
  const fits = name !== undefined && !isGlob(name) ? (one: string) => one === name : nameFilter(rule)
  return (source) => {
    const sameOwner = spelled(source.owner) === spelled(rule.from.owner)
    if (source.hub !== rule.from.hub || !sameOwner) return false
    if (!typesOf(rule).includes(source.type) || source.space !== rule.from.space) return false
    return fits(source.name)
  }
}

/** The types of a rule's repos. */
export function typesOf(rule: Rule): readonly RepoType[] {
  return rule.from.type === undefined ? rule.types : [rule.from.type]
}

/** Which names of the source's owner a rule takes. */
export function nameFilter(rule: Rule): (name: string) => boolean {
  const fits = rule.from.name === undefined ? () => true : picomatch(rule.from.name)
  const included = rule.repos.include.length === 0 ? () => true : picomatch([...rule.repos.include])
  const excluded = picomatch([...rule.repos.exclude])
  return (name) => fits(name) && included(name) && !excluded(name)
}

/** A repo by its name: found as one of the rule's types, or an error that says how to go on. */
async function exactRepos(asked: Asked): Promise<RepoSummary[]> {
  const { rule, hub } = asked
  const { owner, name = '' } = rule.from
  const refs = typesOf(rule).map(
    (type): RepoRef => ({ hub: hub.id, type, owner, name, ...(rule.from.space && { space: true }) }),
  )
  const known = refs.filter(asked.isKnown)
  const found = known.length > 0 && rule.lookup ? known : await existing(asked, refs)
  const [first, second] = found
  if (first === undefined) throw await notFound(rule, hub, name)
  if (second !== undefined && rule.lookup) throw foundTwice(first, second)
  return found.map((ref) => ({ ref }))
}

/** A name without a type that stands for two repos. */
export function foundTwice(first: RepoRef, second: RepoRef): SyncError {
  const { owner, name } = first
  return new SyncError('usage', `${owner}/${name} is both ${formatRepo(first)} and ${formatRepo(second)}.`, {
    next: 'Say which: --type model or --type dataset.',
  })
}

/** Those of the repos that their hub has. */
export async function existing({ rule, hub, isKnown }: Asked, refs: readonly RepoRef[]): Promise<RepoRef[]> {
  const looks = await Promise.allSettled(
    refs.map(async (ref) => isKnown(ref) || (await hub.findRepo(ref)) !== undefined),
  )
  const found = refs.filter((_, index) => {
    const look = looks[index]
    return look?.status === 'fulfilled' && look.value
  })
  for (const look of looks) {
    if (look.status === 'fulfilled') continue
    // Hugging Face answers strangers 401 for what does not exist: where one type is found, that says nothing of the other.
    const isStranger = asSyncError(look.reason).code === 'unauthorized'
    if (!(rule.lookup && isStranger && found.length > 0)) throw look.reason
  }
  return found
}

async function notFound(rule: Rule, hub: RepoFinder, name: string): Promise<SyncError> {
  const { owner } = rule.from
  if (hub.id === folderHub) {
    return new SyncError('not-found', `There is no folder ${owner}/${name}.`, {
      next: 'Check the spelling; a path that does not begin with / starts where the command runs.',
    })
  }
  const names: string[] = []
  for (const type of typesOf(rule)) {
    if (hub.listRepos === undefined || rule.from.space) continue
    for await (const { ref } of hub.listRepos(owner, type)) names.push(ref.name)
  }
  const near = nearest(name, names)
  const kind = rule.from.space ? 'space' : typesOf(rule).join(' or ')
  return new SyncError('not-found', `${hub.id} has no ${kind} ${owner}/${name}.`, {
    next:
      near === undefined
        ? 'Check the spelling; a private repo needs a token that may read it.'
        : `Did you mean ${owner}/${near}? If not: a private repo needs a token that may read it.`,
  })
}

/** Repos by listing the owner; where a rule includes plain names only, by asking for each of them instead. */
async function listed(asked: Asked): Promise<RepoSummary[]> {
  const { rule, hub } = asked
  const fits = nameFilter(rule)
  const found = new Map<string, RepoSummary>()
  const { include } = rule.repos
  const needsListing = include.length === 0 || include.some(isGlob)
  for (const type of typesOf(rule)) {
    if (needsListing)
      for await (const row of allRepos(rule, hub, rule.from.owner, type))
        if (fits(row.ref.name)) found.set(formatRepo(row.ref), row)
    for (const ref of await unlisted(asked, type, found)) found.set(formatRepo(ref), { ref })
  }
  if (found.size === 0 && !needsListing) throw await notFound(rule, hub, include[0] ?? '')
  return [...found.values()]
}

/** The listing of an owner. Throws `unsupported` where the hub has none. */
export function allRepos(
  rule: Rule,
  hub: RepoFinder,
  owner: string,
  type: RepoType,
): AsyncIterable<RepoSummary> {
  if (hub.listRepos !== undefined) return hub.listRepos(owner, type)
  throw new SyncError('unsupported', `${hub.id} cannot list the repos of an owner.`, {
    next: isAdHoc(rule.name)
      ? `Name a repo of it: ${hub.id}:${owner}/NAME`
      : 'Name each repo in repos.include.',
  })
}

/** Hubs hide new or thin repos from listings: those a rule includes by their plain name are asked for one by one. */
async function unlisted(
  asked: Asked,
  type: RepoType,
  found: ReadonlyMap<string, RepoSummary>,
): Promise<RepoRef[]> {
  const { rule, hub } = asked
  const fits = nameFilter(rule)
  const names = rule.repos.include.filter((name) => !isGlob(name) && fits(name))
  const refs = names.map((name): RepoRef => ({ hub: hub.id, type, owner: rule.from.owner, name }))
  return existing(
    asked,
    refs.filter((ref) => !found.has(formatRepo(ref))),
  )
}
