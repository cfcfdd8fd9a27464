import { describe, expect, test } from 'vitest'
import { createHub } from '../../../src/hubs/index.ts'
import { resumingSource } from '../../../src/lfs/source-stream.ts'
import type { FileEntry } from '../../../src/model/file.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import type { RepoRef, Snapshot } from '../../../src/model/repo.ts'
import { createHubRepo } from '../../../src/repos/hub-repo.ts'
import { settingsOf, testContext } from '../hubs/settings.ts'
import { json, readAll, startLoopback } from '../net/loopback.ts'

const file: FileEntry = {
  path: parseRepoPath('model.bin'),
  size: 20_000_000,
  storage: 'lfs',
  digests: { sha256: '0'.repeat(64) },
}

/** A hub whose files cannot be opened, and which is down for the question of why. */
async function repoThatFails(type: 'huggingface' | 'modelscope') {
  const isFile = (url = '') => /\/resolve\/|\/repo\?/.test(url)
  const { origin, log } = await startLoopback((req, res) => json(res, {}, isFile(req.url) ? 404 : 503))
  const ref: RepoRef = { hub: type, type: 'model', owner: 'o', name: 'n' }
  const hub = createHub(testContext(), settingsOf(type, origin, { token: 'hf_0123456789abcdef' }))
  const access = { url: `${origin}/o/n.git`, authorization: {}, insecureHttp: false }
  const repo = createHubRepo(testContext(), hub, ref, () => access, 'auto')
  const at: Snapshot = { repo: ref, branch: 'main', commit: 'a'.repeat(40) }
  return { repo, at, log }
}

/**
 * One request for the file, and one retry's tries for the question. On Hugging Face there is one before that: whether it is a
 * server that says what is missing.
 */
describe.each([
  ['huggingface', 2 + 5],
  ['modelscope', 1 + 5],
] as const)('a file of %s that nobody can say anything about', (type, requests) => {
  test('is read and hashed with the tries of one retry', async () => {
    const { repo, at, log } = await repoThatFails(type)
    await expect(repo.readFile(at, file, 100)).rejects.toMatchObject({ code: 'unavailable' })
    expect(log).toHaveLength(requests)
    await expect(repo.hashFile(at, file)).rejects.toMatchObject({ code: 'unavailable' })
    expect(log).toHaveLength(2 * requests)
  })

  test('is opened for a relay with the tries of one retry', async () => {
    const { repo, at, log } = await repoThatFails(type)
    const open = (range?: { start: number }) => repo.openFile(at, file, range)
    const source = resumingSource(testContext(), open, 20_000_000, { stallTimeout: 60 })
    await expect(readAll(source)).rejects.toMatchObject({ code: 'unavailable' })
    expect(log).toHaveLength(requests)
  })
})
