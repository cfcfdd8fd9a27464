import type { Context } from '../../src/context.ts'
import type { Profile } from '../../src/model/profile.ts'
import type { RepoType } from '../../src/model/repo.ts'
import { createHubRepo } from '../../src/repos/hub-repo.ts'
import type { Repo } from '../../src/repos/repo.ts'
import type { Seeds } from './harness.ts'
import { createMemoryHub } from './memory-hub.ts'
import { createMemoryStore, type MemoryStore, seedMemory } from './memory-store.ts'

/** A public repo in memory with these files; absent if there are none. */
export function memoryRepo(context: Context, type: RepoType, name: string, files: Seeds): Repo {
  const store = createMemoryStore()
  const ref = { hub: 'memory', type, owner: 'alice', name }
  if (Object.keys(files).length > 0) seedMemory(store, ref, files)
  return openMemoryRepo(context, store, type, name)
}

/** The repo of this name in a store; nothing of it is done by git. */
export function openMemoryRepo(
  context: Context,
  store: MemoryStore,
  type: RepoType,
  name: string,
  profile: Partial<Profile> = {},
): Repo {
  const ref = { hub: 'memory', type, owner: 'alice', name }
  const noGit = () => {
    throw new Error('there is no git behind a hub in memory')
  }
  return createHubRepo(context, createMemoryHub(store, { profile }), ref, noGit, 'auto')
}
