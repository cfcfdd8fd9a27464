import type { RepoRef, Snapshot } from '../../model/repo.ts'

/** `…/api/models/owner/name`. */
export function apiUrl(endpoint: string, repo: RepoRef): string {
  return `${endpoint}/api/${repo.space ? 'spaces' : `${repo.type}s`}/${idOf(repo)}`
}

/** Where people see the repo; also where git clones it (hub-docs, repositories-getting-started.md). */
export function pageUrl(endpoint: string, repo: RepoRef): string {
  const kind = repo.space ? 'spaces/' : repo.type === 'dataset' ? 'datasets/' : ''
  return `${endpoint}/${kind}${idOf(repo)}`
}

/** Content of a file, each part of the path percent-encoded. */
export function resolveUrl(endpoint: string, at: Snapshot, path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  return `${pageUrl(endpoint, at.repo)}/resolve/${at.commit}/${encoded}`
}

function idOf(repo: RepoRef): string {
  return `${encodeURIComponent(repo.owner)}/${encodeURIComponent(repo.name)}`
}
