import { SyncError } from '../model/errors.ts'
import { folderHub, type RepoType } from '../model/repo.ts'
import { type BaseKeys, baseProblems } from './base-problems.ts'
import { isGlob, isRepoName, type KnownHubs, parseSource, parseTarget, type Source } from './names.ts'
import type { RepoPattern, TargetPattern } from './rule.ts'

/** What a rule says of its two ends. */
export interface EndKeys {
  readonly from: string | undefined
  readonly to: string | undefined
  /** Types the rule itself names. */
  readonly types: readonly RepoType[] | undefined
  /** Types of `defaults`. */
  readonly defaultTypes: readonly RepoType[] | undefined
  readonly transport?: string | undefined
  /** Keys that only mean something with a base. */
  readonly base: BaseKeys
}

export interface EndProblem {
  readonly key: 'from' | 'to' | 'types' | 'transport' | keyof BaseKeys
  readonly what: string
}

/** Both ends understood; or a space, with the reason it is left alone; or what is wrong. */
export type Ends =
  | {
      readonly kind: 'ends'
      readonly from: RepoPattern
      readonly to: TargetPattern
      readonly types: readonly RepoType[]
      readonly lookup: boolean
    }
  | { readonly kind: 'space'; readonly repo: string; readonly reason: string }
  | { readonly kind: 'wrong'; readonly problems: readonly EndProblem[] }

/** Reads `from`, `to` and `types` together; `defaultHub` is the hub of a `from` that names none. */
export function readEnds(keys: EndKeys, hubs: KnownHubs, defaultHub?: string): Ends {
  const problems: EndProblem[] = []
  const source = attempt(problems, 'from', keys.from, (text) => parseSource(text, hubs, defaultHub))
  const to = attempt(problems, 'to', keys.to, (text) => parseTarget(text, hubs))
  if (source === undefined || to === undefined) return { kind: 'wrong', problems }
  const from = patternOf(source, keys.types)
  if (from === undefined) return spaceLeftAlone(source)
  problems.push(
    ...mappingProblems(from, to),
    ...groupProblems(from, to, hubs),
    ...folderProblems(from, to),
    ...typeProblems(from, to, keys.types),
    ...transportProblems(keys.transport, from, to, hubs),
    ...baseProblems(keys.base, from, to, keys.transport),
  )
  const typeless = typelessSource(from, hubs)
  if (typeless !== undefined && keys.types !== undefined && keys.types.length > 1)
    problems.push({ key: 'types', what: `${typeless}: write model or dataset` })
  if (problems.length > 0) return { kind: 'wrong', problems }
  const said = from.type ?? to.type
  if (typeless !== undefined) {
    const given = keys.types ?? keys.defaultTypes ?? []
    const type = said ?? (given.length === 1 ? given[0] : undefined) ?? 'model'
    return { kind: 'ends', from, to, types: [type], lookup: false }
  }
  const given = said === undefined ? (keys.types ?? keys.defaultTypes) : [said]
  const lookup = given === undefined && from.name !== undefined && !isGlob(from.name)
  const types: readonly RepoType[] = given ?? (lookup ? ['model', 'dataset'] : ['model'])
  return { kind: 'ends', from, to, types: [...new Set(types)], lookup }
}

function attempt<Value>(
  problems: EndProblem[],
  key: 'from' | 'to',
  text: string | undefined,
  read: (text: string) => Value,
): Value | undefined {
  if (text === undefined) {
    problems.push({ key, what: 'is missing' })
    return undefined
  }
  try {
    return read(text)
  } catch (error) {
    if (!(error instanceof SyncError)) throw error
    problems.push({ key, what: error.message })
    return undefined
  }
}

/** A space counts as a model only where the rule itself says so. */
function patternOf(source: Source, types: readonly RepoType[] | undefined): RepoPattern | undefined {
  if (source.kind === 'repos') return source.pattern
  const type = types?.length === 1 ? types[0] : undefined
  return type === undefined
    ? undefined
    : { hub: source.hub, owner: source.owner, name: source.name, type, space: true }
}

