import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PlainGitStandIn, startPlainGit } from '../stand-ins/plain-git/index.ts'
import { type Harness, onlyItem, startHarness } from './harness.ts'

const run = promisify(execFile)

let hub: Harness
let here: PlainGitStandIn
let there: PlainGitStandIn
let config: string
beforeAll(async () => {
  hub = await startHarness()
  here = await startPlainGit({ createOn: 'push', defaultBranch: 'trunk' })
  there = await startPlainGit({ createOn: 'push' })
  config = join(hub.folder, 'hubs.yml')
  await writeFile(
    config,
    `version: 1\nhubs:\n${hubEntry('here', here)}${hubEntry('there', there)}rules:\n- name: x\n  from: here:alice/nothing\n  to: there:alice\n  trigger: manual\n`,
  )
})
afterAll(async () => {
  await Promise.all([here.close(), there.close()])
  await hub.close()
})

function hubEntry(id: string, { endpoint, token }: PlainGitStandIn): string {
  return `  ${id}: { type: git, endpoint: "${endpoint}", token: "${token}" }\n`
}

/** Commits and pushes a folder as a person would, with stock git. */
async function pushFolder(
  host: PlainGitStandIn,
  name: string,
  branch: string,
  make: (folder: string) => Promise<void>,
) {
  const folder = join(hub.folder, `work-${name}-${branch}`)
  await mkdir(folder, { recursive: true })
  const env = { PATH: process.env.PATH, HOME: hub.folder, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' }
  const git = (...args: string[]) => run('git', args, { cwd: folder, env })
  await git('init', '--quiet', '-b', branch)
  await make(folder)
  await git('add', '-A')
  await git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'by hand')
  const header = `Authorization: Basic ${Buffer.from(`alice:${host.token}`).toString('base64')}`
  await git(
    '-c',
    `http.extraHeader=${header}`,
    'push',
    '--quiet',
    host.gitUrl({ owner: 'alice', name }),
    branch,
  )
}

/** `mode path` of every file of the head, as stock git sees it. */
async function tree(host: PlainGitStandIn, name: string): Promise<string[]> {
  const folder = join(hub.folder, `look-${name}-${Math.random()}`)
  const header = `Authorization: Basic ${Buffer.from(`alice:${host.token}`).toString('base64')}`
  const env = { PATH: process.env.PATH, HOME: hub.folder, GIT_CONFIG_NOSYSTEM: '1' }
  const url = host.gitUrl({ owner: 'alice', name })
  await run('git', ['-c', `http.extraHeader=${header}`, 'clone', '--quiet', '--bare', url, folder], { env })
  const { stdout } = await run('git', ['ls-tree', '-r', 'HEAD'], { cwd: folder, env })
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => `${line.slice(0, 6)} ${line.split('\t')[1]}`)
    .sort()
}

const sync = (repo: string, from: string, to: string) =>
  hub.run({ repos: [repo], from, to, configFile: config })

describe('git host → git host', () => {
  it('keeps executable bits and links, leaves out what leads away, and says so', async () => {
    await pushFolder(here, 'modes', 'trunk', async (folder) => {
      await writeFile(join(folder, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 })
      await writeFile(join(folder, 'plain.txt'), 'text\n')
      await mkdir(join(folder, 'deep'))
      await symlink('../plain.txt', join(folder, 'deep/inside'))
      await symlink('../../outside', join(folder, 'deep/outside'))
    })
    // What is made by a push may be public, so a private source needs a target that is there.
    await there.seed({ type: 'model', owner: 'alice', name: 'modes', private: true, files: {} })
    const first = onlyItem((await sync('alice/modes', 'here', 'there:alice')).report)
    expect(first).toMatchObject({ outcome: 'synced', files: { mismatch: 0 }, published: { by: 'git' } })
    expect(first.notes.join('\n')).toContain(
      'deep/outside: a symbolic link that leads out of the repo is not copied',
    )
    const expected = ['100644 plain.txt', '100755 run.sh', '120000 deep/inside']
    expect((await tree(there, 'modes')).filter((line) => !line.endsWith('.gitattributes'))).toEqual(expected)

    const again = onlyItem((await sync('alice/modes', 'here', 'there:alice')).report)
    expect(again).toMatchObject({ outcome: 'unchanged' })
  })

  it('takes over a bit that changed alone', async () => {
    await pushFolder(here, 'bit', 'trunk', (folder) =>
      writeFile(join(folder, 'a.sh'), 'x\n', { mode: 0o644 }),
    )
    await pushFolder(there, 'bit', 'main', (folder) =>
      writeFile(join(folder, 'a.sh'), 'x\n', { mode: 0o755 }),
    )
    const result = onlyItem((await sync('alice/bit', 'here', 'there:alice')).report)
    expect(result).toMatchObject({ outcome: 'synced', changes: { update: 1 } })
    expect(await tree(there, 'bit')).toEqual(['100644 a.sh'])
  })

  it('an empty repo is skipped with the reason, and one that is absent is an error', async () => {
    await here.seed({ type: 'model', owner: 'alice', name: 'empty', files: {} })
    const empty = await sync('alice/empty', 'here', 'there:alice')
    expect(onlyItem(empty.report)).toMatchObject({ outcome: 'skipped' })
    await expect(sync('alice/nowhere', 'here', 'there:alice')).rejects.toMatchObject({ code: 'usage' })
  })

  it('a plain file that the target would take for LFS gets a line that says otherwise', async () => {
    await pushFolder(here, 'plainbin', 'trunk', async (folder) => {
      await writeFile(join(folder, 'small.bin'), 'not lfs\n')
      await writeFile(join(folder, 'more.txt'), 'x\n')
    })
    await pushFolder(there, 'plainbin', 'main', (folder) =>
      writeFile(join(folder, '.gitattributes'), '*.bin filter=lfs diff=lfs merge=lfs -text\n'),
    )
    const result = onlyItem((await sync('alice/plainbin', 'here', 'there:alice')).report)
    expect(result).toMatchObject({ outcome: 'synced', files: { mismatch: 0 } })
    const files = await there.files({ type: 'model', owner: 'alice', name: 'plainbin' })
    expect(files.get('.gitattributes')?.content?.toString()).toBe(
      '*.bin filter=lfs diff=lfs merge=lfs -text\n/small.bin !filter !diff !merge !text\n',
    )
  })
})

describe('git host → Hugging Face', () => {
  it('says of each file what the API cannot keep', async () => {
    await pushFolder(here, 'to-api', 'trunk', async (folder) => {
      await writeFile(join(folder, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 })
      await symlink('run.sh', join(folder, 'link'))
    })
    const result = onlyItem((await sync('alice/to-api', 'here', 'hf:my-org')).report)
    expect(result).toMatchObject({ outcome: 'synced' })
    expect(result.notes.join('\n')).toContain('link: a symbolic link is not copied')
    expect(result.notes.join('\n')).toContain('run.sh: is not executable on the target')
  })
})
