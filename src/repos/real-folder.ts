import { realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { RepoRef } from '../model/repo.ts'

/** The folder a `dir:` ref means, as an absolute path: relative ones start at the current folder. */
export function folderPath(ref: RepoRef): string {
  // In two steps: a bundler that sees a pattern below the current folder packs everything that fits it.
  const written = [ref.owner, ref.name].join('/')
  return resolve(written)
}

/** The same without links as far as it exists: two names of one folder give one path. */
export async function realFolder(ref: RepoRef): Promise<string> {
  return withoutLinks(folderPath(ref))
}

async function withoutLinks(path: string): Promise<string> {
  if (dirname(path) === path) return path
  try {
    return await realpath(path)
  } catch (thrown) {
    // Not there yet, or not to be looked into: the folder itself is told of when it is read.
    if (!(thrown instanceof Error && 'code' in thrown)) throw thrown
    return join(await withoutLinks(dirname(path)), basename(path))
  }
}
