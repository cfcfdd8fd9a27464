import { createHash } from 'node:crypto'
import { createExactly } from '../../src/hubs/create-exactly.ts'
import { gitHostProfile } from '../../src/hubs/git-host-profile.ts'
import type { Hub } from '../../src/hubs/hub.ts'
import { SyncError } from '../../src/model/errors.ts'
import type { FileEntry, LfsObject } from '../../src/model/file.ts'
import { parseRepoPath } from '../../src/model/path.ts'
import type { Profile } from '../../src/model/profile.ts'
import { formatRepo, type RepoInfo, type RepoRef, type Snapshot } from '../../src/model/repo.ts'
import { settingsOf } from '../unit/hubs/settings.ts'
import { digestOf } from './digest.ts'
import { memoryHttp, openBytes } from './memory-http.ts'
import { commitToMemory, type MemoryFile, type MemoryRepo, type MemoryStore } from './memory-store.ts'

export interface MemoryHubOptions {
  readonly id?: string
  /** What the caller's token may do; `none`: there is none. */
  readonly role?: 'write' | 'read' | 'none'
  /** Replaces facts of the profile, e.g. `compareAndSwap` or `licenses`. */
  readonly profile?: Partial<Profile>
  /** Of plain files its listing tells this digest alone, as those of most hubs; absent: both. */
  readonly lists?: 'sha256' | 'gitBlob'
}

const endpoint = 'https://memory.invalid'

/** A whole hub in memory: every optional way of a `Hub` and LFS, no server, no process, no wait. Several may look at one store. */
export function createMemoryHub(store: MemoryStore, options: MemoryHubOptions = {}): Required<MemoryHubWays> {
  const { id = 'memory', role = 'write' } = options
  const profile = { ...memoryProfile(), ...options.profile }
  const find = async (ref: RepoRef) => {
    const repo = store.repos.get(formatRepo(ref))
    return repo === undefined ? undefined : infoOf(seen(repo, role), profile)
  }
  const readable = (ref: RepoRef) => {
    const repo = store.repos.get(formatRepo(ref))
    if (repo === undefined) throw new SyncError('not-found', `${formatRepo(ref)} does not exist.`)
    return seen(repo, role)
  }
  return {
    id,
    profile,
    http: memoryHttp(store, role === 'write'),
    remote: ({ owner, name }) => {
      const gitUrl = `${endpoint}/${owner}/${name}.git`
      return { gitUrl, lfsUrl: `${gitUrl}/info/lfs` }
    },
    findRepo: find,
    async *listRepos(owner, type) {
      for (const { ref, visibility, commits } of store.repos.values()) {
        const isListed =
          ref.owner === owner && ref.type === type && (visibility === 'public' || role !== 'none')
        if (isListed) yield { ref, ...(commits[0] && { head: commits[0].id }) }
      }
    },
    createRepo: (ref, wanted) =>
      createExactly(ref, wanted, find, async () => {
        mayWrite(role)
        if (!store.repos.has(formatRepo(ref)))
          store.repos.set(formatRepo(ref), { ref, visibility: wanted.visibility, gated: false, commits: [] })
      }),
    resolveRevision: async (ref, revision) => {
      const commits = store.repos.get(formatRepo(ref))?.commits ?? []
      return revision === profile.defaultBranch
        ? commits[0]?.id
        : commits.find((one) => one.id === revision)?.id
    },
    async *listFiles(at) {
      for (const [path, file] of filesAt(readable(at.repo), at)) yield entryOf(path, file, options.lists)
    },
    openFile: async (at, { path }, range) => {
      const file = filesAt(readable(at.repo), at).get(path)
      if (file === undefined) throw new SyncError('not-found', `${path} is not in ${at.commit}.`)
      return openBytes(contentOf(store, file), range)
    },
    commit: async (ref, commit) => {
      mayWrite(role)
      const repo = readable(ref)
      return commitToMemory(repo, commit, (head) => {
        if (profile.compareAndSwap && commit.parent !== head)
          throw new SyncError('conflict', `${formatRepo(ref)} has moved.`)
      })
    },
    history: async (ref, branch, limit) =>
      branch === profile.defaultBranch ? readable(ref).commits.slice(0, limit) : [],
    whoAmI: async () => {
      if (role === 'none') throw new SyncError('unauthorized', `There is no token for ${id}.`)
      return { username: 'alice', owners: ['alice', 'my-org'], canWrite: role === 'write' }
    },
  }
}

/** What this hub has of the ways that a hub may have: all but those by which a hub copies another's repo. */
type MemoryHubWays = Omit<Hub, 'importRepo' | 'mirrorPage' | 'readmeProblems'>

/** The bounds of a host of git, with LFS from 1 MiB on; what is told is true, so nothing need be read to be believed. */
function memoryProfile(): Profile {
  return {
    ...gitHostProfile(settingsOf('git', endpoint)),
    type: 'git',
    label: 'Memory',
    credentials: [],
    lfs: {
      envelope: 'standard',
      transfers: ['basic'],
      batchSize: 3,
      presence: 'upload-batch',
      hashesUploads: 'memory-http.ts',
    },
    storageOf: (_type, _path, size) => (size === 0 ? 'git' : size > 1024 * 1024 ? 'lfs' : 'as-source'),
  }
}

/** The repo, if this role may see it. */
function seen(repo: MemoryRepo, role: MemoryHubOptions['role']): MemoryRepo {
  if (repo.visibility === 'public' || role !== 'none') return repo
  throw new SyncError('unauthorized', `${formatRepo(repo.ref)} may be there, for those with a token.`)
}

function mayWrite(role: MemoryHubOptions['role']): void {
  if (role !== 'write') throw new SyncError('forbidden', 'This token cannot write.')
}

function infoOf({ ref, visibility, gated, commits }: MemoryRepo, { defaultBranch }: Profile): RepoInfo {
  const url = `${endpoint}/${ref.owner}/${ref.name}`
  return { ref, visibility, gated, defaultBranch, url, ...(commits[0] && { head: commits[0].id }) }
}

function filesAt({ commits, ref }: MemoryRepo, { commit }: Snapshot): ReadonlyMap<string, MemoryFile> {
  const found = commits.find((one) => one.id === commit)
  if (found === undefined) throw new SyncError('not-found', `${formatRepo(ref)} has no commit ${commit}.`)
  return found.files
}

function entryOf(path: string, file: MemoryFile, lists: MemoryHubOptions['lists']): FileEntry {
  const base = { path: parseRepoPath(path) }
  if (isObject(file)) return { ...base, size: file.size, storage: 'lfs', digests: { sha256: file.oid } }
  const gitBlob = createHash('sha1').update(`blob ${file.length}\0`).update(file).digest('hex')
  const digests = { sha256: digestOf(file), gitBlob }
  const told = lists === undefined ? digests : { [lists]: digests[lists] }
  return { ...base, size: file.length, storage: 'git', digests: told }
}

function isObject(file: MemoryFile): file is LfsObject {
  return !Buffer.isBuffer(file)
}

function contentOf(store: MemoryStore, file: MemoryFile): Buffer {
  if (!isObject(file)) return file
  const content = store.objects.get(file.oid)
  if (content === undefined) throw new SyncError('object-missing', `The object ${file.oid} is not there.`)
  return content
}
