import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunOptions } from '../../src/commands/options.ts'
import { planCommand } from '../../src/commands/plan.ts'
import { reportCommand } from '../../src/commands/report.ts'
import { syncCommand } from '../../src/commands/sync.ts'
import type { Plan } from '../../src/model/plan.ts'
import { bytes, defaultOptions, deliveries, type Harness, onlyItem, startHarness } from './harness.ts'

let hub: Harness
beforeAll(async () => {
  hub = await startHarness()
})
afterAll(() => hub.close())

const target = (name: string) => ({ type: 'model' as const, owner: 'my-org', name })

/** A repo of six objects, planned for jobs of about two of them. */
async function planned(name: string, seed: number, length = 6) {
  const files = Object.fromEntries(
    Array.from({ length }, (_, index) => [`w${index}.safetensors`, { lfs: bytes(400_000, seed + index) }]),
  )
  await hub.hf.seed({ type: 'model', owner: 'Qwen', name, files: { ...files, 'config.json': '{}' } })
  const dir = await mkdtemp(join(hub.folder, 'jobs-'))
  const options: RunOptions = {
    ...defaultOptions,
    dir,
    repos: [`Qwen/${name}`],
    from: 'hf',
    to: 'ms:my-org',
    maxJobs: 256,
    jobSize: 17e6,
  }
  const { json, text, words } = await planCommand(await hub.context(), options, hub.env)
  const sync = async (job?: string | number) => {
    const chosen = typeof job === 'number' ? { jobIndex: job } : job === undefined ? {} : { job }
    return syncCommand(await hub.context(), { ...options, ...chosen }, hub.env)
  }
  const report = async () => reportCommand(await hub.context(), options, hub.env)
  return { plan: json as Plan, text, words, dir, sync, report }
}

describe('a repo cut over several jobs', () => {
  it('is moved by the jobs, and published once by the publish job, which moves no object', async () => {
    const { plan, text, words, sync, report } = await planned('cut', 1000)
    expect(plan.jobs.length).toBeGreaterThan(2)
    const ids = plan.jobs.map(({ id }) => id).join(', ')
    expect(words?.next).toContain(`${plan.jobs.length} jobs: ${ids}; `)
    expect(words?.next).toContain('sync --job publish')
    expect(text).toContain(words?.next)
    for (const job of plan.jobs) {
      const { json, exitStatus } = await sync(job.id)
      expect(exitStatus).toBe(0)
      expect(json).toMatchObject([{ items: [{ outcome: 'moved' }] }])
    }
    // Nothing is visible yet, and a report that is made too early says so.
    expect([...(await hub.ms.files(target('cut'))).keys()].filter((path) => path.startsWith('w'))).toEqual([])
    const early = await report()
    expect(early.exitStatus).toBe(1)
    expect(early.report && onlyItem(early.report)).toMatchObject({ outcome: 'missing' })
    expect(early.text).toContain('Next: Publish it with `sync --job publish`')

    hub.ms.requests.length = 0
    await sync('publish')
    expect(deliveries(hub.ms).filter((line) => line.startsWith('PUT'))).toEqual([])
    const late = await report()
    expect(late.exitStatus).toBe(0)
    expect(late.report && onlyItem(late.report)).toMatchObject({
      outcome: 'synced',
      bytes: { moved: 2_400_002 },
      files: { mismatch: 0, unverifiable: 0 },
    })
  })

  it('a job that never ran is made good by the publish job, and doing it all again finds the work done', async () => {
    const { plan, sync, report, dir } = await planned('lost', 2000)
    const [, ...others] = plan.jobs
    for (const job of others) await sync(job.id)
    await sync('publish')
    const done = await report()
    expect(done.report && onlyItem(done.report)).toMatchObject({ outcome: 'synced' })
    const again = await sync(plan.jobs[0]?.id)
    expect(again.json).toMatchObject([{ items: [{ outcome: 'unchanged' }] }])
    await rm(dir, { recursive: true })
  })

  it('`sync` of the whole plan does the publish round by itself', async () => {
    const { sync, report } = await planned('all', 3000)
    expect((await sync()).exitStatus).toBe(0)
    const done = await report()
    expect(done.report && onlyItem(done.report)).toMatchObject({ outcome: 'synced' })
  })

  it('a job index that is not there says which are', async () => {
    const { plan, sync } = await planned('index', 4000)
    await expect(sync(99)).rejects.toMatchObject({
      code: 'usage',
      next: `Give a number from 0 to ${plan.jobs.length - 1}.`,
    })
  })
})

describe('a repo in one job', () => {
  it('has nothing to publish, and keeps commit and bytes in the report when its job runs again', async () => {
    const { plan, words, sync, report, dir } = await planned('whole', 5000, 1)
    expect([plan.jobs.length, words]).toEqual([1, undefined])
    await sync(0)
    const first = await report()
    const row = first.report && onlyItem(first.report)
    expect(row).toMatchObject({ outcome: 'synced', published: expect.anything() })

    expect((await sync(0)).json).toMatchObject([{ items: [{ outcome: 'unchanged' }] }])
    const again = await report()
    expect(again.report && onlyItem(again.report)).toEqual(row)

    const publish = await sync('publish')
    expect(publish.exitStatus).toBe(0)
    expect(publish.text).toMatch(/^Nothing to publish: /)

    // A result that was damaged is no reason not to do the job again.
    await writeFile(join(dir, 'results', `${plan.jobs[0]?.id}.json`), '{')
    await sync(0)
    const mended = await report()
    expect(mended.report && onlyItem(mended.report)).toMatchObject({ outcome: 'unchanged' })
  })
})
