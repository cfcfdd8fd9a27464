import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { planCommand } from '../../src/commands/plan.ts'
import { syncCommand } from '../../src/commands/sync.ts'
import { type PlainGitStandIn, startPlainGit } from '../stand-ins/plain-git/index.ts'
import { bytes, defaultOptions, type Harness, onlyItem, refusal, startHarness } from './harness.ts'

let hub: Harness
let host: PlainGitStandIn
beforeAll(async () => {
  hub = await startHarness()
  host = await startPlainGit({ username: 'team' })
})
afterAll(async () => {
  await Promise.all([hub.close(), host.close()])
})

/** A repo with an LFS file on the host, by its address alone. */
async function seeded(name: string, isPrivate = false): Promise<string> {
  const files = { 'README.md': '---\nlicense: mit\n---\n# x\n', 'w.bin': bytes(20_000) }
  await host.seed({ type: 'model', owner: 'team', name, files, ...(isPrivate && { private: true }) })
  return host.gitUrl({ owner: 'team', name })
}

const target = () => `ms:${hub.ms.username}`

it('is a source without any configuration; the second run finds nothing', async () => {
  const request = { repos: [await seeded('open')], to: target(), set: ['visibility=private'] }
  const first = onlyItem((await hub.run(request)).report)
  expect(first).toMatchObject({
    outcome: 'synced',
    source: expect.stringMatching(/^127\.0\.0\.1_\d+:team\/open$/),
  })
  expect(onlyItem((await hub.run(request)).report).outcome).toBe('unchanged')
})

it('is found again by the job of a plan, from the same words only', async () => {
  const from = await seeded('planned')
  const options = {
    ...defaultOptions,
    dir: join(hub.folder, 'planned'),
    from,
    to: target(),
    set: ['visibility=private'],
  }
  expect((await planCommand(await hub.context(), options, hub.env)).exitStatus).toBe(0)
  const other = { ...options, from: host.gitUrl({ owner: 'team', name: 'open' }) }
  const refused = await refusal(syncCommand(await hub.context(), other, hub.env))
  expect(refused.message).toContain('does not come from this configuration')
  const { report } = await syncCommand(await hub.context(), options, hub.env)
  expect(report?.items).toMatchObject([{ outcome: 'synced' }])
})

it('never gets a token of the environment, and says what to do', async () => {
  const from = await seeded('closed', true)
  const { port } = new URL(from)
  const tokens = { GIT_TOKEN: host.token, GH_TOKEN: host.token, [`127_0_0_1_${port}_TOKEN`]: host.token }
  const files = { 'README.md': '---\nlicense: mit\n---\n# x\n' }
  await hub.hf.seed({ type: 'model', owner: hub.hf.username, name: 'mine', files })
  const before = host.requests.length
  for (const request of [
    { from, to: target() },
    { from: `hf:${hub.hf.username}/mine`, to: from },
  ]) {
    const item = onlyItem((await hub.run(request, tokens)).report)
    expect(item).toMatchObject({ outcome: 'failed', error: { code: 'unauthorized' } })
    expect(item.error?.message).toContain('an entry in `hubs`')
  }
  const asked = host.requests.slice(before)
  expect(asked.length).toBeGreaterThan(0)
  expect(asked.filter(({ authorization }) => authorization)).toEqual([])
})
