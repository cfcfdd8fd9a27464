import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunOptions } from '../../src/commands/options.ts'
import { planCommand } from '../../src/commands/plan.ts'
import { syncCommand } from '../../src/commands/sync.ts'
import type { FileChange } from '../../src/model/plan.ts'
import { parseTrailers } from '../../src/model/trailers.ts'
import type { SeedRepo, StandIn } from '../stand-ins/core/stand-in.ts'
import { startModelers } from '../stand-ins/modelers/index.ts'
import { startPlainGit } from '../stand-ins/plain-git/index.ts'
import { bytes, defaultOptions, type Harness, onlyItem, startHarness } from './harness.ts'

let hub: Harness
let modelers: StandIn
let plain: StandIn
let other: StandIn
beforeAll(async () => {
  ;[hub, modelers, plain, other] = await Promise.all([
    startHarness(),
    startModelers(),
    startPlainGit({ createOn: 'push' }),
    startPlainGit({ createOn: 'push' }),
  ])
})
afterAll(() => Promise.all([hub.close(), modelers.close(), plain.close(), other.close()]))

const readme = '---\nlicense: apache-2.0\n---\n# Tiny\n'
const files: SeedRepo['files'] = {
  'README.md': readme,
  'old/model.safetensors': { lfs: bytes(200_000, 7) },
  'old/notes.txt': 'old\n',
  'edited.json': '{"by":"us"}\n',
  ...Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`kept/${at}.json`, `{"kept":${at}}\n`])),
}
const gone = ['old/model.safetensors', 'old/notes.txt', 'edited.json']
const withoutGone: SeedRepo['files'] = Object.fromEntries(gone.map((path) => [path, null]))
const withoutOld: SeedRepo['files'] = {
  ...withoutGone,
  'new.json': '{"new":true}\n',
}

type Place = 'hf' | 'ms' | 'modelers' | 'plain' | 'other'

function standIn(place: Place): StandIn {
  return { hf: hub.hf, ms: hub.ms, modelers, plain, other }[place]
}

/** Owners under which the token of each may write. */
const owners: Record<Place, string> = {
  hf: 'my-org',
  ms: 'my-org',
  modelers: 'my-org',
  plain: 'alice',
  other: 'alice',
}

/** Its only row of a run of one rule from one place to the other, each with its token. */
async function run(
  name: string,
  from: Place,
  to: Place,
  keys: Readonly<Record<string, unknown>> = {},
  options: Partial<RunOptions> = {},
) {
  const rule = {
    name: 'r',
    from: `${from}:${owners[from]}/${name}`,
    to: `${to}:${owners[to]}`,
    types: ['model'],
  }
  const host = (place: 'plain' | 'other') => ({
    ...{ type: 'git', endpoint: standIn(place).endpoint, token: `\${${place.toUpperCase()}_TOKEN}` },
  })
  const config = {
    version: 1,
    hubs: { plain: host('plain'), other: host('other') },
    rules: [{ ...rule, ...keys }],
  }
  const configFile = join(hub.folder, `deletes-${name}.yml`)
  await writeFile(configFile, JSON.stringify(config))
  const env = {
    ...{ MODELERS_ENDPOINT: modelers.endpoint, MODELERS_TOKEN: modelers.token },
    ...{ PLAIN_TOKEN: plain.token, OTHER_TOKEN: other.token },
  }
  return onlyItem((await hub.run({ configFile, ...options }, env)).report)
}

function repo(place: Place, name: string) {
  return { type: 'model', owner: owners[place], name } as const
}

/** Changes a repo as a person would. */
function person(place: Place, name: string, changed: SeedRepo['files']): Promise<string> {
  return standIn(place).seed({ ...repo(place, name), files: changed })
}

async function pathsAt(place: Place, name: string): Promise<string[]> {
  const there = [...(await standIn(place).files(repo(place, name))).keys()]
  return there.filter((path) => path !== '.gitattributes').sort()
}

/** What a stock clone of the head's last commits says: newest first, each message with the paths it changed. */
async function history(place: Place, name: string): Promise<{ message: string; changed: string[] }[]> {
  const { endpoint, token } = standIn(place)
  const user = place === 'ms' ? 'oauth2' : standIn(place).username
  const header = `Authorization: Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`
  const folder = join(hub.folder, `clone-${place}-${name}-${Math.random()}`)
  const env = { PATH: process.env.PATH, HOME: hub.folder, GIT_CONFIG_NOSYSTEM: '1', GIT_LFS_SKIP_SMUDGE: '1' }
  const git = async (...args: string[]) =>
    (await promisify(execFile)('git', ['-c', `http.extraHeader=${header}`, ...args], { env })).stdout
  await git('clone', '--quiet', '--bare', `${endpoint}/${owners[place]}/${name}.git`, folder)
  const log = await git('-C', folder, 'log', '--format=%x01%B%x02', '--name-status', '--no-renames')
  return log.split('\x01').flatMap((entry) => {
    const [message, names] = entry.split('\x02')
    if (message === undefined || names === undefined) return []
    return [{ message, changed: names.split('\n').filter((line) => line !== '') }]
  })
}

