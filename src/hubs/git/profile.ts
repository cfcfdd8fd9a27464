import type { HubSettings } from '../../config/rule.ts'
import type { Profile } from '../../model/profile.ts'
import { gitHostProfile } from '../git-host-profile.ts'

/** A host of git and LFS without an API that we know. Sources: docs/hubs.md, "Any git host". */
export function gitProfile(settings: HubSettings): Profile {
  const origins = [
    settings.endpoint,
    ...(settings.lfsEndpoint === undefined ? [] : [settings.lfsEndpoint]),
  ].map((address) => new URL(address).origin)
  const covers = (url: URL) => origins.includes(url.origin)
  const form = settings.auth ?? 'basic'
  return {
    ...gitHostProfile(settings),
    type: 'git',
    infoHead: true,
    oneNameSpace: true,
    label: new URL(settings.endpoint).host,
    // Objects of an action without a header are on the host itself, and wanted with the caller's own credentials.
    credentials: [
      { purposes: ['lfs', 'transfer'], covers, form },
      { purposes: ['git'], covers: (url) => url.origin === origins[0], form },
    ],
    createsOnPush: true,
  }
}
