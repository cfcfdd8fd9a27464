import { afterEach, expect, test } from 'vitest'
import { setPlanOutputs } from '../../../src/action/outputs.ts'
import type { Plan, WorkItem } from '../../../src/model/plan.ts'
import { shard } from '../../../src/planning/shard.ts'
import { sampleItem, samplePlan } from '../report/sample-plan.ts'
import { type FakeRunner, fakeRunner } from './action-run.ts'

let runner: FakeRunner | undefined
afterEach(() => runner?.stop())

function outputsOf(plan: Plan): Record<string, string> {
  runner = fakeRunner({})
  setPlanOutputs({ plan, file: 'plan.json', exitStatus: 0, text: '', json: {} })
  return runner.outputs()
}

function longNamed(index: number): WorkItem {
  const name = `${'n'.repeat(124)}${1000 + index}`
  const item = sampleItem(`daily/models/my-org/${name}`, name)
  return {
    ...item,
    source: { ...item.source, owner: 'o'.repeat(128) },
    target: { ...item.target, hub: 'h'.repeat(128) },
  }
}

test('a matrix of 256 jobs with the longest names is far below the 1 MB (UTF-16) that a job may put out', () => {
  const items = Array.from({ length: 256 }, (_, index) => longNamed(index))
  const jobs = shard(items, { maxJobs: 256, jobSize: 1 })
  expect(jobs).toHaveLength(256)
  const outputs = outputsOf({ ...samplePlan(items), jobs })
  expect(outputs.count).toBe('256')
  expect((outputs.matrix ?? '').length * 2).toBeLessThan(500_000)
})

test('a dry run has no jobs, and says that there is something to do', () => {
  const items = [sampleItem('daily/models/my-org/a', 'a')]
  const jobs = shard(items, { maxJobs: 256, jobSize: 1 })
  expect(outputsOf({ ...samplePlan(items), jobs, dryRun: true })).toEqual({
    matrix: '{"include":[]}',
    count: '0',
    publish: 'false',
    changed: 'true',
    plan: 'plan.json',
  })
})
