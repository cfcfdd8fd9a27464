import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { deliveries, type Harness, startHarness } from '../e2e/harness.ts'
import { conclusionsOf, jobNamed, logOf, project, runCaller, seedModel, summaryOf } from './project.ts'
import type { RunRequest } from './run-state.ts'

let hub: Harness
beforeAll(async () => {
  hub = await startHarness({ hf: { organizations: ['Hidden'] } })
})
afterAll(() => hub.close())
beforeEach(() => {
  hub.hf.requests.length = 0
  hub.ms.requests.length = 0
})

const sha = '0'.repeat(40)

/** A caller in another organisation, as small as it gets, with these inputs. */
const caller = (inputs = '{}', on = 'workflow_dispatch:') => `name: Sync models
on:
  ${on}
permissions: {}
jobs:
  sync:
    permissions: { contents: read, actions: read, issues: write }
    uses: ${project}/.github/workflows/sync.yml@${sha}
    with: ${inputs}
    secrets:
      huggingface-token: \${{ secrets.HF_TOKEN }}
      modelscope-token: \${{ secrets.MODELSCOPE_TOKEN }}
`

const config = (owner: string, to: string) =>
  `version: 1\nrules:\n  - { name: all, from: "huggingface:${owner}", to: "modelscope:${to}" }\n`

/** Runs that caller over all models of an owner. */
const sync = (owner: string, inputs = '{}', request: Partial<RunRequest> = {}, on?: string) =>
  runCaller(
    hub,
    {
      '.github/workflows/sync.yml': caller(inputs, on),
      '.github/model-hub-sync.yml': config(owner, 'my-org'),
    },
    { workflow: '.github/workflows/sync.yml', ...request },
  )

const headOf = (name: string) => hub.ms.head({ type: 'model', owner: 'my-org', name })

