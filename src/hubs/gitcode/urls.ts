import type { RepoRef } from '../../model/repo.ts'
import { filePath, idPath } from '../url-path.ts'

/** Where the platform is: pages, git and LFS on one origin, the V5 API perhaps on another. */
export interface Origins {
  readonly web: string
  /** With its path, without a slash at the end. */
  readonly api: string
  /** Hosts of git and LFS besides that of `web`: the platform has two brands, which share accounts and repos. */
  readonly siblings: ReadonlySet<string>
}

const brands = /^(?:(?:www|ai|hub)\.)?((?:gitcode|atomgit)\.com)$/
const gitHosts: ReadonlySet<string> = new Set([
  'gitcode.com',
  'hub.gitcode.com',
  'atomgit.com',
  'hub.atomgit.com',
])

/** The platform's own sites keep the API on a host of its own (docs.gitcode.com, V5); any other endpoint is one origin for all. */
export function originsOf(endpoint: string): Origins {
  const { host, protocol } = new URL(endpoint)
  const brand = protocol === 'https:' ? brands.exec(host)?.[1] : undefined
  if (brand === undefined) return { web: endpoint, api: `${endpoint}/api/v5`, siblings: new Set() }
  return { web: `https://${brand}`, api: `https://api.${brand}/api/v5`, siblings: gitHosts }
}

/** A repo in V5. An owner of two levels (`hf_mirrors/Qwen`) is one segment here. */
export function repoUrl(api: string, repo: RepoRef): string {
  return `${api}/repos/${idPath(repo)}`
}

/** Where people see the repo; models and datasets share one space of names. */
export function pageUrl(web: string, repo: RepoRef): string {
  return `${web}/${filePath(`${repo.owner}/${repo.name}`)}`
}
