import type { RepoRef, Snapshot } from '../../model/repo.ts'
import { idPath } from '../url-path.ts'

/** Reading: `…/api/v1/models/owner/name`. */
export function apiUrl(endpoint: string, repo: RepoRef): string {
  return `${endpoint}/api/v1/${repo.type}s/${idPath(repo)}`
}

/** Writing and LFS: `…/api/v1/repos/models/owner/name`. */
export function writeUrl(endpoint: string, repo: RepoRef): string {
  return `${endpoint}/api/v1/repos/${repo.type}s/${idPath(repo)}`
}

/** Where people see the repo. */
export function pageUrl(endpoint: string, repo: RepoRef): string {
  return `${endpoint}/${repo.type}s/${idPath(repo)}`
}

/** Models have no segment of their own here. Source: docs, models/download.md and datasets/download.md. */
export function gitUrl(endpoint: string, repo: RepoRef): string {
  return `${endpoint}/${repo.type === 'dataset' ? 'datasets/' : ''}${idPath(repo)}.git`
}

/** Content of a file. Under `/repos/` the hub answers 421. */
export function fileUrl(endpoint: string, at: Snapshot, path: string): string {
  const query = new URLSearchParams({ Revision: at.commit, FilePath: path })
  return `${apiUrl(endpoint, at.repo)}/repo?${query}`
}
