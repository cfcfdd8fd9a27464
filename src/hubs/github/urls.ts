import { idPath } from '../url-path.ts'

/**
 * Where the REST API of a GitHub is: beside github.com and tenants of ghe.com on a host of its own, elsewhere below the site.
 * Source: docs.github.com, "Getting started with the REST API"; GitHub's go-gh, `restPrefix` of pkg/api.
 */
export function apiUrl(endpoint: string): string {
  const { host, hostname, protocol } = new URL(endpoint)
  const hasOwnHost = hostname === 'github.com' || hostname.endsWith('.ghe.com')
  return hasOwnHost ? `${protocol}//api.${host}` : `${endpoint}/api/v3`
}

/** Where people see the repo. */
export function pageUrl(endpoint: string, repo: { readonly owner: string; readonly name: string }): string {
  return `${endpoint}/${idPath(repo)}`
}