describe('the reusable workflow', () => {
  it('syncs, reports on one page, and the next run finds nothing to do', async () => {
    for (const name of ['first-a', 'first-b', 'first-c']) await seedModel(hub, name, 2, 'First')
    const first = await sync('First', '{ job-size: 30kB }')
    expect(first.conclusion).toBe('success')
    const legs = first.jobs.filter(
      (job) => job.steps.some((step) => step.name === '$/sync') && !/Publish/.test(job.name),
    )
    expect(legs.length).toBeGreaterThan(1)
    const report = jobNamed(first, /Report$/)
    expect(report.outputs).toMatchObject({ outcome: 'success', synced: '3', unchanged: '0', failed: '0' })
    expect(summaryOf(report)).toContain('first-b')
    for (const leg of legs)
      expect(summaryOf(leg).trim().split('\n').filter(Boolean).length).toBeLessThanOrEqual(3)
    for (const name of ['first-a', 'first-b', 'first-c']) expect(await headOf(name)).toBeDefined()
    for (const token of [hub.hf.token, hub.ms.token]) expect(JSON.stringify(first)).not.toContain(token)

    hub.ms.requests.length = 0
    const second = await sync('First')
    expect(second.conclusion).toBe('success')
    expect(conclusionsOf(second)).toEqual({
      'sync / Plan': 'success',
      'sync / sync': 'skipped',
      'sync / publish': 'skipped',
      'sync / Report': 'success',
    })
    expect(jobNamed(second, /Report$/).outputs).toMatchObject({
      outcome: 'success',
      synced: '0',
      unchanged: '3',
    })
    expect(summaryOf(jobNamed(second, /Report$/))).toMatch(/nothing to do/i)
    expect(deliveries(hub.ms)).toEqual([])
  }, 120_000)

  it('a repo cut over jobs is published once, by the publish job, which moves nothing', async () => {
    await seedModel(hub, 'cut', 4, 'Cut')
    const ended = await sync('Cut', '{ job-size: 45kB }')
    expect(ended.conclusion).toBe('success')
    expect(ended.jobs.length).toBeGreaterThanOrEqual(5)
    expect(jobNamed(ended, /Publish$/).conclusion).toBe('success')
    expect(jobNamed(ended, /Report$/).outputs).toMatchObject({ outcome: 'success', synced: '1' })
    expect(deliveries(hub.ms).filter((line) => line.startsWith('PUT'))).toHaveLength(4)
  }, 90_000)

  it.each(['loseMachine', 'kill'] as const)(
    'a job that is lost (%s) is missing, and running it again brings only its work',
    async (how) => {
      const owner = `Lost-${how}`
      for (const name of ['one', 'two', 'three']) await seedModel(hub, `${how}-${name}`, 1, owner)
      const ended = await sync(owner, '{ job-size: 1kB }', {
        onStep: (step) => {
          if (step.job.includes(`${how}-two`) && step.step === '$/sync') step[how]()
        },
      })
      expect(ended.conclusion).toBe('failure')
      expect(jobNamed(ended, new RegExp(`${how}-two`)).conclusion).toBe('failure')
      expect(jobNamed(ended, new RegExp(`${how}-one`)).conclusion).toBe('success')
      const report = jobNamed(ended, /Report$/)
      expect(report.conclusion).toBe('failure')
      expect(report.outputs).toMatchObject({ outcome: 'incomplete', synced: '2', failed: '1' })
      expect(summaryOf(report)).toMatch(/missing/)
      expect(await headOf(`${how}-two`)).toBeUndefined()

      hub.ms.requests.length = 0
      const again = await ended.rerunFailed({ onStep: () => undefined })
      expect(again.conclusion).toBe('success')
      const ran = again.jobs.filter((job) => job.attempt === 2).map((job) => job.name)
      expect(ran.filter((name) => !/Report$|publish$/i.test(name))).toEqual([
        expect.stringContaining(`${how}-two`),
      ])
      expect(jobNamed(again, /Report$/).outputs).toMatchObject({
        outcome: 'success',
        synced: '3',
        failed: '0',
      })
      expect(deliveries(hub.ms).filter((line) => line.startsWith('PUT'))).toHaveLength(1)
    },
    120_000,
  )

  it('all of it run again finds the finished work finished', async () => {
    for (const name of ['again-one', 'again-two']) await seedModel(hub, name, 1, 'Again')
    const ended = await sync('Again', '{ job-size: 1kB }', {
      onStep: ({ job, step, kill }) => {
        if (job.endsWith('Report') && step === '$/report') kill()
      },
    })
    expect(ended.conclusion).toBe('failure')
    hub.hf.requests.length = 0
    hub.ms.requests.length = 0
    const again = await ended.rerunFailed({ onStep: () => undefined })
    expect(again.conclusion).toBe('success')
    expect(again.jobs.filter((job) => job.attempt === 2).map((job) => job.name)).toEqual(['sync / Report'])
    expect(jobNamed(again, /Report$/).outputs).toMatchObject({ outcome: 'success', synced: '2' })
    expect([...hub.hf.requests, ...hub.ms.requests]).toEqual([])
  }, 90_000)

  it('a repo that fails makes the run fail, the others are synced; with `fail-on: never` the run is green', async () => {
    for (const name of ['fault-missing-object', 'healthy']) await seedModel(hub, name, 1, 'Faulty')
    const ended = await sync('Faulty', '{ job-size: 1kB }')
    expect(ended.conclusion).toBe('failure')
    const report = jobNamed(ended, /Report$/)
    expect(report.outputs).toMatchObject({ outcome: 'failure', synced: '1', failed: '1' })
    expect(
      report.steps
        .flatMap((step) => step.annotations)
        .map(({ message }) => message)
        .join(),
    ).toContain('fault-missing-object')

    const told = await sync('Faulty', '{ job-size: 1kB, fail-on: never }')
    expect(jobNamed(told, /Report$/).outputs).toMatchObject({ outcome: 'failure', failed: '1' })
    expect(told.conclusion).toBe('success')
  }, 120_000)

  it('a dry run compares and reports, and no job writes', async () => {
    await seedModel(hub, 'dry', 1, 'Dry')
    const ended = await sync('Dry', '{ dry-run: true }')
    expect(ended.conclusion).toBe('success')
    expect(conclusionsOf(ended)).toMatchObject({ 'sync / sync': 'skipped', 'sync / publish': 'skipped' })
    expect(summaryOf(jobNamed(ended, /Report$/))).toContain('dry')
    expect(deliveries(hub.ms)).toEqual([])
    expect(await headOf('dry')).toBeUndefined()
  }, 60_000)

  it('a dispatch with a model name syncs that model', async () => {
    for (const name of ['named-one', 'named-two']) await seedModel(hub, name, 1, 'Named')
    const on = 'workflow_dispatch: { inputs: { model: { description: Repo names, type: string } } }'
    const ended = await sync(
      'Named',
      `{ model: "\${{ inputs.model }}" }`,
      { inputs: { model: 'Named/named-two' } },
      on,
    )
    expect(ended.conclusion).toBe('success')
    expect(jobNamed(ended, /Report$/).outputs).toMatchObject({ synced: '1' })
    expect(await headOf('named-two')).toBeDefined()
    expect(await headOf('named-one')).toBeUndefined()
  }, 60_000)

  it.each(['pull_request', 'pull_request_target'])(
    '%s is refused before any request',
    async (name) => {
      const payload = { pull_request: { number: 1, head: { repo: { fork: true } } } }
      const ended = await sync('First', '{}', { event: { name, payload } }, `${name}:`)
      expect(ended.conclusion).toBe('failure')
      expect(jobNamed(ended, /Plan$/).conclusion).toBe('failure')
      expect(logOf(jobNamed(ended, /Plan$/))).toContain('stranger')
      expect(ended.jobs.filter((job) => job.conclusion !== 'skipped').map((job) => job.name)).toEqual([
        'sync / Plan',
      ])
      expect([...hub.hf.requests, ...hub.ms.requests]).toEqual([])
    },
    60_000,
  )

  it('cancelled, a job keeps its work and says so; run again, the rest is done', async () => {
    const slow = await startHarness({ hf: { bandwidth: 30_000 } })
    try {
      await seedModel(slow, 'long', 4, 'Long')
      const files = {
        '.github/workflows/sync.yml': caller(),
        '.github/model-hub-sync.yml': config('Long', 'my-org'),
      }
      const started = () => slow.hf.requests.some(({ server }) => server === 'storage')
      const ended = await runCaller(slow, files, {
        workflow: '.github/workflows/sync.yml',
        onStep: async ({ step, cancelRun }) => {
          while (step === '$/sync' && !started()) await delay(50)
          if (step === '$/sync') cancelRun()
        },
      })
      expect(ended.jobs.filter((job) => job.conclusion === 'cancelled')).toHaveLength(1)
      expect(ended.artifacts.filter((name) => name.includes('-result-'))).toHaveLength(1)
      expect(jobNamed(ended, /Report$/).outputs).toMatchObject({ outcome: 'incomplete', synced: '0' })
      const target = { type: 'model' as const, owner: 'my-org', name: 'long' }
      expect([...(await slow.ms.files(target)).keys()].filter((path) => path.startsWith('w'))).toEqual([])

      const again = await ended.rerunFailed({ onStep: () => undefined })
      expect(again.conclusion).toBe('success')
      expect(jobNamed(again, /Report$/).outputs).toMatchObject({ outcome: 'success', synced: '1' })
    } finally {
      await slow.close()
    }
  }, 120_000)

  it('in a public repository names no private repo: not in artifacts, outputs, names of jobs, logs or summaries', async () => {
    const names = ['hushed-large', 'hushed-small']
    for (const name of names) await seedModel(hub, name, 1, 'Hidden', { visibility: 'private' })
    await seedModel(hub, 'announced', 1, 'Hidden')
    const repository = { full_name: 'me/sync', default_branch: 'main', private: false, visibility: 'public' }
    const ended = await sync('Hidden', '{ job-size: 1kB }', {
      event: { name: 'workflow_dispatch', payload: { repository } },
    })
    expect(ended.conclusion).toBe('success')
    expect(jobNamed(ended, /Report$/).outputs).toMatchObject({ outcome: 'success', synced: '3' })
    expect(JSON.stringify(ended.jobs)).toContain('private-1')
    const files = globSync(join(ended.folder, 'artifacts/**/*'))
      .filter((path) => statSync(path).isFile())
      .map((path) => path + readFileSync(path, 'utf8'))
    expect(files.length).toBeGreaterThanOrEqual(7)
    const everything = JSON.stringify(ended) + files.join('\n')
    expect(everything).toContain('announced')
    expect(everything).not.toMatch(/hushed/i)
    expect(await Promise.all(names.map(headOf))).not.toContain(undefined)
  }, 90_000)
})