const guards = { 'max-files': 5, 'max-ratio': 0.5 }

describe('a file that left the source leaves the target, in the same commit as the rest', () => {
  it.each<[Place, Place]>([
    ['hf', 'ms'],
    ['hf', 'modelers'],
    ['ms', 'hf'],
    ['plain', 'other'],
  ])('%s → %s', async (from, to) => {
    const name = `step-${from}-${to}`
    await person(from, name, files)
    const rule = { delete: guards }
    expect(await run(name, from, to, rule)).toMatchObject({ outcome: 'synced', changes: { delete: 0 } })
    await person(to, name, { 'mine.txt': 'mine\n', 'edited.json': '{"by":"a person"}\n' })
    await person(from, name, withoutOld)
    const before = (await history(to, name)).length

    const dry = await run(name, from, to, rule, { dryRun: true })
    expect(dry.changes).toEqual({ add: 1, update: 0, delete: 2 })
    const row = await run(name, from, to, rule)
    expect(row).toMatchObject({ outcome: 'synced', changes: { add: 1, update: 0, delete: 2 } })
    expect(row.files).toMatchObject({ mismatch: 0, unverifiable: 0 })
    expect(row.notes).toContain('not deleted, since changed after both sides had it: edited.json')

    const kept = Array.from({ length: 8 }, (_, at) => `kept/${at}.json`)
    const expected = ['README.md', 'edited.json', ...kept, 'mine.txt', 'new.json'].sort()
    expect(await pathsAt(to, name)).toEqual(expected)
    const [newest, ...older] = await history(to, name)
    expect(older).toHaveLength(before)
    expect(newest?.changed.sort()).toEqual(['A\tnew.json', 'D\told/model.safetensors', 'D\told/notes.txt'])
    expect(newest?.message).toMatch(/: 1 added, 2 deleted\n/)
    expect(parseTrailers(newest?.message ?? '')).toMatchObject({
      from: { commit: await standIn(from).head(repo(from, name)) },
    })

    expect(await run(name, from, to, rule)).toMatchObject({ outcome: 'unchanged', bytes: { moved: 0 } })
    expect(await pathsAt(to, name)).toEqual(expected)
  })
})

describe('a file that became a folder, and a folder a file', () => {
  const swapped: SeedRepo['files'] = {
    'edited.json': null,
    'edited.json/part.json': '{"part":1}\n',
    'old/model.safetensors': null,
    'old/notes.txt': null,
    old: 'a file now\n',
  }

  it('go over in one commit by git push', async () => {
    await person('plain', 'swap', files)
    expect(await run('swap', 'plain', 'other')).toMatchObject({ outcome: 'synced' })
    await person('plain', 'swap', swapped)
    const row = await run('swap', 'plain', 'other', { delete: guards })
    expect(row).toMatchObject({ outcome: 'synced', changes: { add: 2, update: 0, delete: 3 } })
    expect(await pathsAt('other', 'swap')).toEqual(await pathsAt('plain', 'swap'))
    const [commit] = await history('other', 'swap')
    expect(commit?.changed).toHaveLength(5)
    expect(await run('swap', 'plain', 'other', { delete: guards })).toMatchObject({ outcome: 'unchanged' })
  })

  it('block a repo that is published to by an API', async () => {
    await person('hf', 'swap', files)
    expect(await run('swap', 'hf', 'ms')).toMatchObject({ outcome: 'synced' })
    await person('hf', 'swap', swapped)
    const head = await hub.ms.head(repo('ms', 'swap'))
    expect(await run('swap', 'hf', 'ms', { delete: guards })).toMatchObject({
      outcome: 'blocked',
      details: expect.arrayContaining([
        expect.stringMatching(/^edited\.json: .* ModelScope is not known to take both in one commit$/),
      ]),
    })
    expect(await hub.ms.head(repo('ms', 'swap'))).toBe(head)
  })
})

