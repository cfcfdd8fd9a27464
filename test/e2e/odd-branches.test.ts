import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { planCommand } from '../../src/commands/plan.ts'
import { syncCommand } from '../../src/commands/sync.ts'
import { startPlainGit } from '../stand-ins/plain-git/index.ts'
import { defaultOptions, onlyItem, startHarness } from './harness.ts'

it('a plan holds branches of every name that git takes', async () => {
  const hub = await startHarness()
  const host = await startPlainGit({ defaultBranch: 'größe,(1)/主' })
  try {
    await host.seed({ type: 'model', owner: 'alice', name: 'odd', private: false, files: { 'a.txt': 'a' } })
    const configFile = join(hub.folder, 'plain.yml')
    const plain = { type: 'git', endpoint: host.endpoint, token: host.token }
    await writeFile(configFile, JSON.stringify({ version: 1, hubs: { plain } }))
    const dir = await mkdtemp(join(hub.folder, 'run-'))
    const options = {
      ...defaultOptions,
      dir,
      configFile,
      repos: ['alice/odd'],
      from: 'plain',
      to: 'ms:my-org',
    }
    await planCommand(await hub.context(), options, hub.env)
    const { report } = await syncCommand(await hub.context(), options, hub.env)
    expect(onlyItem(report)).toMatchObject({ outcome: 'synced' })
  } finally {
    await Promise.all([host.close(), hub.close()])
  }
})

it('a plan holds sizes that no file has', async () => {
  const hub = await startHarness()
  const hosts = await Promise.all([startPlainGit(), startPlainGit()])
  const [from, to] = hosts
  try {
    const pointer = (n: number) =>
      `version https://git-lfs.github.com/spec/v1\noid sha256:${`${n}`.padStart(64, '0')}\nsize 999999999999999\n`
    const files = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`w${n}.bin`, pointer(n)]))
    await from.seed({ type: 'model', owner: 'alice', name: 'huge', private: false, files })
    await to.seed({ type: 'model', owner: 'alice', name: 'huge', files: {} })
    const configFile = join(hub.folder, 'plain.yml')
    const hubs = {
      from: { type: 'git', endpoint: from.endpoint, token: from.token },
      to: { type: 'git', endpoint: to.endpoint, token: to.token },
    }
    await writeFile(configFile, JSON.stringify({ version: 1, hubs }))
    const dir = await mkdtemp(join(hub.folder, 'run-'))
    const options = {
      ...defaultOptions,
      dir,
      configFile,
      repos: ['alice/huge'],
      from: 'from',
      to: 'to:alice',
    }
    const planned = await planCommand(await hub.context(), options, hub.env)
    expect(planned.json).toMatchObject({ items: [{ bytes: { move: 12 * 999_999_999_999_999 } }] })
    const { report } = await syncCommand(await hub.context(), options, hub.env)
    expect(onlyItem(report)).toMatchObject({ outcome: 'failed' })
  } finally {
    await Promise.all([...hosts.map((host) => host.close()), hub.close()])
  }
})
