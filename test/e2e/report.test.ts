import { execFile } from 'node:child_process'
import { chmod, cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bytes, type Harness, startHarness } from './harness.ts'

let hub: Harness
let dir: string
beforeAll(async () => {
  hub = await startHarness()
  dir = `${hub.folder}/reports`
  const files = { 'README.md': '---\nlicense: mit\n---\n', 'w.bin': { lfs: bytes(400_000) } }
  await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'good', files })
  await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'gated', files, gated: true })
  await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'fault-missing-object', files })
})
afterAll(() => hub.close())

/** What anybody can check a report with: the published file, not the code that it was made of. */
async function published(): Promise<z.ZodType> {
  return z.fromJSONSchema(JSON.parse(await readFile('report.schema.json', 'utf8')))
}

/** As an account that may not write the folder: root may write everywhere. */
function reportAsStranger(folder: string): Promise<{ status: unknown; out: string; err: string }> {
  const script = fileURLToPath(new URL('./cli-process.ts', import.meta.url))
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  const options = { cwd: folder, env: { PATH: process.env.PATH }, ...nobody }
  return new Promise((done) => {
    execFile(process.execPath, [script, 'report', '--json', '--dir', folder], options, (error, out, err) =>
      done({ status: error?.code ?? 0, out, err }),
    )
  })
}

describe('report.json', () => {
  it.each([
    ['a dry run', true, {}],
    ['a run in which something fails', false, { synced: 1, failed: 1, skipped: 1 }],
    ['a run that finds most of it done', false, { unchanged: 1, failed: 1 }],
  ])('of %s is as its published schema says', async (_, dryRun, outcomes) => {
    const ended = await hub.run({ repos: ['Qwen/*'], from: 'hf', to: 'ms:my-org', dir, dryRun })
    expect(ended.report.totals.outcomes).toMatchObject(outcomes)
    const json: unknown = JSON.parse(await readFile(join(dir, 'report.json'), 'utf8'))
    expect((await published()).safeParse(json).error).toBeUndefined()
    expect(json).toEqual(JSON.parse(JSON.stringify(ended.report)))
  })

  it('of a folder that may only be read is shown, and nothing is written there', async () => {
    // Of a service's account: who looks is somebody else.
    const folder = await mkdtemp(join(tmpdir(), 'read-only-'))
    try {
      for (const name of ['plan.json', 'results'])
        await cp(join(dir, name), join(folder, name), { recursive: true })
      for (const name of await readdir(folder, { recursive: true })) await chmod(join(folder, name), 0o555)
      await chmod(folder, 0o555)
      const before = await readdir(folder, { recursive: true })
      const { status, out, err } = await reportAsStranger(folder)
      expect(err).toContain(`${folder} may only be read: the files of the report were not written.`)
      expect(JSON.parse(out)).toMatchObject({ totals: { outcomes: { unchanged: 1, failed: 1 } } })
      expect(status).toBe(1)
      expect(await readdir(folder, { recursive: true })).toEqual(before)
    } finally {
      for (const one of [folder, join(folder, 'results')]) await chmod(one, 0o755)
      await rm(folder, { recursive: true })
    }
  }, 30_000)

  it('the schema refuses what is no report', async () => {
    const report: object = JSON.parse(await readFile(join(dir, 'report.json'), 'utf8'))
    for (const wrong of [{}, { ...report, more: 1 }, { ...report, items: [{}] }])
      expect((await published()).safeParse(wrong).success).toBe(false)
  })

  it('tells the clock of each stage and job, and pages to look at', async () => {
    await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'later', files: { 'a.txt': 'a' } })
    const { report } = await hub.run({ repos: ['Qwen/later'], from: 'hf', to: 'ms:my-org', dir })
    expect(report.stages?.map(({ name }) => name)).toEqual(['plan', 'sync'])
    expect(report.jobs).toMatchObject([{ kind: 'sync', rows: [0], state: 'done', attempt: 1 }])
    expect(report.items[0]).toMatchObject({
      sourceUrl: `${hub.hf.endpoint}/Qwen/later`,
      sourceCommit: await hub.hf.head({ type: 'model', owner: 'Qwen', name: 'later' }),
      published: { by: 'api' },
    })
    const page = await readFile(join(dir, 'report.html'), 'utf8')
    expect(page).toContain(`href="${hub.hf.endpoint}/Qwen/later"`)
    expect(page).toContain('"a.txt"')
    await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'later', files: { 'a.txt': 'b' } })
    const set = ['existing=skip']
    const skipped = await hub.run({ repos: ['Qwen/later'], from: 'hf', to: 'ms:my-org', dir, set })
    expect(skipped.report.items).toMatchObject([
      { outcome: 'skipped', public: true, sourceUrl: `${hub.hf.endpoint}/Qwen/later` },
    ])
  })
})
