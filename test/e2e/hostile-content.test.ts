import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ModelersStandIn, startModelers } from '../stand-ins/modelers/index.ts'
import { type PlainGitStandIn, startPlainGit } from '../stand-ins/plain-git/index.ts'
import { type Harness, onlyItem, startHarness } from './harness.ts'

const run = promisify(execFile)

let hub: Harness
let here: PlainGitStandIn
let there: PlainGitStandIn
let modelers: ModelersStandIn
let config: string
beforeAll(async () => {
  hub = await startHarness()
  here = await startPlainGit({ createOn: 'push' })
  there = await startPlainGit({ createOn: 'push' })
  modelers = await startModelers()
  config = join(hub.folder, 'hubs.yml')
  await writeFile(
    config,
    `version: 1\nhubs:\n${hubEntry('here', here)}${hubEntry('there', there)}rules:\n- name: x\n  from: here:alice/nothing\n  to: there:alice\n  trigger: manual\n`,
  )
})
afterAll(() => Promise.all([here.close(), there.close(), modelers.close(), hub.close()]))

function hubEntry(id: string, { endpoint, token }: PlainGitStandIn): string {
  return `  ${id}: { type: git, endpoint: "${endpoint}", token: "${token}" }\n`
}

async function pushFolder(host: PlainGitStandIn, name: string, make: (folder: string) => Promise<void>) {
  const folder = await mkdtemp(join(hub.folder, 'work-'))
  const env = { PATH: process.env.PATH, HOME: hub.folder, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' }
  const git = (...args: string[]) => run('git', args, { cwd: folder, env })
  await git('init', '--quiet', '-b', 'main')
  await make(folder)
  await git('add', '-A')
  await git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'by hand')
  const header = `Authorization: Basic ${Buffer.from(`alice:${host.token}`).toString('base64')}`
  const url = host.gitUrl({ owner: 'alice', name })
  await git('-c', `http.extraHeader=${header}`, 'push', '--quiet', url, 'main')
}

const env = () => ({ MODELERS_ENDPOINT: modelers.endpoint, MODELERS_TOKEN: modelers.token })
const sync = async (repo: string, from: string, to: string) =>
  onlyItem((await hub.run({ repos: [repo], from, to, configFile: config }, env())).report)

describe('content made to be in the way', () => {
  it('a link of the target is not replaced by a folder', async () => {
    await pushFolder(here, 'in-the-way', async (folder) => {
      await mkdir(join(folder, 'data'))
      await writeFile(join(folder, 'data/x.txt'), 'x\n')
    })
    await pushFolder(there, 'in-the-way', (folder) => symlink('../../elsewhere', join(folder, 'data')))
    const item = await sync('alice/in-the-way', 'here', 'there:alice')
    expect(item).toMatchObject({ outcome: 'blocked' })
    expect(JSON.stringify(item)).toContain('nothing is ever deleted')
  })

  it('a README and a LICENSE of any size go over to a hub that wants a license', async () => {
    await pushFolder(here, 'big-texts', async (folder) => {
      await writeFile(join(folder, 'README.md'), `# x\n${'long line\n'.repeat(150_000)}`)
      await writeFile(join(folder, 'LICENSE'), 'mine\n'.repeat(100_000))
      await writeFile(join(folder, 'a.txt'), 'a\n')
    })
    const item = await sync('alice/big-texts', 'here', 'modelers:my-org')
    expect(item).toMatchObject({ outcome: 'synced' })
  })
})
