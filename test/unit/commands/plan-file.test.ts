import { expect, test } from 'vitest'
import { parsePlan } from '../../../src/commands/plan-file.ts'
import type { Plan } from '../../../src/model/plan.ts'
import { sampleItem, samplePlan } from '../report/sample-plan.ts'

function planAt(branch: string): Plan {
  const item = sampleItem('daily/models/my-org/n', 'n')
  const plan = samplePlan([{ ...item, changes: [], source: { ...item.source, branch } }])
  return { ...plan, runId: 'run-00000001', configDigest: 'c'.repeat(64) }
}

test.each(['main', 'refs/pr/1', 'v2.4+cu118', 'release@2', 'a#1'])(
  'a plan of the revision %s, which a configuration may name, is read back',
  (branch) => {
    const plan = planAt(branch)
    expect(parsePlan(JSON.stringify(plan), 'plan.json')).toEqual(plan)
  },
)

test.each(['--upload-pack=x', 'a b', '', 'a\nb', 'a\u001bb'])(
  'one of the revision %j is refused',
  (branch) => {
    expect(() => parsePlan(JSON.stringify(planAt(branch)), 'plan.json')).toThrow(/source\.branch/)
  },
)

function planInto(
  target: { hub: string; owner: string; name: string },
  id = `daily/models/dir/${target.name}`,
) {
  const plan = planAt('main')
  const items = plan.items.map((item) => ({ ...item, id, target: { ...item.target, ...target } }))
  return { ...plan, items, jobs: plan.jobs.map((job) => ({ ...job, items: [id] })) }
}

test.each([
  ['.', 'backup'],
  ['../..', 'backup'],
  ['', 'backup'],
  ['/data (old)/models', '模型 1, v2'],
])('a plan into the folder %s/%s is read back', (owner, name) => {
  const plan = planInto({ hub: 'dir', owner, name })
  expect(parsePlan(JSON.stringify(plan), 'plan.json')).toEqual(plan)
})

test('a plan with an item back and a conflict is read back', () => {
  const id = 'daily/back/models/my-org/n'
  const { items, jobs, ...plan } = planAt('main')
  const conflict = {
    rule: 'daily',
    repo: 'hf:o/n',
    target: 'ms:o/n',
    reason: 'x.txt',
    details: ['x.txt: changed'],
  }
  const both = {
    ...plan,
    items: items.map((item) => ({ ...item, id, back: true as const })),
    jobs: jobs.map((job) => ({ ...job, items: [id] })),
    conflicts: [conflict],
  }
  expect(parsePlan(JSON.stringify(both), 'plan.json')).toEqual(both)
  const wrong = { ...both, items: both.items.map((item) => ({ ...item, id: 'daily/there/models/my-org/n' })) }
  expect(() => parsePlan(JSON.stringify(wrong), 'plan.json')).toThrow(/items/)
})

test('a plan into groups on a host of git is read back', () => {
  const target = { hub: 'git.example.org', owner: 'team/models', name: 'n' }
  const plan = planInto(target, 'daily/models/team/models/n')
  expect(parsePlan(JSON.stringify(plan), 'plan.json')).toEqual(plan)
})

test.each([
  ['dir', '.', '..'],
  ['dir', './a/..', 'b'],
  ['dir', 'a', 'b'],
  ['dir', '.', 'a/b'],
  ['dir', '.', 'a\n'],
  ['dir', '.', '{name}'],
  ['dir', './a/', 'b'],
  ['modelscope', './a', 'b'],
  ['modelscope', 'a', 'b c'],
  ['mirror', 'a/../b', 'c'],
  ['mirror', 'a//b', 'c'],
  ['mirror', 'a', '..'],
])('one into %s:%s/%j is refused', (hub, owner, name) => {
  const plan = planInto({ hub, owner, name }, 'daily/models/my-org/n')
  expect(() => parsePlan(JSON.stringify(plan), 'plan.json')).toThrow(/items\.0\.target/)
})

test.each(['daily/models/dir/../b', 'daily/models/dir/a\nb', 'daily/models/o/a b', 'daily/models/dir'])(
  'an item called %j is refused',
  (id) => {
    const plan = planInto({ hub: 'dir', owner: '.', name: 'x' }, id)
    expect(() => parsePlan(JSON.stringify(plan), 'plan.json')).toThrow(/items\.0\.id/)
  },
)
