import { expect, test } from 'vitest'
import { parsePlan } from '../../../src/commands/run-directory.ts'
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
