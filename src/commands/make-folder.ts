import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder (0700) with those above it, and leaves one that is there. Throws as `mkdir` does. Step by step, since Node's own
 * recursive way never ends where a file system has no room for new names, such as /proc.
 */
export function makeFolder(path: string): void {
  if (isMade(path)) return
  makeFolder(dirname(path))
  if (!isMade(path)) mkdirSync(path, { mode: 0o700 })
}

/** False if the folder above is not there. Another process may make the same one at the same time. */
function isMade(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && statSync(path).isDirectory()) return true
    if (codeOf(error) === 'ENOENT' && dirname(path) !== path) return false
    throw error
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