describe('nothing is deleted', () => {
  it('unless the rule says so', async () => {
    await person('hf', 'never', files)
    expect(await run('never', 'hf', 'ms')).toMatchObject({ outcome: 'synced' })
    await person('hf', 'never', withoutOld)
    expect(await run('never', 'hf', 'ms')).toMatchObject({ changes: { add: 1, update: 0, delete: 0 } })
    expect(await pathsAt('ms', 'never')).toEqual(expect.arrayContaining(gone))
  })

  it('over a guard: the repo is blocked with every path, and nothing of it is synced', async () => {
    await person('hf', 'guards', files)
    expect(await run('guards', 'hf', 'ms')).toMatchObject({ outcome: 'synced' })
    const head = await hub.ms.head(repo('ms', 'guards'))
    await person('hf', 'guards', withoutOld)
    const few = await run('guards', 'hf', 'ms', { delete: { 'max-files': 2, 'max-ratio': 0.1 } })
    expect(few).toMatchObject({
      outcome: 'blocked',
      reason: '3 files would be deleted, over max-files: 2 (rule: delete)',
      details: [
        '3 files would be deleted, over max-files: 2 (rule: delete)',
        '3 files would be deleted of the 12 that both sides had, over max-ratio: 0.1 (rule: delete)',
        'edited.json',
        'old/model.safetensors',
        'old/notes.txt',
      ],
    })
    expect(await hub.ms.head(repo('ms', 'guards'))).toBe(head)
    // The guards of `true`: 20 files, a fifth of the repo.
    expect(await run('guards', 'hf', 'ms', { delete: true })).toMatchObject({ outcome: 'blocked' })
    expect(await run('guards', 'hf', 'ms', { delete: guards })).toMatchObject({ changes: { delete: 3 } })
  })

  it('where the source holds no file any more', async () => {
    await person('hf', 'emptied', files)
    expect(await run('emptied', 'hf', 'ms')).toMatchObject({ outcome: 'synced' })
    await person('hf', 'emptied', Object.fromEntries(Object.keys(files).map((path) => [path, null])))
    const row = await run('emptied', 'hf', 'ms', { delete: { 'max-files': 100, 'max-ratio': 1 } })
    expect(row).toMatchObject({
      outcome: 'blocked',
      reason: expect.stringContaining('holds no file any more'),
    })
    expect(await pathsAt('ms', 'emptied')).toHaveLength(12)
  })

  it('where the two never were in step by a sync', async () => {
    await person('hf', 'unknown', withoutOldOf(files))
    await person('modelers', 'unknown', files)
    const first = await run('unknown', 'hf', 'modelers', { delete: guards })
    expect(first).toMatchObject({ outcome: 'unchanged' })
    expect(first.reason ?? first.notes.join()).toContain(
      '3 files are on the target only, and nothing is deleted',
    )
    expect(await pathsAt('modelers', 'unknown')).toHaveLength(12)
  })

  it('where the filters changed since the last sync', async () => {
    await person('hf', 'filters', files)
    expect(await run('filters', 'hf', 'ms')).toMatchObject({ outcome: 'synced' })
    await person('hf', 'filters', withoutOld)
    const rule = { delete: guards, files: { exclude: ['*.md'] } }
    const row = await run('filters', 'hf', 'ms', rule)
    expect(row).toMatchObject({ outcome: 'synced', changes: { add: 1, delete: 0 } })
    expect(row.notes.join()).toContain("the rule's files changed since the last sync")
  })

  it('for another repo that has taken the old name', async () => {
    await person('plain', 'taken', files)
    expect(await run('taken', 'plain', 'other')).toMatchObject({ outcome: 'synced' })
    // The same name on another host, with a history of its own.
    await person('hf', 'taken', withoutOldOf(files))
    const row = await run('taken', 'hf', 'other', { delete: guards })
    expect(row).toMatchObject({ outcome: 'unchanged' })
    expect(await pathsAt('other', 'taken')).toHaveLength(12)
  })

  it('that differs from a path of the source only in case', async () => {
    await person('hf', 'case', files)
    expect(await run('case', 'hf', 'ms')).toMatchObject({ outcome: 'synced' })
    await person('hf', 'case', { 'old/notes.txt': null, 'old/Notes.txt': 'old\n' })
    const row = await run('case', 'hf', 'ms', { delete: guards })
    expect(row).toMatchObject({ outcome: 'synced', changes: { add: 1, delete: 0 } })
    expect(row.notes.join()).toContain('since the other side only spells it in another way: old/notes.txt')
  })
})

describe('a listing that lies', () => {
  it('by ending too soon without a word deletes nothing', async () => {
    const liar = await startHarness({ ms: { fileListLimit: 4 } })
    try {
      const three = { 'README.md': readme, 'b.json': '{}', 'z.json': '{}' }
      const source = { type: 'model', owner: 'my-org', name: 'cut' } as const
      await liar.ms.seed({ ...source, files: three })
      const set = ['delete={ max-files: 5, max-ratio: 1 }']
      const go = async () =>
        onlyItem((await liar.run({ repos: ['my-org/cut'], from: 'ms', to: 'hf:my-org', set })).report)
      expect(await go()).toMatchObject({ outcome: 'synced' })
      await liar.ms.seed({ ...source, files: { 'a.json': '{}' } })
      expect(await go()).toMatchObject({
        outcome: 'failed',
        reason: expect.stringContaining('serves z.json, which its listing leaves out'),
      })
      expect([...(await liar.hf.files(source)).keys()]).toContain('z.json')
    } finally {
      await liar.close()
    }
  })
})

