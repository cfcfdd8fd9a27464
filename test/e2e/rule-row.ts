import { type EndType, endpointOf } from '../../scripts/rule-ends.ts'
import type { Row, Setting } from '../../scripts/rule-rows.ts'
import { expandRules } from '../../src/config/expand.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Rule } from '../../src/config/rule.ts'
import { parseBandwidth } from '../../src/config/units.ts'
import { SyncError } from '../../src/model/errors.ts'
import type { ItemResult } from '../../src/model/report.ts'
import { deriveRest } from '../../src/planning/derive-rest.ts'
import { makePlan, type Planned } from '../../src/planning/make-plan.ts'
import { runJob } from '../../src/sync/run-job.ts'
import type { SeedFile } from '../contract/memory-store.ts'
import { bytes } from './harness.ts'
import { createWorld, type Seeding, type Seen, type World } from './rule-world.ts'

/** Runs one row of the table for real, and says in the table's words what came of it. */
export async function outcomeOf(row: Row): Promise<string> {
  const world = await createWorld()
  try {
    const rule = ruleOf(row, world)
    if (typeof rule === 'string') return rule
    await prepare(row, world, rule)
    const waited = world.waited()
    const before = await look(row, world)
    const ran = await run(world, rule, '2')
    if (ran.kind === 'held') return ran.text
    const after = await look(row, world)
    if (row.key === 'direction' || row.key === 'conflict') return bothWays(after)
    const rest = detail(row, ran.item, before, after, world.waited() - waited)
    return `${arrival(row.to, before, after)}${rest}`
  } finally {
    await world.close()
  }
}

/** The rule as the configuration makes it, or why it is refused. */
function ruleOf({ key, value, beside, from, to }: Row, world: World): Rule | string {
  const ends = { from: world.address(from, 'alice'), to: world.address(to, 'my-org') }
  const own = value === undefined ? {} : { [key]: value }
  const hubs = { forge: { type: 'git', endpoint: endpointOf('git') } }
  const text = JSON.stringify({ version: 1, hubs, rules: [{ name: 'row', ...ends, ...beside, ...own }] })
  try {
    const [rule] = expandRules(loadConfig(text, 'rules.yml', {})).rules
    if (rule === undefined) throw new Error('there is no rule')
    return rule
  } catch (thrown) {
    if (!(thrown instanceof SyncError) || thrown.code !== 'config') throw thrown
    return `refused: ${thrown.message.split('\n')[1]?.replace(/^rules\.yml:\d+:\d+: rules\[0\]\./, '')}`
  }
}

const config = (version: number) => Buffer.from(JSON.stringify({ version }))
const readme = Buffer.from('---\nlicense: apache-2.0\n---\n# m\n')
const model = {
  'README.md': readme,
  'config.json': config(1),
  // Over two times the MiB that a sample reads.
  'w.safetensors': { lfs: bytes(3 * 1024 * 1024, 7) },
}
const five = {
  'README.md': readme,
  'config.json': config(1),
  'a.txt': Buffer.from('a'),
  'b.txt': Buffer.from('b'),
  'old.txt': Buffer.from('old'),
}

/** What each situation has at the source, and what happens then. */
const sources: Readonly<Record<Setting, readonly [Readonly<Record<string, SeedFile>>, Seeding?]>> = {
  open: [model],
  folder: [model],
  gated: [five, { gated: true }],
  hidden: [five, { private: true }],
  unlicensed: [{ 'README.md': Buffer.from('# m\n'), 'config.json': config(1) }],
  older: [five],
  tagged: [five],
  brought: [five],
  left: [five],
  added: [five],
  apart: [five],
}

/** Makes things as the row's situation says, whose last run, if there was one, had the row's own filters. */
async function prepare({ setting, from, to }: Row, world: World, rule: Rule): Promise<void> {
  const [files, how] = sources[setting]
  await world.seed(from, 'alice', files, how)
  if (setting === 'older') await world.seed(to, 'my-org', { ...five, 'config.json': config(0) })
  if (setting === 'tagged') await world.seed(from, 'alice', { 'config.json': config(2) })
  if (setting === 'brought') await world.seed(to, 'my-org', five)
  if (setting !== 'left' && setting !== 'added' && setting !== 'apart') return
  const first = await run(world, rule, '1')
  if (first.kind === 'held') throw new Error(`the first run: ${first.text}`)
  if (setting === 'left') await world.remove(from, 'alice', 'old.txt')
  if (setting === 'added') await world.seed(to, 'my-org', { 'note.txt': Buffer.from('mine') })
  if (setting !== 'apart') return
  await world.seed(from, 'alice', { 'config.json': config(2) })
  await world.seed(to, 'my-org', { 'config.json': config(3) })
}

