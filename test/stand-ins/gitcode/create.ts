import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Change } from '../core/git-repo.ts'
import { linksFolder } from '../core/lfs-links.ts'
import { createRepo, type StoredRepo } from '../core/store.ts'
import { type Hub, keyOf, type RepoName, type RepositoryType } from './hub.ts'
import { preReceive } from './pre-receive.ts'

export interface NewGitCodeRepo extends RepoName {
  readonly type: RepositoryType
  readonly isPrivate: boolean
  readonly description?: string
  readonly files?: readonly Change[]
}

/** Settings of pushes to a repo (`push_config`). */
export interface PushConfig {
  readonly deny_force_push: boolean
  /** MB. */
  readonly max_file_size: number
}

/** A repo as all ways of making one do it: empty unless there are files, with the hook that looks at pushes. */
export async function createGitCodeRepo(hub: Hub, wanted: NewGitCodeRepo): Promise<StoredRepo> {
  const { type, isPrivate, description = '', files = [] } = wanted
  const repo = await createRepo(hub.store, {
    ...keyOf(wanted),
    visibility: isPrivate ? 'private' : 'public',
    files,
    message: 'Initial commit',
    details: new Map([
      ['type', type],
      ['description', description],
    ]),
  })
  const { denyForcePush, maxFileSize } = hub.settings
  await setPushConfig(hub, repo, { deny_force_push: denyForcePush, max_file_size: maxFileSize })
  return repo
}

export function pushConfigOf({ settings }: Hub, repo: StoredRepo): PushConfig {
  return {
    deny_force_push: (repo.details.get('deny_force_push') ?? String(settings.denyForcePush)) === 'true',
    max_file_size: Number(repo.details.get('max_file_size') ?? settings.maxFileSize),
  }
}

/** Keeps the settings and writes the hook that follows them. */
export async function setPushConfig(hub: Hub, repo: StoredRepo, config: PushConfig): Promise<void> {
  for (const [name, value] of Object.entries(config)) repo.details.set(name, String(value))
  const hooks = join(repo.gitDir, 'hooks')
  await mkdir(hooks, { recursive: true })
  const file = join(hooks, 'pre-receive')
  const objects = hub.settings.lfsScope === 'repo' ? linksFolder(repo) : hub.store.objects.folder
  const rules = {
    maxBytes: config.max_file_size * 1024 ** 2,
    maxMegabytes: config.max_file_size,
    denyForce: config.deny_force_push,
    objects,
    isFlat: hub.settings.lfsScope === 'repo',
  }
  await writeFile(file, preReceive(rules))
  await chmod(file, 0o755)
}
