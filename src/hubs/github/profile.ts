import type { HubSettings } from '../../config/rule.ts'
import type { Profile } from '../../model/profile.ts'
import { gitHostProfile } from '../git-host-profile.ts'
import { tokenUser } from './account.ts'
import { apiUrl } from './urls.ts'

/** GitHub as data. Sources beside each fact; all: docs/hubs.md. */
export function githubProfile(settings: HubSettings): Profile {
  const home = new URL(settings.endpoint)
  const api = new URL(apiUrl(settings.endpoint))
  const host = gitHostProfile(settings)
  return {
    ...host,
    type: 'github',
    oneNameSpace: true,
    label: 'GitHub',
    // Actions of a batch are signed, or bring a header of their own: no token of ours goes to the storage.
    credentials: [
      { purposes: ['api'], covers: (url) => url.origin === api.origin, form: 'bearer' },
      { purposes: ['git', 'lfs'], covers: (url) => url.origin === home.origin, form: 'basic' },
    ],
    gitUsername: tokenUser,
    limits: { ...host.limits, fileBytes: largestObject },
    nameProblem,
  }
}

/**
 * docs.github.com, "About Git Large File Storage": 2 GB on Free and Pro, 4 GB on Team, 5 GB on Enterprise. Which plan an owner has
 * is not known here, so only what none takes is blocked; a smaller plan says no in the batch, before a byte moves ("Size must be
 * less than or equal to 2147483648", git-lfs issue 4101).
 */
const largestObject = 5 * 1024 ** 3

/** Source: GitHub's form for a new repo, and docs.github.com, "Username considerations for external authentication". */
function nameProblem(owner: string, name: string): string | undefined {
  if (!/^[A-Za-z0-9_-]{1,39}$/.test(owner)) return 'an owner has up to 39 letters, digits, "-" and "_"'
  if (!/^[A-Za-z0-9_.-]{1,100}$/.test(name)) return 'a name has up to 100 letters, digits, "_", "." and "-"'
  if (/^\.{1,2}$/.test(name)) return 'it holds dots only'
  return /\.(git|wiki)$/i.test(name) ? 'it may not end with ".git" or ".wiki"' : undefined
}
