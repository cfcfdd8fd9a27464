import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isGone } from './file-state.ts'

export interface FolderPlace {
  /** Something that is no folder stands in its place. */
  readonly kind: 'folder' | 'absent' | 'other'
  readonly canRead: boolean
  /** Of a folder that is absent: whether it can be made. */
  readonly canWrite: boolean
}

/** What a path is to us, without looking at what lies in it. */
export async function folderPlace(path: string): Promise<FolderPlace> {
  try {
    const kind = (await stat(path)).isDirectory() ? 'folder' : 'other'
    const [canRead, canWrite] = await Promise.all([
      allows(path, constants.R_OK | constants.X_OK),
      allows(path, constants.W_OK | constants.X_OK),
    ])
    return { kind, canRead, canWrite: canWrite && kind === 'folder' }
  } catch (thrown) {
    if (!isGone(thrown)) throw thrown
    if (dirname(path) === path) return { kind: 'absent', canRead: false, canWrite: false }
    const above = await folderPlace(dirname(path))
    return { kind: 'absent', canRead: false, canWrite: above.canWrite }
  }
}

async function allows(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode)
    return true
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false
    throw thrown
  }
}
