import type { ApiHub } from '../hub.ts'
import { remoteAt } from '../remote-at.ts'
import { whoAmI } from './account.ts'
import { createRepo, findRepo, importRepo, listRepos } from './repos.ts'
import type { GitCodeSite } from './site.ts'
import { pageUrl } from './urls.ts'

/**
 * GitCode (AtomGit) as a hub: repos by V5, their content and heads by git and LFS, which its rate limit does not count. The routes that
 * resemble other hubs' are not used: what they do live is not proven. Source of every call: docs.gitcode.com, atomgit 1.0.17.
 */
export function gitcodeHub(site: GitCodeSite): ApiHub {
  return {
    id: site.id,
    profile: site.profile,
    http: site.http,
    remote: (repo) => remoteAt(`${pageUrl(site.endpoint, repo)}.git`),
    findRepo: (repo) => findRepo(site, repo),
    listRepos: (owner, type) => listRepos(site, owner, type),
    createRepo: (repo, wanted) => createRepo(site, repo, wanted),
    importRepo: (repo, cloneUrl, wanted) => importRepo(site, repo, cloneUrl, wanted),
    // Where the platform's documentation, "repository mirroring", has the pull mode; there is no call for it.
    mirrorPage: (repo) => `${pageUrl(site.endpoint, repo)}/setting/mirror`,
    whoAmI: () => whoAmI(site),
  }
}