type Ran =
  | { readonly kind: 'held'; readonly text: string }
  | { readonly kind: 'done'; readonly item: ItemResult }

async function run(world: World, rule: Rule, runId: string): Promise<Ran> {
  const planned = await makePlan(world.context, [rule], world.hubs, new Map())
  const [work] = planned.works
  if (work === undefined) return { kind: 'held', text: heldBy(planned) }
  const order = { job: '1', attempt: 1, works: planned.works, refused: [], deriveRest }
  const { items } = await runJob(world.context, order, { runId, version: '0.0.0' })
  const wrong = items.find(({ outcome }) => outcome !== 'synced')
  if (wrong !== undefined) return { kind: 'held', text: `${wrong.outcome}: ${wrong.error?.message}` }
  const [item] = items
  if (item === undefined) throw new Error('the job left no result')
  return { kind: 'done', item }
}

function heldBy({ blocked, skipped, conflicts, failed, unchanged }: Planned): string {
  const [conflict] = conflicts
  if (conflict !== undefined) return 'conflict: nothing is written'
  for (const [outcome, rows] of Object.entries({ blocked, skipped, failed }))
    if (rows[0] !== undefined) return `${outcome}: ${rows[0].reason}`
  if (unchanged.length === 1) return 'unchanged'
  throw new Error('nothing came of it')
}

interface Both {
  readonly source: Seen | undefined
  readonly target: Seen | undefined
}

async function look({ from, to }: Row, world: World): Promise<Both> {
  const [source, target] = await Promise.all([world.look(from, 'alice'), world.look(to, 'my-org')])
  return { source, target }
}

function arrival(to: EndType, before: Both, after: Both): string {
  if (after.target === undefined) throw new Error('there is no target')
  if (before.target !== undefined) return 'updated'
  return to === 'dir' ? 'written' : `made ${after.target.visibility}`
}

/** The difference that the key makes. */
function detail(row: Row, item: ItemResult, before: Both, after: Both, waited: number): string {
  const files = after.target?.files ?? new Map<string, Buffer>()
  switch (row.key) {
    case 'revision':
      return files.get('config.json')?.equals(config(1)) ? ', as at v1' : ', as at the newest commit'
    case 'files':
      return ` with ${[...files.keys()].sort().join(', ')}`
    case 'bandwidth':
      return `, ${pace(row.value, waited)}`
    case 'verify': {
      const weights = item.files.find(({ path }) => path === 'w.safetensors')
      return `, weights ${weights?.verification} (${weights?.evidence})`
    }
    case 'delete':
      return files.has('old.txt') ? ', old.txt stays' : ', old.txt is gone'
    case 'adopt':
      return isSameContent(before.target, after.target) ? ' by a commit without changes' : ' and changed'
    default:
      return ''
  }
}

/** What a two-way rule brought over, in either direction. */
function bothWays({ source, target }: Both): string {
  if (source?.files.has('note.txt')) return 'note.txt goes to the source'
  const [here, there] = [source, target].map((side) => side?.files.get('config.json'))
  if (here === undefined || there === undefined || !here.equals(there)) return 'the sides differ'
  return `config.json of the ${here.equals(config(2)) ? 'source' : 'target'} goes to the other side`
}

function pace(limit: unknown, waited: number): string {
  const rate = parseBandwidth(String(limit))
  // Without a limit, only for a hub to show what was published.
  if (typeof rate !== 'number') return waited < 5000 ? 'at full speed' : `though it waited ${waited} ms`
  // The first half second of a limit may be made up for.
  const least = (model['w.safetensors'].lfs.length / rate) * 1000 - 500
  return waited >= least ? `at ${limit} at most` : `faster than ${limit}: ${waited} ms`
}

function isSameContent(before: Seen | undefined, after: Seen | undefined): boolean {
  if (before === undefined || after === undefined || after.commits !== before.commits + 1) return false
  return [...after.files].every(([path, content]) => before.files.get(path)?.equals(content))
}
