import { mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, deliveries } from './harness.ts'
import {
  files,
  guards,
  owners,
  type Place,
  pair,
  repo,
  startTwoWayWorld,
  type TwoWayWorld,
  told,
} from './two-way-world.ts'

let world: TwoWayWorld
beforeAll(async () => {
  world = await startTwoWayWorld()
})
afterAll(() => world.close())

describe('a two-way rule', () => {
  it.each<[Place, Place]>([
    ['hf', 'ms'],
    ['ms', 'modelers'],
    ['plain', 'other'],
  ])('%s ⇄ %s: both directions in one run, deletes too, and then nothing', async (a, b) => {
    const name = `both-${a}-${b}`
    const rules = [pair(a, b, name, { delete: guards })]
    await world.person(a, name, files)
    // What a push makes here is private, and nothing would ever come back from it.
    if (b === 'other') await world.person(b, name, { 'kept/0.json': '{"kept":0}\n' })
    expect(told((await world.run(rules)).report.items)).toEqual([`${a} → ${b}: synced`])
    expect(told((await world.run(rules)).report.items)).toEqual([`${a} → ${b}: unchanged`])

    await world.person(a, name, { 'notes.txt': 'new\n', 'kept/0.json': null })
    await world.person(b, name, {
      'w.safetensors': { lfs: bytes(210_000, 8) },
      'added/by-b.txt': 'b\n',
      'kept/1.json': null,
    })
    const { report, exitStatus } = await world.run(rules)
    expect(told(report.items)).toEqual([`${a} → ${b}: synced`, `${b} → ${a}: synced`])
    expect(report.items.map(({ id }) => id)).toEqual([
      `${a}-${b}/models/${owners[b]}/${name}`,
      `${a}-${b}/back/models/${owners[a]}/${name}`,
    ])
    expect(report.items.map(({ changes }) => changes)).toEqual([
      { add: 0, update: 1, delete: 1 },
      { add: 1, update: 1, delete: 1 },
    ])
    // No API here can compare and swap.
    expect(report.items.map(({ published }) => published?.by)).toEqual(['git', 'git'])
    expect(exitStatus).toBe(0)
    const there = await world.filesAt(b, name)
    expect(await world.filesAt(a, name)).toEqual(there)
    expect(Object.keys(there)).toEqual(expect.arrayContaining(['added/by-b.txt', 'kept/2.json']))
    expect(Object.keys(there)).not.toEqual(expect.arrayContaining(['kept/0.json']))
    expect(await world.textAt(b, name, 'notes.txt')).toBe('new\n')

    const heads = () => Promise.all([a, b].map((place) => world.places[place].head(repo(place, name))))
    const before = await heads()
    expect(told((await world.run(rules)).report.items)).toEqual([`${a} → ${b}: unchanged`])
    expect(await heads()).toEqual(before)
  })

  it('brings a README back in the form of the other hub', async () => {
    const rules = [pair('hf', 'ms', 'readme')]
    await world.person('hf', 'readme', files)
    await world.run(rules)
    await world.person('ms', 'readme', {
      'README.md': '---\nlicense: Apache License 2.0\ntags: [x]\n---\n# Theirs\n',
    })
    expect(told((await world.run(rules)).report.items)).toEqual(['ms → hf: synced'])
    expect(await world.textAt('hf', 'readme', 'README.md')).toBe(
      '---\nlicense: apache-2.0\ntags: [x]\n---\n# Theirs\n',
    )
    expect(told((await world.run(rules)).report.items)).toEqual(['hf → ms: unchanged'])
  })

  it.each<[Place, Place]>([
    ['hf', 'modelers'],
    ['modelers', 'ms'],
  ])(
    '%s ⇄ %s: a README without a license, which one hub must have, is no change of anybody',
    async (a, b) => {
      const name = `bare-${a}`
      const rules = [pair(a, b, name, { delete: guards })]
      await world.person(a, name, { 'README.md': '# No license\n', 'x.txt': 'x' })
      await world.run(rules)
      expect(told((await world.run(rules)).report.items)).toEqual([`${a} → ${b}: unchanged`])
      await world.person(b, name, { 'x.txt': 'x2' })
      expect(told((await world.run(rules)).report.items)).toEqual([`${b} → ${a}: synced`])
      expect(told((await world.run(rules)).report.items)).toEqual([`${a} → ${b}: unchanged`])
      await world.person(a, name, { 'README.md': '# Still none\n' })
      expect(told((await world.run(rules)).report.items)).toEqual([`${a} → ${b}: synced`])
      expect(await world.textAt(a, name, 'README.md')).toBe('# Still none\n')
      expect(told((await world.run(rules)).report.items)).toEqual([`${a} → ${b}: unchanged`])
    },
  )

  it('with adopt gives equal repos a base, and then a change of one side is no conflict', async () => {
    const rules = [pair('hf', 'ms', 'adopted', { adopt: true, delete: guards })]
    for (const place of ['hf', 'ms'] as const) await world.person(place, 'adopted', files)
    expect(told((await world.run(rules)).report.items)).toEqual(['hf → ms: synced'])
    expect(told((await world.run(rules)).report.items)).toEqual(['hf → ms: unchanged'])
    await world.person('ms', 'adopted', { 'notes.txt': 'new\n', 'kept/0.json': null })
    expect(told((await world.run(rules)).report.items)).toEqual(['ms → hf: synced'])
    expect(await world.filesAt('hf', 'adopted')).toEqual(await world.filesAt('ms', 'adopted'))
    expect(await world.filesAt('hf', 'adopted')).not.toHaveProperty('kept/0.json')
  })

  it('finds the repos of both owners, and creates what either lacks', async () => {
    await world.person('hf', 'all-here', { 'x.bin': { lfs: bytes(1000, 1) } })
    await world.person('ms', 'copy-of-all-there', { 'x.bin': { lfs: bytes(1000, 2) } })
    await world.person('ms', 'copy-of-other', { 'x.bin': { lfs: bytes(1000, 3) } })
    await world.person('ms', 'all-unmapped', { 'x.bin': { lfs: bytes(1000, 4) } })
    const rule = {
      from: 'hf:my-org/all-*',
      to: 'ms:my-org/copy-of-{name}',
      name: 'r',
      direction: 'two-way',
      requires: '*.bin',
    }
    const { report } = await world.run([rule])
    expect(report.items.map(({ source, target, outcome }) => `${source} → ${target} ${outcome}`)).toEqual([
      'huggingface:my-org/all-here → modelscope:my-org/copy-of-all-here synced',
      'modelscope:my-org/copy-of-all-there → huggingface:my-org/all-there synced',
    ])
    expect(told((await world.run([rule])).report.items)).toEqual(['hf → ms: unchanged', 'hf → ms: unchanged'])
    const single = { ...rule, from: 'hf:my-org/copy-of-other', to: 'ms:my-org/{name}' }
    expect(told((await world.run([single])).report.items)).toEqual(['ms → hf: synced'])
  })
})

