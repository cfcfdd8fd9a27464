import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { configCommand } from '../../src/commands/config.ts'
import { planCommand } from '../../src/commands/plan.ts'
import { syncCommand } from '../../src/commands/sync.ts'
import { defaultOptions, type Harness, refusal, startHarness } from './harness.ts'

let hub: Harness

beforeAll(async () => {
  hub = await startHarness()
})
afterAll(() => hub.close())

const model = (text: string) => ({
  'README.md': '# A model\n',
  'config.json': JSON.stringify({ text }),
  'w.safetensors': { lfs: Buffer.alloc(2000, text) },
})

async function configFile(name: string, rules: readonly object[]): Promise<string> {
  const file = join(hub.folder, `${name}.yml`)
  await writeFile(file, JSON.stringify({ version: 1, rules }))
  return file
}

async function outcomes(file: string, more: object = {}): Promise<Record<string, string>> {
  const { report } = await hub.run({ configFile: file, ...more })
  return Object.fromEntries(
    report.items.map(({ rule, outcome, reason }) => [rule, reason ? `${outcome}: ${reason}` : outcome]),
  )
}

it('what is missing on either side is made, files go one way, and nothing comes back', async () => {
  const file = await configFile('pair', [
    { name: 'there', from: 'hf:my-org/pair-*', to: 'ms:my-org' },
    { name: 'back', from: 'ms:my-org/pair-*', to: 'hf:my-org', existing: 'skip' },
  ])
  await hub.hf.seed({ type: 'model', owner: 'my-org', name: 'pair-here', files: model('one') })
  await hub.ms.seed({ type: 'model', owner: 'my-org', name: 'pair-other', files: model('two') })
  const first = await hub.run({ configFile: file })
  expect(first.report.items.map(({ outcome, rule }) => [rule, outcome])).toEqual([
    ['there', 'synced'],
    ['back', 'synced'],
  ])
  await hub.hf.seed({ type: 'model', owner: 'my-org', name: 'pair-here', files: model('newer') })
  // Naming it overrides existing: skip, which would bring the old file back.
  const second = await hub.run({ configFile: file, repos: ['my-org/pair-here'] })
  expect(second.report.items.map(({ outcome, rule }) => [rule, outcome])).toEqual([
    ['there', 'synced'],
    ['back', 'skipped'],
  ])
  const there = await hub.hf.files({ type: 'model', owner: 'my-org', name: 'pair-here' })
  expect(there.get('config.json')?.size).toBe(JSON.stringify({ text: 'newer' }).length)
})

it('a chain goes one rule further with each run, and is told of', async () => {
  const file = await configFile('chain', [
    { name: 'first', from: 'hf:my-org/m', to: 'ms:my-org' },
    { name: 'second', from: 'ms:my-org/m', to: 'hf:my-org/end' },
  ])
  await hub.hf.seed({ type: 'model', owner: 'my-org', name: 'm', files: model('one') })
  expect(await outcomes(file)).toEqual({
    first: 'synced',
    second: 'skipped: not there yet: rule first writes it, and the next run takes it on',
  })
  expect(await outcomes(file)).toEqual({ first: 'unchanged', second: 'synced' })
  hub.log.length = 0
  await planCommand(
    await hub.context(),
    { ...defaultOptions, configFile: file, dir: await mkdtemp(join(hub.folder, 'run-')) },
    hub.env,
  )
  expect(hub.log).toContain(
    'Rule first feeds rule second (such as modelscope:my-org/m): what the first brings there in one run, the second takes on in the next.',
  )
})

it('a circle is blocked before it begins, config warns of it and prints a configuration all the same', async () => {
  const file = await configFile('circle', [
    { name: 'there', from: 'hf:Ring', to: 'ms:Ring' },
    { name: 'back', from: 'ms:Ring', to: 'hf:Ring' },
  ])
  await hub.hf.seed({ type: 'model', owner: 'Ring', name: 'm', files: model('one') })
  const reason =
    'rules there → back → there copy in a circle, so that each undoes what the other brings: say existing: skip in one of them, or use one rule with direction: two-way instead'
  expect(await outcomes(file)).toEqual({ there: `blocked: ${reason}` })
  hub.log.length = 0
  const shown = await configCommand(await hub.context(), { ...defaultOptions, configFile: file }, hub.env)
  expect(hub.log).toEqual([`The ${reason}. Repos in it are blocked, such as huggingface:Ring/model.`])
  expect(parse(shown.text).rules).toHaveLength(2)
})

it('a plan into which somebody put the repo that was blocked is refused, with nothing written', async () => {
  const file = await configFile('twice', [
    { name: 'one', from: 'hf:my-org/first', to: 'ms:my-org/shared' },
    { name: 'two', from: 'hf:my-org/second', to: 'ms:my-org/shared' },
  ])
  for (const name of ['first', 'second'])
    await hub.hf.seed({ type: 'model', owner: 'my-org', name, files: model(name) })
  const dir = await mkdtemp(join(hub.folder, 'run-'))
  const options = { ...defaultOptions, configFile: file, dir }
  const { plan, file: planFile } = await planCommand(await hub.context(), options, hub.env)
  expect(plan.blocked.map(({ rule, reason }) => [rule, reason])).toEqual([
    ['two', 'rule one writes this target already'],
  ])
  const [item] = plan.items
  if (item === undefined) throw new Error('nothing was planned')
  const forged = {
    ...item,
    id: item.id.replace('one', 'two'),
    rule: 'two',
    source: { ...item.source, name: 'second' },
  }
  await writeFile(planFile, JSON.stringify({ ...plan, items: [item, forged] }))
  hub.ms.requests.length = 0
  const error = await refusal(syncCommand(await hub.context(), options, hub.env))
  expect([error.code, error.message]).toEqual([
    'plan',
    "The plan's huggingface:my-org/second → modelscope:my-org/shared of rule two does not come from this configuration: rule one writes this target already.",
  ])
  expect(hub.ms.requests).toEqual([])
})
