import type { RepoName, World } from './world.ts'
import { shortName } from './world.ts'

export const ruleNames = ['mirror', 'both', 'frozen', 'weekly', 'byhand'] as const
export type RuleName = (typeof ruleNames)[number]

export const guards = { maxFiles: 3, maxRatio: 0.5 }

/** The rules of the year: every kind that there is. */
export const configText = `version: 1
hubs:
  huggingface: { token: "\${YEAR_TOKEN}" }
  modelscope: { token: "\${YEAR_TOKEN}" }
  modelers: { token: "\${YEAR_TOKEN}" }
rules:
  - name: mirror
    from: huggingface:alice/m-*
    to: modelscope:my-org
    delete: { max-files: ${guards.maxFiles}, max-ratio: ${guards.maxRatio} }
  - name: both
    from: huggingface:alice/b-*
    to: modelers:alice
    direction: two-way
    delete: { max-files: ${guards.maxFiles}, max-ratio: ${guards.maxRatio} }
  - name: frozen
    from: huggingface:alice/s-*
    to: modelscope:alice
    existing: skip
  - name: weekly
    from: huggingface:alice/w-*
    to: modelscope:alice
    trigger: "0 6 * * 1"
  - name: byhand
    from: huggingface:alice/x-*
    to: modelscope:alice
    trigger: manual
`

/** What a rule reads and where it writes, by the beginnings of names. */
export const ends: Readonly<Record<RuleName, readonly [source: string, target: string]>> = {
  mirror: ['huggingface:alice/m-', 'modelscope:my-org/m-'],
  both: ['huggingface:alice/b-', 'modelers:alice/b-'],
  frozen: ['huggingface:alice/s-', 'modelscope:alice/s-'],
  weekly: ['huggingface:alice/w-', 'modelscope:alice/w-'],
  byhand: ['huggingface:alice/x-', 'modelscope:alice/x-'],
}

export interface YearPair {
  readonly rule: RuleName
  readonly source: RepoName
  readonly target: RepoName
}

/** The pairs of a rule as the hubs are now. */
export function pairsOf(world: World, rule: RuleName): YearPair[] {
  const [source, target] = ends[rule]
  const here = world.names('huggingface', source).map(shortName)
  const there = rule === 'both' ? world.names('modelers', target).map(shortName) : []
  return [...new Set([...here, ...there])].map((name) => ({
    rule,
    source: `${source.slice(0, source.indexOf('/') + 1)}${name}`,
    target: `${target.slice(0, target.indexOf('/') + 1)}${name}`,
  }))
}

/** The pair that writes a repo, by one-way rules or either way of the two-way one; undefined: no rule may. */
export function writerOf(repo: RepoName): (YearPair & { readonly from: RepoName }) | undefined {
  for (const rule of ruleNames) {
    const [source, target] = ends[rule]
    const name = shortName(repo)
    const pair = {
      rule,
      source: `${source.slice(0, source.indexOf('/') + 1)}${name}`,
      target: `${target.slice(0, target.indexOf('/') + 1)}${name}`,
    }
    if (repo.startsWith(target)) return { ...pair, from: pair.source }
    if (rule === 'both' && repo.startsWith(source)) return { ...pair, from: pair.target }
  }
  return undefined
}
