import { expect, test } from 'vitest'
import type { FileEntry } from '../../../src/model/file.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import { hashFile, type Open } from '../../../src/repos/read-file.ts'

const at = {
  repo: { hub: 'modelscope', type: 'model', owner: 'o', name: 'n' },
  branch: 'master',
  commit: '1',
} as const
const file: FileEntry = { path: parseRepoPath('w.bin'), size: 10, storage: 'git', digests: {} }

/** A server that never ends; `served` counts its chunks of four bytes. */
function endless(): { open: Open; seen: { served: number; closed: boolean } } {
  const seen = { served: 0, closed: false }
  async function* body() {
    for (; seen.served < 1000; seen.served++) yield new Uint8Array(4)
  }
  const close = () => {
    seen.closed = true
  }
  return { seen, open: async () => ({ body: body(), close }) }
}

test('a file that is served without end is left as soon as it has more bytes than it lists', async () => {
  const { open, seen } = endless()
  await expect(hashFile(open, at, file)).rejects.toMatchObject({ code: 'corrupt' })
  expect(seen).toEqual({ served: 2, closed: true })
})

test('so is a part of it', async () => {
  const { open, seen } = endless()
  await expect(hashFile(open, at, file, { start: 0, end: 0 })).rejects.toMatchObject({ code: 'corrupt' })
  expect(seen).toEqual({ served: 0, closed: true })
})
