import { expandRules } from '../../../src/config/expand.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Rule } from '../../../src/config/rule.ts'
import type { RepoRef } from '../../../src/model/repo.ts'
import { type Candidate, covers, targetOf } from '../../../src/planning/discover.ts'

/** A rule in a line: its name, ends, and further keys as in a file. */
export type RuleLine = readonly [
  name: string,
  from: string,
  to: string,
  keys?: Readonly<Record<string, unknown>>,
]

/** The rules as the configuration makes them; `h1` to `h3` are hubs of type git. */
export function rulesOf(...lines: readonly RuleLine[]): readonly Rule[] {
  const hub = (id: string) => [id, { type: 'git', endpoint: `https://${id}.example` }]
  const rules = lines.map(([name, from, to, keys]) => ({ name, from, to, ...keys }))
  const text = { version: 1, hubs: Object.fromEntries(['h1', 'h2', 'h3'].map(hub)), rules }
  return expandRules(loadConfig(JSON.stringify(text), 'test.yml', {})).rules
}

/** What discovery would find of these repos (`hub:owner/name`, models). */
export function candidatesOf(rules: readonly Rule[], ...repos: readonly string[]): Candidate[] {
  const sources = repos.map(refOf)
  return rules.flatMap((rule) =>
    sources
      .filter((source) => covers(rule, source))
      .map((source) => ({ rule, source, target: targetOf(rule, source) })),
  )
}

function refOf(text: string): RepoRef {
  const [, hub = '', owner = '', name = ''] = /^(.+?):(.+)\/(.+)$/.exec(text) ?? []
  return { hub, type: 'model', owner, name }
}
