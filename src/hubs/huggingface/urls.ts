import type { RepoRef, Snapshot } from '../../model/repo.ts'
import { filePath, idPath } from '../url-path.ts'

/** `…/api/models/owner/name`. */
export function apiUrl(endpoint: string, repo: RepoRef): string {
  return `${endpoint}/api/${repo.space ? 'spaces' : `${repo.type}s`}/${idPath(repo)}`
}

/** Where people see the repo; also where git clones it (hub-docs, repositories-getting-started.md). */
export function pageUrl(endpoint: string, repo: RepoRef): string {
  const kind = repo.space ? 'spaces/' : repo.type === 'dataset' ? 'datasets/' : ''
  return `${endpoint}/${kind}${idPath(repo)}`
}

/** Content of a file, each part of the path percent-encoded. */
export function resolveUrl(endpoint: string, at: Snapshot, path: string): string {
  return `${pageUrl(endpoint, at.repo)}/resolve/${at.commit}/${filePath(path)}`
}
