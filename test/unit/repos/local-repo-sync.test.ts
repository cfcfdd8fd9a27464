import { symlink, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { expandRules } from '../../../src/config/expand.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { deriveWork } from '../../../src/planning/derive-work.ts'
import { runJob } from '../../../src/sync/run-job.ts'
import { contentOf } from '../lfs/objects.ts'
import { contextOf, filesIn, folderOf, repoAt, write } from './local-folder.ts'

const { rules } = expandRules(
  loadConfig('version: 1\nrules: [{ name: a, from: "ms:o/n", to: "ms:p" }]', 'test.yml', {}),
)

/** What becomes of one folder's sync into another: a result, or why there was nothing to do. */
async function sync(from: string, to: string) {
  const [rule] = rules
  if (rule === undefined) throw new Error('no rule')
  const derived = await deriveWork({ rule, source: repoAt(from), target: repoAt(to) })
  if (derived.kind !== 'work') return derived
  const order = {
    job: 'a',
    attempt: 1,
    works: [derived.work],
    refused: [],
    deriveRest: async () => undefined,
  }
  return (await runJob(contextOf(), order, { runId: '1', version: '0' })).items[0] ?? derived
}

test('folder to folder: backed up, found in step, and only what differs is completed', async () => {
  const weights = contentOf(3_000_000)
  const files = {
    'model.safetensors': weights,
    'twin/model.safetensors': weights,
    'README.md': '---\nlicense: mit\n---\n# x\n',
    'config.json': '{}',
    empty: '',
  }
  await using source = await folderOf({ ...files, '.git/config': 'x', '.msc': 'x' })
  await using home = await folderOf({})
  const target = join(home.path, 'backup')
  const first = await sync(source.path, target)
  expect(first).toMatchObject({ outcome: 'synced', bytes: { moved: 3_000_000 + 25 + 2 } })
  expect('files' in first && first.files.map(({ verification }) => verification)).toEqual(
    Array.from({ length: 5 }, () => 'verified'),
  )
  expect(await filesIn(target)).toEqual(Object.keys(files).sort())
  expect(await repoAt(target).head('main')).toBe(await repoAt(source.path).head('main'))
  expect(await sync(source.path, target)).toMatchObject({ kind: 'unchanged' })

  // As another tool leaves it when it is killed.
  await truncate(join(target, 'twin/model.safetensors'), 1_000_000)
  await write(target, 'config.json.incomplete', '{')
  await write(target, '.model-hub-sync-tmp/config.json.part', '{')
  expect(await sync(source.path, target)).toMatchObject({
    outcome: 'synced',
    bytes: { moved: 0, reused: 3_000_000 },
  })
  expect(await filesIn(target)).toEqual([...Object.keys(files), 'config.json.incomplete'].sort())
  expect(await sync(source.path, target)).toMatchObject({ kind: 'unchanged' })
})

test('links that are not followed are told of in the report', async () => {
  await using source = await folderOf({ 'a.txt': 'a' })
  await symlink('/etc/hostname', join(source.path, 'way-out'))
  await using home = await folderOf({})
  const result = await sync(source.path, join(home.path, 'to'))
  expect(result).toMatchObject({
    outcome: 'synced',
    notes: expect.arrayContaining(['way-out: a symbolic link is not copied, since the other side has none']),
  })
  expect(await filesIn(join(home.path, 'to'))).toEqual(['a.txt'])
})
