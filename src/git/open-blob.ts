import { SyncError } from '../model/errors.ts'
import type { OpenFile, Range } from '../model/file.ts'
import { partOf } from '../net/part-of.ts'
import { streamLocalGit } from './run-git.ts'
import type { GitSnapshot } from './snapshot.ts'

/** A blob that is here, from `range.start`, by one process that ends with the stream. Throws `object-missing` if it did not come. */
export function openBlob(
  { context, folder, blobs }: Pick<GitSnapshot, 'context' | 'folder' | 'blobs'>,
  id: string,
  range?: Range,
): OpenFile {
  const size = blobs.get(id)
  if (size === undefined)
    throw new SyncError('object-missing', `The blob ${id} did not come with the snapshot.`)
  const output = streamLocalGit(context, { folder, args: ['cat-file', 'blob', id], doing: 'read a file' })
  const body = range === undefined ? output : partOf(output, range)
  return { body, size, close: () => void output.return(undefined) }
}
