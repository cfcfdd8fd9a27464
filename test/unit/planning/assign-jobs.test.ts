import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WorkItem } from '../../../src/model/plan.ts'
import { assignJobs } from '../../../src/planning/assign-jobs.ts'

const item = (index: number, bytes: number): WorkItem => ({
  id: `rule/models/o/n${index}`,
  rule: 'rule',
  type: 'model',
  source: { hub: 'a', owner: 'o', name: `n${index}`, branch: 'main', commit: '0'.repeat(40) },
  target: { hub: 'b', owner: 'o', name: `n${index}`, branch: 'master', head: null },
  visibility: 'public',
  changes: [],
  bytes: { move: bytes, reuse: 0 },
})

describe('assignJobs', () => {
  it('keeps every item exactly once, makes at most maxJobs jobs with ids of their own, and is deterministic', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1e9), { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (sizes, maxJobs) => {
          const items = sizes.map((bytes, index) => item(index, bytes))
          const jobs = assignJobs(items, maxJobs)
          expect(jobs.flatMap((job) => job.items).sort()).toEqual(items.map((one) => one.id).sort())
          expect(jobs.length).toBe(Math.min(maxJobs, items.length))
          expect(new Set(jobs.map((job) => job.id)).size).toBe(jobs.length)
          expect(jobs.reduce((sum, job) => sum + job.bytes, 0)).toBe(
            sizes.reduce((sum, size) => sum + size, 0),
          )
          expect(assignJobs([...items].reverse(), maxJobs)).toEqual(jobs)
        },
      ),
    )
  })

  it('balances by bytes', () => {
    const jobs = assignJobs([item(1, 6e9), item(2, 5e9), item(3, 4e9), item(4, 3e9)], 2)
    expect(jobs.map((job) => job.bytes)).toEqual([9e9, 9e9])
  })
})
