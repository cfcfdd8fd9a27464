import type { HubSettings } from '../config/rule.ts'
import type { Profile } from '../model/profile.ts'
import { requestRate } from './request-rate.ts'

/** 100 MiB: what most hosts of git take as a plain file (docs.github.com, "About large files on GitHub"; Gitea's template). */
const plainFileBytes = 100 * 1024 * 1024

/** Above it a file goes to LFS whatever the source made of it: history keeps every version of a plain one for ever. */
export const lfsBytes = 5 * 1024 * 1024

/**
 * What any host of git with standard LFS is like, for hubs to build on: repos are published by git push, files stay what the
 * source made of them unless they are large, and nothing is known of names or licenses. Facts: docs/hubs.md.
 */
export function gitHostProfile(settings: HubSettings): Omit<Profile, 'type' | 'label' | 'credentials'> {
  return {
    defaultBranch: 'main',
    gitUsername: 'git',
    // An offered upload says nothing, and no host is known to hash what it is sent: only reading proves presence.
    lfs: { envelope: 'standard', transfers: ['basic'], batchSize: 100, presence: 'read-back' },
    limits: {
      fileBytes: Number.POSITIVE_INFINITY,
      filesPerRepo: 1_000_000,
      filesPerFolder: Number.POSITIVE_INFINITY,
      plainFileBytes,
    },
    compareAndSwap: true,
    firstCommit: false,
    licenses: settings.licenses ?? { map: {} },
    platformFiles: [{ path: '.gitattributes' }],
    nameProblem: (owner, name) =>
      [...owner.split('/'), name].map(partProblem).find((problem) => problem !== undefined),
    storageOf: (_type, _path, size) => (size === 0 ? 'git' : size > lfsBytes ? 'lfs' : 'as-source'),
    requestsPerSecond: requestRate(settings, 10),
    concurrency: settings.concurrency ?? 4,
  }
}

function partProblem(part: string): string | undefined {
  if (!/^[A-Za-z0-9_.-]+$/.test(part)) return 'only letters, digits, "_", "." and "-" are allowed'
  return /^\.+$/.test(part) ? 'it holds dots only' : undefined
}
