import pLimit from 'p-limit'
import { expect, test } from 'vitest'
import type { Context, ProgressEvent } from '../../../src/context.ts'
import { SyncError } from '../../../src/model/errors.ts'
import type { LfsObject } from '../../../src/model/file.ts'
import { createBandwidth } from '../../../src/net/bandwidth.ts'
import type { PutOptions } from '../../../src/repos/repo.ts'
import type { RepoWork } from '../../../src/repos/work.ts'
import { relayObjects } from '../../../src/sync/relay-objects.ts'

/** Work over objects that the target lacks, sent by `put`. */
function workOf(sizes: readonly number[], put: (object: LfsObject, options: PutOptions) => Promise<unknown>) {
  const files = sizes.map((size) => ({ object: { oid: String(size).padStart(64, '0'), size }, source: {} }))
  const target = {
    lacking: async (objects: unknown) => objects,
    put: (object: LfsObject, _open: unknown, options: PutOptions) => put(object, options),
  }
  return { id: 'i', files, orphans: [], target, rule: { stallTimeout: 1 } } as unknown as RepoWork
}

test('the first failure ends the uploads under way before it is thrown, and starts no other', async () => {
  const events: ProgressEvent[] = []
  const context = { progress: (event: ProgressEvent) => events.push(event) } as unknown as Context
  const started: number[] = []
  let ended = 0
  const work = workOf([3, 2, 1], async ({ size }, { onBytes }) => {
    started.push(size)
    if (size === 2) throw new SyncError('corrupt', 'wrong bytes')
    try {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 1))
        onBytes(1)
      }
    } finally {
      ended += 1
    }
  })
  const tally = { moved: 0, reused: 0 }
  const wire = { bandwidth: createBandwidth(undefined), limit: pLimit(2) }
  await expect(relayObjects(context, work, wire, tally)).rejects.toThrow('wrong bytes')
  expect({ started, ended, tally }).toEqual({ started: [3, 2], ended: 1, tally: { moved: 0, reused: 0 } })
})
