import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, type Harness, onlyItem, startHarness } from './harness.ts'

let hub: Harness
beforeAll(async () => {
  hub = await startHarness()
})
afterAll(() => hub.close())

const model = {
  'README.md': '---\nlicense: apache-2.0\n---\n# Tiny\n',
  'config.json': `{"model_type":"tiny","filler":"${'x'.repeat(3000)}"}\n`,
  'model.safetensors': { lfs: bytes(300_000, 5) },
  'deep/er/tokenizer.json': `{"filler":"${'y'.repeat(2000)}"}\n`,
  'empty.txt': '',
}

async function contents(files: Promise<Map<string, { sha256: string }>>): Promise<Record<string, string>> {
  return Object.fromEntries(
    [...(await files)]
      .filter(([path]) => path !== '.gitattributes')
      .map(([path, file]) => [path, file.sha256]),
  )
}

describe('transport: git', () => {
  it('lists, reads and publishes by git and LFS alone, and finds nothing to do afterwards', async () => {
    await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'by-git', files: model })
    hub.hf.requests.length = 0
    hub.ms.requests.length = 0
    const given = { repos: ['Qwen/by-git'], from: 'hf', to: 'ms:my-org', set: ['transport=git'] }
    const first = await hub.run(given)
    expect(onlyItem(first.report)).toMatchObject({
      outcome: 'synced',
      files: { mismatch: 0 },
      published: { by: 'git' },
    })
    expect(await contents(hub.ms.files({ type: 'model', owner: 'my-org', name: 'by-git' }))).toEqual(
      await contents(hub.hf.files({ type: 'model', owner: 'Qwen', name: 'by-git' })),
    )
    const asked = [...hub.hf.requests, ...hub.ms.requests].map(({ path }) => path)
    expect(asked.filter((path) => /\/(tree|resolve|commit|repo\/files|preupload)\b/.test(path))).toEqual([])

    const again = await hub.run(given)
    expect(onlyItem(again.report)).toMatchObject({ outcome: 'unchanged', bytes: { moved: 0 } })
    const byApi = await hub.run({ ...given, set: [] })
    expect(onlyItem(byApi.report)).toMatchObject({ outcome: 'unchanged', bytes: { moved: 0 } })
  })
})
