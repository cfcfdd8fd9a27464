import { type FileEntry, filesAt } from '../core/files.ts'
import { resolveRevision } from '../core/git-repo.ts'
import type { StoredRepo } from '../core/store.ts'
import { hubError, revisionNotFound } from './errors.ts'
import type { Hub } from './hub.ts'

/** Commit of a branch, tag, ref or commit id; answers 404 RevisionNotFound. */
export async function commitOf(repo: StoredRepo, revision: string): Promise<string> {
  const commit = await resolveRevision(repo.gitDir, revision)
  if (commit === undefined) throw revisionNotFound(revision)
  return commit
}

/** A file at a revision; answers 404 EntryNotFound for what is none. */
export async function fileOf(
  hub: Hub,
  repo: StoredRepo,
  revision: string,
  path: string,
): Promise<{ readonly commit: string; readonly file: FileEntry }> {
  const commit = await commitOf(repo, revision)
  const file = (await filesAt(hub.cache, repo, commit)).get(path)
  if (file?.type === 'blob') return { commit, file }
  throw hubError(404, 'Entry not found', 'EntryNotFound', { 'x-repo-commit': commit })
}
