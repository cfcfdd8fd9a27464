import { expect, it } from 'vitest'
import { jobsAtOnce } from '../../../src/commands/sync.ts'
import type { Plan } from '../../../src/model/plan.ts'

const plan = (jobs: number): Pick<Plan, 'jobs'> => ({
  jobs: Array.from({ length: jobs }, (_, index) => ({ id: `job-${index}`, label: '', items: [], bytes: 0 })),
})

it.each([
  ['all jobs, one after the other', 8, { maxParallel: 4 }, 1],
  ['one job by its id', 8, { job: 'job-1', maxParallel: 4 }, 4],
  ['one job by its place', 8, { jobIndex: 0, maxParallel: 4 }, 4],
  ['fewer jobs than may run', 3, { job: 'job-1', maxParallel: 10 }, 3],
  ['no word on how many may run', 8, { job: 'job-1' }, 8],
  ['the only job', 1, { job: 'job-0' }, 1],
  ['the publish round, which comes last', 8, { job: 'publish', maxParallel: 4 }, 1],
  ['a plan that says there are none', 0, { job: 'job-1', maxParallel: 4 }, 1],
])('%s: of %i jobs', (_, jobs, options, atOnce) => {
  expect(jobsAtOnce(plan(jobs), options)).toBe(atOnce)
})
