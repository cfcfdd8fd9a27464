import type { HubSettings } from '../../config/rule.ts'
import type { Profile } from '../../model/profile.ts'
import { gitHostProfile } from '../git-host-profile.ts'
import { requestRate } from '../request-rate.ts'
import { originsOf } from './urls.ts'

/** GitCode as data. Sources beside each fact; all: docs/hubs.md. */
export function gitcodeProfile(settings: HubSettings): Profile {
  const { web, api, siblings } = originsOf(settings.endpoint)
  const isGit = (url: URL) => url.origin === web || (url.protocol === 'https:' && siblings.has(url.host))
  const host = gitHostProfile(settings)
  return {
    ...host,
    type: 'gitcode',
    oneNameSpace: true,
    label: 'GitCode',
    credentials: [
      // `Authorization: token …` fails writes with words about a token that is not found.
      { purposes: ['api'], covers: (url) => url.origin === new URL(api).origin, form: 'private-token' },
      { purposes: ['git', 'lfs'], covers: isGit, form: 'basic' },
    ],
    // Any name will do: the official helpers make one up where they know none (gitcode 1.2.0); this one is used by scripts.
    gitUsername: 'oauth2',
    // Presence is `read-back` as for any host: "no action = stored" was seen within a repo only, and a push is refused
    // ("LFS objects are missing") for what another repo has.
    limits: {
      ...host.limits,
      // The push rule `max_file_size` is 10 MB by one source and 100 MB by another.
      plainFileBytes: 10_000_000,
      // Batch answered 413 "Insufficient LFS space" at 107374182400 bytes. The largest single object is unknown.
      repoBytes: 100 * 1024 ** 3,
    },
    nameProblem: (owner, name) =>
      name.endsWith('.git') ? 'it may not end with ".git"' : host.nameProblem(owner, name),
  }
}

/** 50 requests a minute and 4,000 an hour for V5 (docs.gitcode.com); git and LFS are not counted. */
export function v5RequestsPerSecond(settings: HubSettings): number {
  return requestRate(settings, 50 / 60)
}
