import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockDirectory } from '../../../src/commands/directory-lock.ts'
import { reportCommand } from '../../../src/commands/report.ts'
import { openRunDirectory } from '../../../src/commands/run-directory.ts'
import { keepState, liveRun } from '../../../src/commands/run-state.ts'
import { defaultOptions } from '../../e2e/harness.ts'
import { testContext } from '../hubs/settings.ts'
import { sampleItem, samplePlan, sampleResult } from '../report/sample-plan.ts'
import { ownFolder } from './service-run.ts'

const id = (name: string) => `r/models/o/${name}`
const plan = samplePlan(
  ['a', 'b', 'c', 'd'].map((name) => sampleItem(id(name), name)),
  {
    runId: 'run-00000001',
    jobs: [{ id: 'all', label: 'all', items: ['a', 'b', 'c', 'd'].map(id), bytes: 0 }],
  },
)
const job = { version: 1, job: 'all', attempt: 1, plan: plan.runId } as const

/** A run that is done with one repo, has failed with another, and works on the third. */
async function runUnderWay() {
  const directory = await openRunDirectory(ownFolder())
  const lock = await lockDirectory(testContext(), directory.path, new AbortController())
  const state = keepState(testContext(), directory)
  const { progress } = state.context
  await directory.writePlan(plan)
  progress({ kind: 'planned', plan })
  for (const name of ['a', 'b', 'c'])
    progress({ kind: 'item-started', item: id(name), label: name, bytes: 1 })
  await directory.appendItem(job, sampleResult(id('a')))
  progress({ kind: 'item-finished', item: id('a'), outcome: 'synced', text: '' })
  const error = { code: 'git', message: 'git failed.' }
  await directory.appendItem(job, sampleResult(id('b'), { outcome: 'failed', error }))
  progress({ kind: 'item-finished', item: id('b'), outcome: 'failed', text: '' })
  const file = join(directory.path, 'state.json')
  while (!readFileSync(file, { encoding: 'utf8', flag: 'a+' }).includes(`["${id('c')}"]`))
    await new Promise((resolve) => setImmediate(resolve))
  const report = () => reportCommand(testContext(), { ...defaultOptions, dir: directory.path }, {})
  return { directory, lock, state, report }
}

test('while a run goes on, `report` tells what waits, what is worked on, and what is done or failed', async () => {
  const { report, state, lock, directory } = await runUnderWay()
  const meanwhile = await report()
  expect(meanwhile.report).toMatchObject({ underWay: true, outcome: 'failure' })
  expect(meanwhile.report.jobs).toBeUndefined()
  expect(meanwhile.text).toContain('Under way: 1 failed, 1 running, 1 waiting, 1 synced')
  expect(meanwhile.text).toMatch(/^running {2}Qwen\/c → /m)
  expect(meanwhile.text).not.toContain('MISSING')
  expect(await directory.readFile('report.md')).toMatch(/^\| running \| .*\n\| waiting \| /m)
  expect(meanwhile.exitStatus).toBe(1)
  await state.end()
  await lock.release()
  const after = await report()
  expect(after.report.underWay).toBeUndefined()
  expect(after.report.items.map(({ outcome, state: word }) => [outcome, word])).toEqual([
    ['synced', undefined],
    ['failed', undefined],
    ['missing', undefined],
    ['missing', undefined],
  ])
})

test('what is only undone yet is no failure', async () => {
  const { report, directory } = await runUnderWay()
  await directory.clearResults()
  await directory.appendItem(job, sampleResult(id('a')))
  await directory.appendItem(job, sampleResult(id('b')))
  const { exitStatus, report: told } = await report()
  expect([exitStatus, told.outcome]).toEqual([0, 'incomplete'])
})

test('a run whose process is gone, another run, or a damaged state is none that goes on', async () => {
  const { directory, lock } = await runUnderWay()
  expect(await liveRun(testContext(), directory, plan.runId)).toMatchObject({ items: [id('c')] })
  expect(await liveRun(testContext(), directory, 'run-00000002')).toBeUndefined()
  await lock.release()
  expect(await liveRun(testContext(), directory, plan.runId)).toBeUndefined()
  writeFileSync(join(directory.path, 'state.json'), '{')
  expect(await liveRun(testContext(), directory, plan.runId)).toBeUndefined()
})

test('a state that cannot be written is told of once, and the run goes on', async () => {
  const directory = await openRunDirectory(ownFolder())
  mkdirSync(join(directory.path, 'state.json'))
  const warned: string[] = []
  const context = testContext()
  const log = { ...context.log, warn: (line: string) => warned.push(line) }
  const state = keepState({ ...context, log }, directory)
  state.context.progress({ kind: 'planned', plan })
  await state.end()
  expect(warned).toEqual([expect.stringContaining('state.json cannot be written')])
})
