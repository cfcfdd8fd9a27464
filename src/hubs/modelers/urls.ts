import type { RepoRef, Snapshot } from '../../model/repo.ts'

/** Kinds of repo of this hub; the names of one owner are one space over all of them. */
export type Kind = 'model' | 'dataset' | 'space'

/** `…/api/v1/model/owner/name`. */
export function apiUrl(endpoint: string, kind: Kind, repo: RepoRef): string {
  return `${endpoint}/api/v1/${kind}/${idOf(repo)}`
}

/** The file service, which knows no kinds: `…/api/v1/file/owner/name`. */
export function fileServiceUrl(endpoint: string, repo: RepoRef): string {
  return `${endpoint}/api/v1/file/${idOf(repo)}`
}

/** Content of a file, each part of the path percent-encoded. */
export function mediaUrl(endpoint: string, at: Snapshot, path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  return `${fileServiceUrl(endpoint, at.repo)}/${at.commit}/media/${encoded}`
}

/** Where people see the repo. */
export function pageUrl(endpoint: string, kind: Kind, repo: RepoRef): string {
  return `${endpoint}/${kind}s/${idOf(repo)}`
}

/** Git knows no kinds either. Source: openmind_hub repository.py. */
export function gitUrl(endpoint: string, repo: RepoRef): string {
  return `${endpoint}/${idOf(repo)}.git`
}

/** Where people make their tokens. */
export function tokensUrl(endpoint: string): string {
  return `${endpoint}/my/tokens`
}

function idOf(repo: RepoRef): string {
  return `${encodeURIComponent(repo.owner)}/${encodeURIComponent(repo.name)}`
}