describe('a conflict', () => {
  it('holds that repo, says what both sides have, and fails the run; others go on', async () => {
    const rules = [pair('hf', 'ms', 'held'), pair('hf', 'ms', 'free', { name: 'free' })]
    for (const name of ['held', 'free']) await world.person('hf', name, files)
    await world.run(rules)
    await world.person('hf', 'held', { 'notes.txt': 'of hf\n', 'new.txt': 'n' })
    await world.person('ms', 'held', { 'notes.txt': 'of ms!\n', 'w.safetensors': null })
    await world.person('hf', 'free', { 'notes.txt': 'new\n' })
    world.hub.ms.requests.length = 0
    world.hub.hf.requests.length = 0
    const dir = await mkdtemp(join(world.hub.folder, 'run-'))
    const { report, exitStatus, text } = await world.run(rules, { dir })
    expect(exitStatus).toBe(1)
    expect(told(report.items)).toEqual([
      'hf → ms: synced',
      'hf → ms: conflict (a file is different on the two sides, and nothing was written: notes.txt)',
    ])
    const [, held] = report.items
    expect(held?.details).toEqual([
      expect.stringMatching(
        /^notes\.txt: changed on both sides; huggingface:my-org\/held: 6 bytes, .* [0-9a-f]{12}; modelscope:my-org\/held: 7 bytes, SHA-256 [0-9a-f]{12}$/,
      ),
    ])
    for (const shown of [text, await readFile(join(dir, 'report.md'), 'utf8')]) {
      expect(shown).toMatch(/changed on both sides/)
      expect(shown).toMatch(/conflict: source/)
    }
    expect(
      [...deliveries(world.hub.ms), ...deliveries(world.hub.hf)].filter((line) => line.includes('held')),
    ).toEqual([])
    const settled = await world.run([pair('hf', 'ms', 'held', { conflict: 'target', delete: guards })])
    expect(told(settled.report.items)).toEqual(['hf → ms: synced', 'ms → hf: synced'])
    expect(settled.report.items[0]?.notes).toContain(
      'notes.txt: changed on both sides; the target counts (rule: conflict: target)',
    )
    expect(await world.textAt('hf', 'held', 'notes.txt')).toBe('of ms!\n')
    expect(await world.filesAt('hf', 'held')).toEqual(await world.filesAt('ms', 'held'))
    expect(await world.filesAt('hf', 'held')).not.toHaveProperty('w.safetensors')
  })
})
