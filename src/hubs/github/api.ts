import type { ApiHub } from '../hub.ts'
import { remoteAt } from '../remote-at.ts'
import { whoAmI } from './account.ts'
import { listRepos } from './list-repos.ts'
import { createRepo, findRepo } from './repos.ts'
import type { GitHubSite } from './site.ts'
import { pageUrl } from './urls.ts'

/** GitHub as a hub: what repos there are by its REST API, all of their content by git and LFS. */
export function gitHubHub(site: GitHubSite): ApiHub {
  return {
    id: site.id,
    profile: site.profile,
    http: site.http,
    remote: (repo) => remoteAt(`${pageUrl(site.endpoint, repo)}.git`),
    findRepo: (repo) => findRepo(site, repo),
    listRepos: (owner, type) => listRepos(site, owner, type),
    createRepo: (repo, wanted) => createRepo(site, repo, wanted),
    whoAmI: () => whoAmI(site),
  }
}
