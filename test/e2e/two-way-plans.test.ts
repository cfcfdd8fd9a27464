import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, refusal } from './harness.ts'
import { files, guards, pair, repo, startTwoWayWorld, type TwoWayWorld, told } from './two-way-world.ts'

let world: TwoWayWorld
beforeAll(async () => {
  world = await startTwoWayWorld()
})
afterAll(() => world.close())

describe('a saved plan of a two-way rule', () => {
  it('is done job by job, each side in one of its own, and repeated finds its work done', async () => {
    const rules = await world.changedOnBoth('saved', { delete: guards })
    const saved = await world.planned(rules)
    expect(saved.plan.items.map(({ id, back }) => [id, back])).toEqual([
      ['hf-ms/models/my-org/saved', undefined],
      ['hf-ms/back/models/my-org/saved', true],
    ])
    expect(saved.plan.jobs).toHaveLength(2)
    const done = [await world.synced(saved, { jobIndex: 0 }), await world.synced(saved, { jobIndex: 1 })]
    expect(done.flat().sort()).toEqual(['hf → ms: synced', 'ms → hf: synced'])
    expect(await world.filesAt('hf', 'saved')).toEqual(await world.filesAt('ms', 'saved'))
    const again = [await world.synced(saved, { jobIndex: 1 }), await world.synced(saved, { jobIndex: 0 })]
    expect(again.flat().sort()).toEqual(['hf → ms: unchanged', 'ms → hf: unchanged'])
    expect(told((await world.run(rules)).report.items)).toEqual(['hf → ms: unchanged'])
  })

  it('of which one job was lost is no base, and the next run brings the rest', async () => {
    const rules = await world.changedOnBoth('lost', { delete: guards })
    const saved = await world.planned(rules)
    const [first] = await world.synced(saved, { jobIndex: 0 })
    const { report } = await world.run(rules)
    expect([first, ...told(report.items)].sort()).toEqual(['hf → ms: synced', 'ms → hf: synced'])
    expect(await world.filesAt('hf', 'lost')).toEqual(await world.filesAt('ms', 'lost'))
    expect(await world.filesAt('hf', 'lost')).not.toHaveProperty('kept/0.json')
    expect(told((await world.run(rules)).report.items)).toEqual(['hf → ms: unchanged'])
  })

  it.each(['hf', 'ms'] as const)(
    'is a conflict where %s has moved, and the other side is not',
    async (moved) => {
      const name = `moved-${moved}`
      const saved = await world.planned(await world.changedOnBoth(name))
      await world.person(moved, name, { 'meanwhile.txt': 'm' })
      const outcomes = (await world.synced(saved)).map((line) => line.replace(/ \(.*/, ''))
      const to = moved === 'ms' ? ['conflict', 'synced'] : ['synced', 'conflict']
      expect(outcomes).toEqual([`hf → ms: ${to[0]}`, `ms → hf: ${to[1]}`])
      expect(await world.textAt(moved, name, 'meanwhile.txt')).toBe('m')
    },
  )

  it('that was edited to go the other way, or of a rule that is one-way now, is refused', async () => {
    const rules = await world.changedOnBoth('edited')
    const saved = await world.planned(rules)
    const edited = async (change: (item: Record<string, unknown>) => void) => {
      const plan = JSON.parse(await readFile(saved.file, 'utf8'))
      for (const item of plan.items) change(item)
      const file = join(world.hub.folder, 'edited.json')
      await writeFile(file, JSON.stringify(plan))
      return refusal(world.synced(saved, { plan: file }))
    }
    const turned = await edited((item) => delete item.back)
    expect([turned.code, turned.message]).toEqual([
      'plan',
      expect.stringMatching(/does not come from this configuration/),
    ])
    const named = await edited((item) => Object.assign(item, { back: true }))
    expect(named.code).toBe('plan')
    const { configFile } = await world.configured([{ ...rules[0], direction: 'one-way' }])
    const oneWay = await refusal(world.synced({ ...saved, options: { ...saved.options, configFile } }))
    expect([oneWay.code, oneWay.message]).toEqual(['plan', expect.stringMatching(/rule hf-ms is one-way/)])
  })
})

describe('what the gates let through of a two-way rule', () => {
  it('goes from public to private, and never the other way', async () => {
    const rules = [pair('hf', 'ms', 'gates')]
    await world.person('hf', 'gates', files)
    await world.person('ms', 'gates', files, { visibility: 'private' })
    await world.person('hf', 'gates', { 'open.txt': 'o' })
    expect(told((await world.run(rules)).report.items)).toEqual(['hf → ms: synced'])
    await world.person('ms', 'gates', { 'closed.txt': 'c' })
    await world.person('hf', 'gates', { 'open.txt': 'o2' })
    const before = [
      await world.places.hf.head(repo('hf', 'gates')),
      await world.places.ms.head(repo('ms', 'gates')),
    ]
    expect(told((await world.run(rules)).report.items)).toEqual([
      'hf → ms: blocked (on the way back, modelscope:my-org/gates → huggingface:my-org/gates: critical: the source is private, but the target exists and is public; make it private on the hub, or choose another target)',
    ])
    expect([
      await world.places.hf.head(repo('hf', 'gates')),
      await world.places.ms.head(repo('ms', 'gates')),
    ]).toEqual(before)
  })

  it('needs a token that may write only where something goes', async () => {
    const rules = [pair('hf', 'ms', 'reading')]
    const env = { HF_TOKEN: world.places.hf.readToken }
    await world.person('hf', 'reading', files)
    expect(told((await world.run(rules, {}, env)).report.items)).toEqual(['hf → ms: synced'])
    expect(told((await world.run(rules, {}, env)).report.items)).toEqual(['hf → ms: unchanged'])
    await world.person('ms', 'reading', { 'x.txt': 'x' })
    const { report } = await world.run(rules, {}, env)
    expect(report.items).toMatchObject([{ outcome: 'failed', error: { code: 'forbidden' } }])
  })
})

it('three two-way rules in a ring bring a change of one to the other two in one run, and then find nothing', async () => {
  const ring = [
    pair('plain', 'other', 'ring'),
    pair('other', 'modelers', 'ring'),
    pair('modelers', 'plain', 'ring'),
  ]
  const each = ['plain', 'other', 'modelers'] as const
  for (const place of each) await world.person(place, 'ring', { 'x.txt': '1' })
  await world.person('plain', 'ring', { 'y.txt': '2', 'w.bin': { lfs: bytes(9001, 6) } })
  const outcomes = async () =>
    (await world.run(ring)).report.items.map(({ rule, outcome }) => `${rule} ${outcome}`).sort()
  const nothing = ['modelers-plain unchanged', 'other-modelers unchanged', 'plain-other unchanged']
  expect(await outcomes()).toEqual([
    'modelers-plain synced',
    'other-modelers unchanged',
    'plain-other synced',
  ])
  expect(await outcomes()).toEqual(nothing)
  // That B and C got the same from A is the base of B and C.
  await world.person('other', 'ring', { 'w.bin': { lfs: bytes(9002, 7) } })
  expect(await outcomes()).toEqual([
    'modelers-plain unchanged',
    'other-modelers synced',
    'plain-other synced',
  ])
  for (const place of each)
    expect(await world.filesAt(place, 'ring')).toEqual(await world.filesAt('other', 'ring'))
  expect(await outcomes()).toEqual(nothing)
})

it('the ledger knows a pair that is in step, and never one of which only half was done', async () => {
  const rules = await world.changedOnBoth('ledger')
  const dir = await mkdtemp(join(world.hub.folder, 'run-'))
  expect(told((await world.run(rules, { dir })).report.items)).toEqual(['hf → ms: synced', 'ms → hf: synced'])
  const ledger = async () => JSON.parse(await readFile(join(dir, 'ledger.json'), 'utf8')).pairs
  expect(Object.keys(await ledger())).toEqual([])
  await world.run(rules, { dir })
  expect(Object.keys(await ledger())).toEqual(['huggingface:my-org/ledger -> modelscope:my-org/ledger'])
  await world.person('ms', 'ledger', { 'later.txt': 'l' })
  expect(told((await world.run(rules, { dir })).report.items)).toEqual(['ms → hf: synced'])
  const entry = (await ledger())['huggingface:my-org/ledger -> modelscope:my-org/ledger']
  expect([entry.sourceHead, entry.targetHead]).toEqual([
    await world.places.hf.head(repo('hf', 'ledger')),
    await world.places.ms.head(repo('ms', 'ledger')),
  ])
  world.hub.hf.requests.length = 0
  expect(told((await world.run(rules, { dir })).report.items)).toEqual(['hf → ms: unchanged'])
  expect(world.hub.hf.requests.length).toBeLessThanOrEqual(2)
})

it('a plan of which one side was taken out leaves the pair out of the ledger, and the next run brings the rest', async () => {
  const rules = await world.changedOnBoth('halved')
  const saved = await world.planned(rules)
  const plan = JSON.parse(await readFile(saved.file, 'utf8'))
  const [first] = plan.items
  const jobs = plan.jobs.filter(({ items }: { items: string[] }) => items.includes(first.id))
  await writeFile(saved.file, JSON.stringify({ ...plan, items: [first], jobs }))
  expect(await world.synced(saved)).toEqual(['hf → ms: synced'])
  const { report } = await world.run(rules, { dir: saved.options.dir })
  expect(told(report.items)).toEqual(['ms → hf: synced'])
  expect(await world.filesAt('hf', 'halved')).toEqual(await world.filesAt('ms', 'halved'))
})

it('names nothing that is private where everybody reads', async () => {
  await world.person('hf', 'secret', { 'x.txt': 'a' }, { private: true })
  await world.person('ms', 'secret', { 'x.txt': 'b' }, { visibility: 'private' })
  const saved = await world.planned([pair('hf', 'ms', 'secret')], { hideNames: true })
  const text = await readFile(saved.file, 'utf8')
  expect(JSON.parse(text)).toMatchObject({
    conflicts: [
      { rule: 'hf-ms', repo: 'huggingface:private-1', target: 'modelscope:private-1', details: [] },
    ],
  })
  expect(text).not.toMatch(/secret|x\.txt/)
})
