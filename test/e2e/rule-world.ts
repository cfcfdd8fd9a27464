import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EndType, endTypes, hubIdOf, profileOf } from '../../scripts/rule-ends.ts'
import type { Context } from '../../src/context.ts'
import { parseRepoPath } from '../../src/model/path.ts'
import { folderHub, formatRepo, type RepoRef } from '../../src/model/repo.ts'
import { createHubRepo } from '../../src/repos/hub-repo.ts'
import type { Hubs } from '../../src/repos/hubs.ts'
import { temporaryFolder } from '../../src/repos/local-profile.ts'
import { createLocalRepo } from '../../src/repos/local-repo.ts'
import type { Repo } from '../../src/repos/repo.ts'
import { besideGit } from '../contract/beside-git.ts'
import { createMemoryHub } from '../contract/memory-hub.ts'
import {
  commitToMemory,
  createMemoryStore,
  type MemoryStore,
  type SeedFile,
  seedMemory,
} from '../contract/memory-store.ts'
import { testContext } from '../unit/hubs/settings.ts'

/** Hubs of every type in memory, with what is known of each as data, and folders; nothing of it is done by git or over the wire. */
export interface World {
  readonly context: Context
  readonly hubs: Hubs
  /** Milliseconds that were waited by the clock, which only counts them. */
  readonly waited: () => number
  /** `hub:owner/name` or `dir:path` of a repo of the type. */
  address(type: EndType, owner: string): string
  seed(type: EndType, owner: string, files: Readonly<Record<string, SeedFile>>, how?: Seeding): Promise<void>
  remove(type: EndType, owner: string, path: string): Promise<void>
  /** Content by path, without what is the platform's; undefined: there is no repo. */
  look(type: EndType, owner: string): Promise<Seen | undefined>
  close(): Promise<void>
}

export interface Seeding {
  readonly private?: boolean
  readonly gated?: boolean
}

export interface Seen {
  readonly visibility: string
  readonly commits: number
  readonly files: ReadonlyMap<string, Buffer>
}

export async function createWorld(): Promise<World> {
  const root = await mkdtemp(join(tmpdir(), 'mhs-rules-'))
  const { context, waited } = countingContext(join(root, 'work'))
  await mkdir(context.workDir)
  const store = createMemoryStore()
  const refOf = (type: EndType, owner: string): RepoRef => ({
    hub: hubIdOf(type),
    type: 'model',
    owner: type === 'dir' ? join(root, owner) : owner,
    name: 'm',
  })
  return {
    context,
    hubs: hubsIn(context, store),
    waited,
    address: (type, owner) =>
      type === 'dir' ? `dir:${join(root, owner, 'm')}` : `${hubIdOf(type)}:${owner}/m`,
    async seed(type, owner, files, how) {
      if (type === 'dir') await writeFolder(join(root, owner, 'm'), files)
      else seedMemory(store, refOf(type, owner), files, how)
    },
    async remove(type, owner, path) {
      if (type === 'dir') return rm(join(root, owner, 'm', path))
      const repo = store.repos.get(formatRepo(refOf(type, owner)))
      if (repo === undefined) throw new Error(`there is no ${type} repo`)
      const changes = [{ kind: 'delete', path: parseRepoPath(path) } as const]
      await commitToMemory(repo, {
        parent: undefined,
        branch: 'main',
        title: 'Delete',
        changes,
        trailers: [],
      })
    },
    look: (type, owner) =>
      type === 'dir' ? lookInto(join(root, owner, 'm')) : Promise.resolve(lookAt(store, refOf(type, owner))),
    close: () => rm(root, { recursive: true }),
  }
}

function countingContext(workDir: string): { context: Context; waited: () => number } {
  let waited = 0
  const clock: Context['clock'] = {
    now: () => 1_800_000_000_000 + waited,
    sleep: async (milliseconds) => {
      waited += milliseconds
    },
  }
  return { context: { ...testContext(), clock, workDir }, waited: () => waited }
}

function hubsIn(context: Context, store: MemoryStore): Hubs {
  const hubOf = (id: string) => {
    const type = typeOf(id)
    const { lfs, ...profile } = profileOf(type)
    // The dialect of memory: what a hub says of the bytes it was sent is a fact of its own.
    const spoken = {
      envelope: 'standard',
      transfers: ['basic'],
      batchSize: 3,
      presence: 'upload-batch',
    } as const
    const known = lfs.hashesUploads === undefined ? spoken : { ...spoken, hashesUploads: lfs.hashesUploads }
    return createMemoryHub(store, { id, profile: { ...profile, lfs: known } })
  }
  const repo = (ref: RepoRef): Repo => {
    if (ref.hub === folderHub) return createLocalRepo(context, ref, join(ref.owner, ref.name))
    const hub = hubOf(ref.hub)
    const git = createMemoryHub(store, { id: ref.hub })
    const byApi = createHubRepo(context, hub, ref, noGit, 'auto')
    return asItsType(
      besideGit(context, hub, byApi, (commit) => git.commit(ref, commit)),
      store,
      ref,
    )
  }
  return {
    hub: (id) => {
      const profile = profileOf(typeOf(id))
      const finder = { id, profile, findRepo: (ref: RepoRef) => repo(ref).info() }
      return id === folderHub ? finder : { ...finder, listRepos: hubOf(id).listRepos }
    },
    repo,
    identity: async () => undefined,
    hasToken: () => true,
    reach: async (id) => id,
  }
}

function typeOf(id: string): EndType {
  const type = endTypes.find((one) => hubIdOf(one) === id)
  if (type === undefined) throw new Error(`there is no hub ${id}`)
  return type
}

/** What memory does in another way than the hub: its tags, and how a repo comes to be. */
function asItsType(repo: Repo, store: MemoryStore, ref: RepoRef): Repo {
  const kept = () => store.repos.get(formatRepo(ref))
  return {
    ...repo,
    creation: repo.profile.createsOnPush === true ? 'push' : 'exact',
    head: async (revision) => (revision === 'v1' ? kept()?.commits.at(-1)?.id : repo.head(revision)),
  }
}

function noGit(): never {
  throw new Error('there is no git behind a hub in memory')
}

function lookAt({ repos, objects }: MemoryStore, ref: RepoRef): Seen | undefined {
  const repo = repos.get(formatRepo(ref))
  if (repo === undefined) return undefined
  const files = [...(repo.commits[0]?.files ?? [])].map(([path, file]) => {
    const content = Buffer.isBuffer(file) ? file : objects.get(file.oid)
    if (content === undefined) throw new Error(`${path} has no content`)
    return [path, content] as const
  })
  return { visibility: repo.visibility, commits: repo.commits.length, files: new Map(files) }
}

async function writeFolder(folder: string, files: Readonly<Record<string, SeedFile>>): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [path, content] of Object.entries(files))
    await writeFile(join(folder, path), Buffer.isBuffer(content) ? content : content.lfs)
}

async function lookInto(folder: string): Promise<Seen | undefined> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (names === undefined) return undefined
  const files = names
    .filter((name) => name !== temporaryFolder)
    .map(async (name) => [name, await readFile(join(folder, name))] as const)
  return { visibility: 'private', commits: 0, files: new Map(await Promise.all(files)) }
}