describe('deletes alone', () => {
  it('make a commit, which is read back', async () => {
    await person('hf', 'job', files)
    expect(await run('job', 'hf', 'ms')).toMatchObject({ outcome: 'synced' })
    await person('hf', 'job', withoutGone)
    const row = await run('job', 'hf', 'ms', { delete: guards })
    expect(row).toMatchObject({
      outcome: 'synced',
      changes: { add: 0, update: 0, delete: 3 },
      bytes: { moved: 0 },
      files: { verified: 3, mismatch: 0 },
    })
  })

  it('of a saved plan are what the rules and both hubs give, and no others', async () => {
    await person('hf', 'saved', files)
    expect(await run('saved', 'hf', 'ms')).toMatchObject({ outcome: 'synced' })
    await person('hf', 'saved', withoutGone)
    const set = ['delete={max-files: 5, max-ratio: 0.5}']
    const dir = join(hub.folder, 'saved-plan')
    const options = { ...defaultOptions, repos: ['my-org/saved'], from: 'hf', to: 'ms:my-org', set, dir }
    const sync = async () => syncCommand(await hub.context(), options, hub.env)
    await planCommand(await hub.context(), options, hub.env)
    const file = join(dir, 'plan.json')
    const plan = JSON.parse(await readFile(file, 'utf8'))
    const [item] = plan.items
    const planned = item.changes.map(({ kind, path }: FileChange) => `${kind} ${path}`)
    expect(planned.sort()).toEqual(gone.map((path) => `delete ${path}`).sort())
    const more = { kind: 'delete', path: 'kept/0.json', size: 11, move: 'none' }
    for (const changes of [item.changes.slice(1), [...item.changes, more]]) {
      await writeFile(file, JSON.stringify({ ...plan, items: [{ ...item, changes }] }))
      expect((await sync()).report?.items).toMatchObject([{ outcome: 'failed', error: { code: 'plan' } }])
    }
    expect(await pathsAt('ms', 'saved')).toHaveLength(12)
    await writeFile(file, JSON.stringify(plan))
    expect((await sync()).report?.items).toMatchObject([{ outcome: 'synced' }])
    expect(await pathsAt('ms', 'saved')).toHaveLength(9)
  })
})

describe('adopt', () => {
  it.each<[Place, Place]>([
    ['hf', 'ms'],
    ['hf', 'modelers'],
    ['ms', 'hf'],
    ['plain', 'other'],
  ])('gives equal repos a base by one commit that changes nothing: %s → %s', async (from, to) => {
    const name = `adopt-${from}-${to}`
    await person(from, name, files)
    await person(to, name, { ...files, 'mine.txt': 'mine\n' })
    const rule = { delete: guards, adopt: true }
    const before = (await history(to, name)).length
    expect(await run(name, from, to, rule, { dryRun: true })).toHaveProperty('forecast.move', 0)
    expect(await run(name, from, to, rule)).toMatchObject({
      outcome: 'synced',
      bytes: { moved: 0 },
      notes: expect.arrayContaining([expect.stringContaining('one commit without changes')]),
    })
    const [newest, ...older] = await history(to, name)
    expect(older).toHaveLength(before)
    expect(newest?.changed).toEqual([])
    expect(await run(name, from, to, rule)).toMatchObject({ outcome: 'unchanged' })

    await person(from, name, withoutGone)
    expect(await run(name, from, to, rule)).toMatchObject({ outcome: 'synced', changes: { delete: 3 } })
    expect(await pathsAt(to, name)).toEqual(
      [...Object.keys(files).filter((path) => !gone.includes(path)), 'mine.txt'].sort(),
    )
    expect(await run(name, from, to, rule)).toMatchObject({ outcome: 'unchanged' })
  })

  it('fails where the hub takes no push', async () => {
    const name = 'adopt-fault-git-refused'
    await person('hf', name, files)
    await person('ms', name, files)
    const row = await run(name, 'hf', 'ms', { adopt: true })
    expect(row).toMatchObject({ outcome: 'failed', error: { code: 'forbidden' } })
  })

  it('does nothing to a repo that was synced before', async () => {
    await person('hf', 'adopted', files)
    expect(await run('adopted', 'hf', 'ms')).toMatchObject({ outcome: 'synced' })
    expect(await run('adopted', 'hf', 'ms', { adopt: true })).toMatchObject({ outcome: 'unchanged' })
  })
})

/** The same files without those that go. */
function withoutOldOf(all: SeedRepo['files']): SeedRepo['files'] {
  return Object.fromEntries(Object.entries(all).filter(([path]) => !gone.includes(path)))
}