function spaceLeftAlone(source: Source): Ends {
  if (source.kind !== 'space') throw new SyncError('internal', 'A source that is no space was taken for one.')
  return {
    kind: 'space',
    repo: `${source.hub}:spaces/${source.owner}/${source.name}`,
    reason:
      'a space is no model or dataset (to take it as a model: types: [model] in its rule, or --type model beside --to)',
  }
}

function mappingProblems(from: RepoPattern, to: TargetPattern): EndProblem[] {
  const many = from.name === undefined || isGlob(from.name)
  if (many && to.name !== undefined && !to.name.includes('{name}')) {
    return [
      {
        key: 'to',
        what:
          to.hub === folderHub
            ? `names one folder, but the source may be several: write ${to.hub}:${to.owner}/${to.name}/{name}`
            : `names one repo, but the source may be several: write ${to.hub}:${to.owner ?? ''}, or {name} in the name`,
      },
    ]
  }
  const sameOwner = to.owner === undefined || to.owner === from.owner
  const sameName = to.name === undefined || to.name === '{name}' || to.name === from.name
  if (from.hub === to.hub && sameOwner && sameName) return [{ key: 'to', what: 'is the source itself' }]
  return []
}

/** Why a source can be of one type only: it is there once, and nothing in it tells a model from a dataset. */
function typelessSource(from: RepoPattern, hubs: KnownHubs): string | undefined {
  if (from.hub === folderHub) return 'a local folder is one repo'
  return isGit(from, hubs) ? 'a host of git does not tell models from datasets' : undefined
}

function isGit({ hub, endpoint }: RepoPattern | TargetPattern, { types }: KnownHubs): boolean {
  return endpoint !== undefined || types.get(hub) === 'git'
}

function groupProblems(from: RepoPattern, to: TargetPattern, hubs: KnownHubs): EndProblem[] {
  if (to.owner !== undefined || to.hub === folderHub || from.hub === folderHub) return []
  if (!from.owner.includes('/') || isGit(to, hubs)) return []
  return [{ key: 'to', what: `the owner ${from.owner} is several groups: write ${to.hub}:OWNER` }]
}

/** The hub fetches by itself, so there must be an address that it can reach. */
function transportProblems(
  transport: string | undefined,
  from: RepoPattern,
  to: TargetPattern,
  { types }: KnownHubs,
): EndProblem[] {
  if (transport !== 'import') return []
  if (types.get(to.hub) !== 'gitcode')
    return [{ key: 'transport', what: `import: only hubs of type gitcode can, and the target is ${to.hub}` }]
  return from.hub === folderHub
    ? [{ key: 'transport', what: 'import: a local folder has no address that a hub could fetch from' }]
    : []
}

function folderProblems(from: RepoPattern, to: TargetPattern): EndProblem[] {
  if (from.hub !== folderHub || to.hub === folderHub) return []
  const problems: EndProblem[] = []
  if (to.owner === undefined) {
    problems.push({ key: 'to', what: `a local folder has no owner: write ${to.hub}:OWNER` })
  } else if (!isRepoName((to.name ?? '{name}').replaceAll('{name}', from.name ?? ''))) {
    const what = `the name of the folder, ${JSON.stringify(from.name)}, is none for a repo: write ${to.hub}:${to.owner}/NAME`
    problems.push({ key: 'to', what })
  }
  return problems
}

function typeProblems(
  from: RepoPattern,
  to: TargetPattern,
  types: readonly RepoType[] | undefined,
): EndProblem[] {
  if (from.type !== undefined && to.type !== undefined && from.type !== to.type) {
    return [{ key: 'to', what: `is a ${to.type}, the source a ${from.type}` }]
  }
  const said = from.type ?? to.type
  if (said !== undefined && types?.some((type) => type !== said)) {
    return [
      {
        key: 'types',
        what: `${from.type === undefined ? 'to' : 'from'} says ${said}, types says ${types.join(', ')}`,
      },
    ]
  }
  return []
}
