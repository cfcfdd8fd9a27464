import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WorkItem } from '../../../src/model/plan.ts'
import { needsPublishRound, shard } from '../../../src/planning/shard.ts'

const oid = (text: string) => createHash('sha256').update(text).digest('hex')

/** A repo of LFS objects of these sizes. */
const item = (name: string, sizes: readonly number[]): WorkItem => ({
  id: `rule/models/o/${name}`,
  rule: 'rule',
  type: 'model',
  source: { hub: 'a', owner: 'o', name, branch: 'main', commit: '0'.repeat(40) },
  target: { hub: 'b', owner: 'o', name, branch: 'master', head: null },
  visibility: 'public',
  changes: sizes.map((size, index) => ({
    kind: 'add',
    path: `f${index}`,
    size,
    sha256: oid(`${name}/${index}`),
    move: 'relay',
  })),
  bytes: { move: sizes.reduce((sum, size) => sum + size, 0), reuse: 0 },
})

const works = fc
  .array(fc.array(fc.integer({ min: 1, max: 5e9 }), { maxLength: 30 }), { maxLength: 20 })
  .map((repos) => repos.map((sizes, index) => item(`n${index}`, sizes)))

describe('shard', () => {
  it('keeps every repo, and every object of a cut repo, exactly once; never too many jobs; the same for any order', () => {
    fc.assert(
      fc.property(
        works,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1e9, max: 50e9 }),
        (items, maxJobs, jobSize) => {
          const jobs = shard(items, { maxJobs, jobSize })
          expect(jobs.length).toBeLessThanOrEqual(maxJobs)
          expect(new Set(jobs.map((job) => job.id)).size).toBe(jobs.length)
          expect(shard([...items].reverse(), { maxJobs, jobSize })).toEqual(jobs)
          const cut = new Map<string, string[]>()
          const whole: string[] = []
          for (const job of jobs) {
            const [only = '', ...others] = job.items
            if (job.objects === undefined) whole.push(...job.items)
            else {
              expect(others).toEqual([])
              cut.set(only, [...(cut.get(only) ?? []), ...job.objects])
            }
          }
          expect([...whole, ...cut.keys()].sort()).toEqual(items.map(({ id }) => id).sort())
          for (const one of items) {
            const objects = cut.get(one.id)
            if (objects !== undefined)
              expect(objects.sort()).toEqual(one.changes.map((change) => change.sha256).sort())
          }
          expect(needsPublishRound(jobs)).toBe(cut.size > 0)
          const bytes = jobs.reduce((sum, job) => sum + job.bytes, 0)
          expect(bytes).toBe(items.reduce((sum, one) => sum + one.bytes.move, 0))
        },
      ),
    )
  })

  it('grows beyond the job size only when it must', () => {
    const many = Array.from({ length: 100 }, (_, index) => item(`n${index}`, [1e9]))
    for (const job of shard(many, { maxJobs: 256, jobSize: 20e9 }))
      expect(job.bytes).toBeLessThanOrEqual(20e9)
    const few = shard(many, { maxJobs: 2, jobSize: 20e9 })
    expect(few.map((job) => job.bytes)).toEqual([50e9, 50e9])
  })

  it('counts requests, not bytes alone', () => {
    const small = Array.from({ length: 2000 }, (_, index) => item(`n${index}`, []))
    expect(shard(small, { maxJobs: 256, jobSize: 20e9 }).length).toBeGreaterThan(1)
  })

  it('one file that is larger than a job has one for itself, and the rest is evened out', () => {
    const jobs = shard([item('big', [50e9, 4.9e9, 4.9e9, 4.9e9, 4.9e9])], { maxJobs: 256, jobSize: 20e9 })
    expect(jobs.map((job) => job.bytes)).toEqual([50e9, 19.6e9])
  })

  it('nothing to do is no job', () => {
    expect(shard([], { maxJobs: 256, jobSize: 20e9 })).toEqual([])
  })
})
