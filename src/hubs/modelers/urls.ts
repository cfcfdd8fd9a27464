import type { RepoRef, Snapshot } from '../../model/repo.ts'
import { filePath, idPath } from '../url-path.ts'

/** Kinds of repo of this hub; the names of one owner are one space over all of them. */
export type Kind = 'model' | 'dataset' | 'space'

/** `…/api/v1/model/owner/name`. */
export function apiUrl(endpoint: string, kind: Kind, repo: RepoRef): string {
  return `${endpoint}/api/v1/${kind}/${idPath(repo)}`
}

/** The file service, which knows no kinds: `…/api/v1/file/owner/name`. */
export function fileServiceUrl(endpoint: string, repo: RepoRef): string {
  return `${endpoint}/api/v1/file/${idPath(repo)}`
}

/** Content of a file, each part of the path percent-encoded. */
export function mediaUrl(endpoint: string, at: Snapshot, path: string): string {
  return `${fileServiceUrl(endpoint, at.repo)}/${at.commit}/media/${filePath(path)}`
}

/** Where people see the repo. */
export function pageUrl(endpoint: string, kind: Kind, repo: RepoRef): string {
  return `${endpoint}/${kind}s/${idPath(repo)}`
}

/** Git knows no kinds either. Source: openmind_hub repository.py. */
export function gitUrl(endpoint: string, repo: RepoRef): string {
  return `${endpoint}/${idPath(repo)}.git`
}

/** Where people make their tokens. */
export function tokensUrl(endpoint: string): string {
  return `${endpoint}/my/tokens`
}
