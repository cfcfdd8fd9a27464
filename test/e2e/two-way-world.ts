import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunOptions } from '../../src/commands/options.ts'
import { planCommand } from '../../src/commands/plan.ts'
import { syncCommand } from '../../src/commands/sync.ts'
import type { Plan } from '../../src/model/plan.ts'
import type { ReportItem } from '../../src/model/report.ts'
import type { SeedRepo, StandIn } from '../stand-ins/core/stand-in.ts'
import { startModelers } from '../stand-ins/modelers/index.ts'
import { startPlainGit } from '../stand-ins/plain-git/index.ts'
import { bytes, defaultOptions, type Harness, startHarness } from './harness.ts'

export type Place = 'hf' | 'ms' | 'modelers' | 'plain' | 'other'
export type Rule = Readonly<Record<string, unknown>>

/** Owners under which the token of each may write. */
export const owners: Readonly<Record<Place, string>> = {
  hf: 'my-org',
  ms: 'my-org',
  modelers: 'my-org',
  plain: 'alice',
  other: 'alice',
}
export const guards = { 'max-files': 5, 'max-ratio': 0.5 }
export const files: SeedRepo['files'] = {
  'README.md': '---\nlicense: apache-2.0\n---\n# Tiny\n',
  'w.safetensors': { lfs: bytes(200_000, 7) },
  'notes.txt': 'old\n',
  ...Object.fromEntries(Array.from({ length: 6 }, (_, at) => [`kept/${at}.json`, `{"kept":${at}}\n`])),
}

/** A two-way rule between repos of one name. */
export function pair(from: Place, to: Place, name: string, keys: Rule = {}): Rule {
  const ends = { from: `${from}:${owners[from]}/${name}`, to: `${to}:${owners[to]}` }
  return { name: `${from}-${to}`, ...ends, types: ['model'], direction: 'two-way', ...keys }
}

/** `source → target: outcome`, in the order of the report; with the reason of what did not go well. */
export function told(items: readonly ReportItem[]): string[] {
  const short: Readonly<Record<string, string>> = { huggingface: 'hf', modelscope: 'ms' }
  const hubOf = (repo: string) => repo.replace(/:.*/, '')
  const place = (repo: string) => short[hubOf(repo)] ?? hubOf(repo)
  const why = ({ reason, error, outcome }: ReportItem) =>
    outcome === 'unchanged' || outcome === 'synced' ? '' : ` (${error?.message ?? reason})`
  return items.map((item) => `${place(item.source)} → ${place(item.target)}: ${item.outcome}${why(item)}`)
}

export function repo(place: Place, name: string) {
  return { type: 'model', owner: owners[place], name } as const
}

export interface Saved {
  readonly options: RunOptions
  readonly plan: Plan
  readonly file: string
}

export interface TwoWayWorld {
  readonly hub: Harness
  readonly places: Readonly<Record<Place, StandIn>>
  /** Options of a run by these rules. */
  configured(rules: readonly Rule[]): Promise<Partial<RunOptions>>
  run(
    rules: readonly Rule[],
    options?: Partial<RunOptions>,
    env?: Record<string, string>,
  ): ReturnType<Harness['run']>
  /** A saved plan, one job a side where there is work for both. */
  planned(rules: readonly Rule[], more?: Partial<RunOptions>): Promise<Saved>
  /** `sync` of a saved plan, as `told` tells it. */
  synced(saved: Saved, more?: Partial<RunOptions>): Promise<string[]>
  /** Changes a repo as a person would. */
  person(place: Place, name: string, files: SeedRepo['files'], more?: Partial<SeedRepo>): Promise<string>
  /** Two repos that were in step, and on each of which somebody changed something else since. */
  changedOnBoth(name: string, keys?: Rule): Promise<readonly Rule[]>
  /** Digest of each file that a person has put there. */
  filesAt(place: Place, name: string): Promise<Record<string, string>>
  textAt(place: Place, name: string, path: string): Promise<string | undefined>
  close(): Promise<unknown>
}

/** Five stand-ins, and the engine in this process with a token for each. */
export async function startTwoWayWorld(): Promise<TwoWayWorld> {
  const [hub, modelers, plain, other] = await Promise.all([
    startHarness(),
    startModelers(),
    startPlainGit({ createOn: 'push' }),
    startPlainGit({ createOn: 'push' }),
  ])
  const places = { hf: hub.hf, ms: hub.ms, modelers, plain, other }
  return {
    hub,
    places,
    ...commandsOf(hub, places),
    close: () => Promise.all([hub, modelers, plain, other].map((one) => one.close())),
  }
}

function commandsOf(
  hub: Harness,
  places: TwoWayWorld['places'],
): Omit<TwoWayWorld, 'hub' | 'places' | 'close'> {
  const env = environment(hub, places)
  const configured = (rules: readonly Rule[]) => writeRules(hub, places, rules)
  const person: TwoWayWorld['person'] = (place, name, changed, more) =>
    places[place].seed({ ...repo(place, name), files: changed, ...more })
  const run: TwoWayWorld['run'] = async (rules, options, more) =>
    hub.run({ ...(await configured(rules)), ...options }, { ...env, ...more })
  return {
    configured,
    run,
    async planned(rules, more) {
      const dir = await mkdtemp(join(hub.folder, 'run-'))
      const options = { ...defaultOptions, ...(await configured(rules)), jobSize: 1, dir, ...more }
      const { plan, file } = await planCommand(await hub.context(), options, env)
      return { options, plan, file }
    },
    async synced({ options }, more) {
      const { report } = await syncCommand(await hub.context(), { ...options, ...more }, env)
      return told(report.items)
    },
    person,
    async changedOnBoth(name, keys) {
      const rules = [pair('hf', 'ms', name, keys)]
      await person('hf', name, files)
      await run(rules)
      await person('hf', name, { 'notes.txt': 'of hf\n' })
      await person('ms', name, { 'added.bin': { lfs: bytes(50_000, 3) }, 'kept/0.json': null })
      return rules
    },
    async filesAt(place, name) {
      const made = /^(\.gitattributes|README\.md|configuration\.json)$/
      const own = [...(await places[place].files(repo(place, name)))].filter(([path]) => !made.test(path))
      return Object.fromEntries(own.sort().map(([path, { sha256 }]) => [path, sha256]))
    },
    textAt: async (place, name, path) =>
      (await places[place].files(repo(place, name))).get(path)?.content?.toString('utf8'),
  }
}

async function writeRules(
  hub: Harness,
  places: TwoWayWorld['places'],
  rules: readonly Rule[],
): Promise<Partial<RunOptions>> {
  const git = (place: 'plain' | 'other') => ({
    type: 'git',
    endpoint: places[place].endpoint,
    token: `\${${place.toUpperCase()}_TOKEN}`,
  })
  const configFile = join(await mkdtemp(join(hub.folder, 'config-')), 'rules.yml')
  const config = { version: 1, hubs: { plain: git('plain'), other: git('other') }, rules }
  await writeFile(configFile, JSON.stringify(config))
  return { configFile }
}

function environment(
  hub: Harness,
  { modelers, plain, other }: TwoWayWorld['places'],
): Record<string, string> {
  return {
    ...hub.env,
    ...{ MODELERS_ENDPOINT: modelers.endpoint, MODELERS_TOKEN: modelers.token },
    ...{ PLAIN_TOKEN: plain.token, OTHER_TOKEN: other.token },
  }
}
