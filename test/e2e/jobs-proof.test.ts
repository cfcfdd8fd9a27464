import { createHash } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { planCommand } from '../../src/commands/plan.ts'
import { syncCommand } from '../../src/commands/sync.ts'
import type { Plan } from '../../src/model/plan.ts'
import { type PlainGitStandIn, startPlainGit } from '../stand-ins/plain-git/index.ts'
import { bytes, defaultOptions, type Harness, onlyItem, startHarness } from './harness.ts'

let hub: Harness
let host: PlainGitStandIn
beforeAll(async () => {
  hub = await startHarness()
  host = await startPlainGit({ wrongBytes: 'kept-for-ever' })
})
afterAll(() => Promise.all([host.close(), hub.close()]))

it('the publish job takes no host at its word for an object that no job of the run has read', async () => {
  const contents = Array.from({ length: 6 }, (_, index) => bytes(400_000, 50 + index))
  const files = Object.fromEntries(contents.map((lfs, index) => [`w${index}.safetensors`, { lfs }]))
  await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'cut', files })
  const repo = { type: 'model', owner: 'alice', name: 'cut' } as const
  await host.seed({ ...repo, files: {} })
  await putWrongBytes(repo, contents[0] ?? Buffer.alloc(0))

  const configFile = join(hub.folder, 'plain.yml')
  const plain = { type: 'git', endpoint: host.endpoint, token: host.token }
  await writeFile(configFile, JSON.stringify({ version: 1, hubs: { plain } }))
  const dir = await mkdtemp(join(hub.folder, 'jobs-'))
  const given = { dir, repos: ['Qwen/cut'], from: 'hf', to: 'plain:alice', configFile, jobSize: 17e6 }
  const options = { ...defaultOptions, ...given }
  const { json } = await planCommand(await hub.context(), options, hub.env)
  const outcomes: (string | undefined)[] = []
  for (const job of [...(json as Plan).jobs.map(({ id }) => id), 'publish']) {
    const { report } = await syncCommand(await hub.context(), { ...options, job }, hub.env)
    const { outcome, error } = onlyItem(report)
    outcomes.push(error?.code ?? outcome)
  }
  expect(outcomes).toEqual(['moved', 'moved', 'moved', 'object-missing'])
  expect([...(await host.files(repo)).keys()].filter((path) => path.startsWith('w'))).toEqual([])
})

/** An object of the right id and length, with other bytes, as an upload left it that nobody looked at. */
async function putWrongBytes(repo: { owner: string; name: string }, right: Buffer): Promise<void> {
  const wrong = Buffer.from(right).fill(0, 200_000, 200_010)
  const oid = createHash('sha256').update(right).digest('hex')
  const authorization = `Basic ${Buffer.from(`alice:${host.token}`).toString('base64')}`
  const url = `${host.gitUrl(repo)}/info/lfs/objects/${oid}/${wrong.length}`
  expect((await fetch(url, { method: 'PUT', headers: { authorization }, body: wrong })).status).toBe(200)
}
