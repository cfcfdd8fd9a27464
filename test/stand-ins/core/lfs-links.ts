import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoredRepo } from './store.ts'

/**
 * Which LFS objects a repo may call its own, for hubs where an upload to one repo says nothing about another. Kept as
 * empty files named by SHA-256 beside the repo, so that a hook, which is another process, sees them too.
 */
export function linksFolder(repo: Pick<StoredRepo, 'gitDir'>): string {
  return join(repo.gitDir, 'stand-in-links')
}

/** Notes that the repo has the object. */
export async function linkObject(repo: StoredRepo, oid: string): Promise<void> {
  await mkdir(linksFolder(repo), { recursive: true })
  await writeFile(join(linksFolder(repo), oid), '')
}

export function isLinked(repo: StoredRepo, oid: string): boolean {
  return existsSync(join(linksFolder(repo), oid))
}
