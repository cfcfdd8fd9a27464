import { appendFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openRunDirectory } from '../../../src/commands/run-directory.ts'
import { buildReport } from '../../../src/report/build-report.ts'
import { options, sampleItem, sampleJob, samplePlan, sampleResult } from '../report/sample-plan.ts'
import { ownFolder } from './service-run.ts'

const id = (name: string) => `r/models/o/${name}`
const job = { version: 1, job: 'all', attempt: 1, plan: 'run-00000001' } as const
const plan = samplePlan(
  ['a', 'b', 'c'].map((name) => sampleItem(id(name), name)),
  {
    jobs: [{ id: 'all', label: 'all', items: ['a', 'b', 'c'].map(id), bytes: 0 }],
  },
)
const nobody = (line: string) => {
  throw new Error(`nothing was to be said: ${line}`)
}

test('a job that died leaves what it has finished; the rest is missing', async () => {
  const directory = await openRunDirectory(ownFolder())
  await directory.appendItem(job, sampleResult(id('a')))
  await directory.appendItem(
    job,
    sampleResult(id('b'), { outcome: 'failed', error: { code: 'git', message: 'x' } }),
  )
  appendFileSync(join(directory.path, 'results', 'all.jsonl'), '{"version":1,"job":"al')
  const results = await directory.readResults(nobody)
  expect(results).toMatchObject([{ job: 'all', unfinished: true, items: [{ id: id('a') }, { id: id('b') }] }])
  const report = buildReport(plan, results, options)
  expect(report.items.map(({ outcome }) => outcome)).toEqual(['synced', 'failed', 'missing'])
  expect(report.jobs).toMatchObject([{ state: 'stopped' }])
  expect(statSync(join(directory.path, 'results', 'all.jsonl')).mode & 0o777).toBe(0o600)
})

test('the result of the job takes the place of its items', async () => {
  const directory = await openRunDirectory(ownFolder())
  await directory.appendItem(job, sampleResult(id('a')))
  const result = sampleJob('all', [sampleResult(id('a')), sampleResult(id('b'))], { plan: job.plan })
  await directory.writeResult(result)
  expect(readdirSync(join(directory.path, 'results'))).toEqual(['all.json'])
  expect(await directory.readResults(nobody)).toEqual([result])
})

test('what an attempt has synced stays so, whatever a later one came to', async () => {
  const directory = await openRunDirectory(ownFolder())
  const stopped = [sampleResult(id('a')), sampleResult(id('b'))]
  await directory.writeResult(sampleJob('all', stopped, { plan: job.plan, stopped: true }))
  await directory.appendItem(job, sampleResult(id('a'), { outcome: 'unchanged' }))
  await directory.appendItem(job, sampleResult(id('c')))
  const all = { [id('a')]: 'synced', [id('b')]: 'synced', [id('c')]: 'synced' }
  const outcomes = (items: readonly { id: string; outcome: string }[] = []) =>
    Object.fromEntries(items.map((item) => [item.id, item.outcome]))
  expect(outcomes((await directory.readResult('all'))?.items)).toEqual(all)
  const report = buildReport(plan, await directory.readResults(nobody), options)
  expect(outcomes(report.items)).toEqual(all)
})

test('lines of two plans, or a line that was edited, are damage; the others count', async () => {
  const directory = await openRunDirectory(ownFolder())
  await directory.appendItem(job, sampleResult(id('a')))
  await directory.appendItem({ ...job, plan: 'another' }, sampleResult(id('b')))
  await directory.appendItem({ ...job, job: 'other' }, sampleResult(id('c')))
  writeFileSync(join(directory.path, 'results', 'third.jsonl'), 'no JSON\n')
  const warned: string[] = []
  const results = await directory.readResults((line) => warned.push(line))
  expect(results.map((result) => result.job)).toEqual(['other'])
  expect(warned).toHaveLength(2)
})
