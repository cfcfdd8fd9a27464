import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isGone } from './file-state.ts'

/** Bytes that the disk of a folder has left for us; of the folder that it will be made in where it is not there yet. */
export async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch (thrown) {
    if (isGone(thrown) && dirname(folder) !== folder) return freeBytes(dirname(folder))
    throw thrown
  }
}
