import { constants, copyFile, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { contentOf } from '../git/fast-import.ts'
import type { CommitChange } from '../model/commit.ts'
import { SyncError } from '../model/errors.ts'
import type { Digests, LfsObject } from '../model/file.ts'
import { createBandwidth } from '../net/bandwidth.ts'
import { inParallel } from './in-parallel.ts'
import { openLocalFile } from './open-local-file.ts'
import type { FolderState } from './scan-folder.ts'
import type { TemporaryObjects } from './temporary-objects.ts'

type Write = Exclude<CommitChange, { kind: 'delete' }>

/** A file that only has to be renamed into its place. */
export interface StagedFile {
  readonly change: Write
  /** Where it lies now. */
  readonly file: string
  readonly digests: Required<Digests>
}

/** Plain files read, and objects copied, at a time. */
const stagers = 4

/** Makes every file of the changes ready in the folder's temporary place: one file for each path, on the disk, its content checked. */
export async function stageFiles(
  context: Context,
  objects: TemporaryObjects,
  now: FolderState,
  changes: readonly CommitChange[],
): Promise<StagedFile[]> {
  const writes = changes.filter((change): change is Write => change.kind !== 'delete')
  const wanted = new Map(
    writes.flatMap((change) => (change.kind === 'lfs' ? [[change.object.oid, change.object]] : [])),
  )
  await inParallel([...wanted.values()], stagers, (object) => ensure(objects, now, object))
  const oids = await inParallel(writes, stagers, async (change) => {
    context.signal.throwIfAborted()
    return change.kind === 'lfs' ? change.object.oid : objects.write(await contentOf(change))
  })
  const last = new Map(oids.map((oid, index) => [oid, index]))
  return inParallel([...writes.entries()], stagers, async ([index, change]) => {
    const oid = oids[index] ?? ''
    const whole = objects.file(oid)
    // Each path needs a file of its own; the last one takes the object itself.
    const file = last.get(oid) === index ? whole : await copied(whole, `${whole}.${index}`)
    return { change, file, digests: objects.digests(oid) }
  })
}

/** An object that was fetched, or that the folder holds under some path: also one that is about to be replaced. */
async function ensure(objects: TemporaryObjects, now: FolderState, object: LfsObject): Promise<void> {
  if (await objects.has(object)) return
  const path = pathOf(now, object)
  const state = path === undefined ? undefined : now.states.get(path)
  if (path === undefined || state === undefined) {
    throw new SyncError(
      'object-missing',
      `Object ${object.oid.slice(0, 12)} is not in the local folder any more.`,
      {
        next: 'Nothing was published. Run again: it will be fetched.',
      },
    )
  }
  const options = { onBytes: () => undefined, bandwidth: createBandwidth(undefined), stallTimeout: 600 }
  await objects.put(object, (range) => openLocalFile(join(now.root, path), path, state, range), options)
}

/** A path under which the folder holds the object. */
export function pathOf(now: FolderState, object: LfsObject) {
  for (const { path, digests, size } of now.manifest.values())
    if (digests.sha256 === object.oid && size === object.size) return path
  return undefined
}

async function copied(from: string, to: string): Promise<string> {
  await copyFile(from, to, constants.COPYFILE_FICLONE)
  const handle = await open(to, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  return to
}
