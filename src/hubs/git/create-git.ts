import type { HubSettings } from '../../config/rule.ts'
import type { Context } from '../../context.ts'
import type { RepoRef } from '../../model/repo.ts'
import { createHubHttp } from '../create-hub-http.ts'
import type { Hub } from '../hub.ts'
import { remoteAt } from '../remote-at.ts'
import { filePath } from '../url-path.ts'
import { gitProfile } from './profile.ts'

/** A host of git and LFS: all it says of itself is where a repo is. Sends nothing. */
export function createGit(context: Context, settings: HubSettings): Hub {
  const profile = gitProfile(settings)
  return {
    id: settings.id,
    profile,
    http: createHubHttp(context, settings, profile, () => undefined),
    remote: (repo) => {
      const gitUrl = `${settings.endpoint}/${pathOf(repo)}.git`
      const { lfsEndpoint } = settings
      return lfsEndpoint === undefined ? remoteAt(gitUrl) : { gitUrl, lfsUrl: filled(lfsEndpoint, repo) }
    },
  }
}

/** `owner/name`; an owner may be a path of groups. */
function pathOf(repo: RepoRef): string {
  return filePath(`${repo.owner}/${repo.name}`)
}

function filled(template: string, repo: RepoRef): string {
  return template
    .replaceAll('{owner}', filePath(repo.owner))
    .replaceAll('{name}', encodeURIComponent(repo.name))
    .replace(/\/+$/, '')
}
