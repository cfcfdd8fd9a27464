import { createHash } from 'node:crypto'
import type { Rule } from '../config/rule.ts'
import type { Context } from '../context.ts'
import type { GitAccess } from '../git/git-environment.ts'
import { pushCommit } from '../git/publish.ts'
import { maxFiles, tooManyFiles } from '../git/read-tree.ts'
import type { Hub } from '../hubs/hub.ts'
import { lacking } from '../lfs/lacking.ts'
import { relayObject, type Sample } from '../lfs/relay.ts'
import { asSyncError, type ErrorCode, SyncError } from '../model/errors.ts'
import type { FileEntry, Manifest, Range } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import { formatPointer } from '../model/pointer.ts'
import { formatRepo, type NewRepo, type RepoInfo, type RepoRef, type Snapshot } from '../model/repo.ts'
import { retry } from '../net/retry.ts'
import { createGitRepo, type GitRepo } from './git-repo.ts'
import { publishCommit } from './publish-commit.ts'
import { hashFile, readWhole } from './read-file.ts'
import type { Repo } from './repo.ts'
import { takesPush } from './takes-push.ts'

/**
 * A repo on a hub: its API where it has one, git and LFS where it has not, where a listing was cut, and where the API refuses what
 * git may still do. With `transport: git` the API says only which repos there are, and makes them.
 */
export function createHubRepo(
  context: Context,
  fullHub: Hub,
  ref: RepoRef,
  accessTo: (ref: RepoRef) => GitAccess,
  transport: Rule['transport'],
): Repo {
  const hub = transport === 'git' ? withoutContent(fullHub) : fullHub
  // Git is sent to no other address by a hub, so a renamed repo is asked for by its new name.
  const current = { ref }
  const access = () => accessTo(current.ref)
  const git = createGitRepo(context, hub, current, access)
  const detours = new Set<string>()
  const either = createEither(hub, detours)
  const manifests = new Map<string, Promise<Manifest>>()
  const { lfsUrl } = hub.remote(ref)
  const store = { http: hub.http, lfsUrl, profile: hub.profile.lfs, proven: new Map<string, Sample>() }
  const history = (branch: string, limit: number) =>
    either('history', hub.history && (() => hub.history?.(ref, branch, limit)), () =>
      git.history(branch, limit),
    )
  const info = async () => {
    const found = await either('repo', hub.findRepo && (() => hub.findRepo?.(ref)), () => git.info())
    current.ref = found?.ref ?? ref
    return found
  }
  const head = (revision: string) =>
    either('head', hub.resolveRevision && (() => hub.resolveRevision?.(ref, revision)), () =>
      git.head(revision),
    )
  const open = (at: Snapshot, file: FileEntry, range?: Range) =>
    either('files', hub.openFile && (() => hub.openFile?.(at, file, range)), () =>
      git.openFile(at, file, range),
    )
  const manifest = (at: Snapshot) =>
    remembered(manifests, at.commit, () => listManifest(hub, git, either, at))
  const creation = hub.createRepo !== undefined ? 'exact' : hub.profile.createsOnPush ? 'push' : 'none'
  const repo = { ref, info }
  return {
    ref,
    profile: hub.profile,
    creation,
    listsModes: hub.listFiles === undefined,
    keepsModes: hub.commit === undefined,
    detours,
    info,
    head,
    manifest,
    manifestWithGitBlobs: (at) =>
      remembered(manifests, `${at.commit} with git blobs`, async () =>
        withGitBlobs(await git.blobIds(at), await manifest(at)),
      ),
    openFile: open,
    readFile: (at, file, cap) =>
      retry(context, () => readWhole(open, at, file, cap), { label: `read ${file.path}` }),
    hashFile: (at, file, range) =>
      retry(context, () => hashFile(open, at, file, range), { label: `read ${file.path}` }),
    willRead: async (at, files) => {
      if (hub.openFile === undefined) await git.willRead(at, files)
    },
    history,
    createIfAbsent: (wanted) => createIfAbsent(hub, git, repo, wanted),
    ...importing(hub, ref),
    ...(hub.commit === undefined && { takesPush: () => takesPush(hub, ref) }),
    ...(hub.readmeProblems && {
      readmeProblems: async (readme) => (await hub.readmeProblems?.(ref, readme)) ?? [],
    }),
    lacking: (objects, proof = 'told') => lacking(context, store, objects, proof),
    put: async (object, openObject, options) => {
      const relayed = await relayObject(context, { ...store, object, open: openObject, ...options })
      if (relayed.kind === 'present') return undefined
      store.proven.set(object.oid, relayed.sample)
      return relayed.sample
    },
    publish: (commit) =>
      publishCommit(
        context,
        {
          hub: { ...hub, history: (_, branch, limit) => history(branch, limit) },
          repo: ref,
          push: (one) => pushCommit(context, access(), one),
        },
        commit,
      ),
    release: git.release,
  }
}

/** Clone addresses end in `.git`, by which hubs that import know them. */
function importing(hub: Hub, ref: RepoRef): Pick<Repo, 'cloneUrl' | 'importFrom' | 'mirrorPage'> {
  const { importRepo, mirrorPage } = hub
  return {
    cloneUrl: hub.remote(ref).gitUrl.replace(/(\.git)?$/, '.git'),
    ...(importRepo && { importFrom: (cloneUrl, wanted) => importRepo(ref, cloneUrl, wanted) }),
    ...(mirrorPage && { mirrorPage: mirrorPage(ref) }),
  }
}

/** The hub without its ways to list, read and publish content. */
function withoutContent(hub: Hub): Hub {
  const {
    listFiles: _list,
    openFile: _open,
    commit: _commit,
    history: _history,
    resolveRevision: _resolve,
    ...rest
  } = hub
  return rest
}

/** Runs the API's way if there is one, and git's where there is none or where the API says that this is not its way. */
type Either = <T>(
  what: What,
  api: (() => Promise<T> | undefined) | undefined,
  byGit: () => Promise<T>,
) => Promise<T>

type What = keyof typeof whats

const whats = {
  repo: 'the repo was looked up',
  head: 'the branch was looked up',
  history: 'the history was read',
  list: 'the files were listed',
  files: 'files were read',
} as const

/** What says "not this way": git may do. A missing repo or a bad token is the same everywhere. */
const notByApi: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['unsupported', 'listing-cut', 'forbidden'])

function createEither(hub: Hub, detours: Set<string>): Either {
  return async (what, api, byGit) => {
    if (api === undefined) return byGit()
    try {
      const answer = api()
      if (answer !== undefined) return await answer
    } catch (thrown) {
      const refusal = asSyncError(thrown)
      if (!notByApi.has(refusal.code)) throw refusal
      return detour(hub, what, refusal, byGit, detours)
    }
    return byGit()
  }
}

async function detour<T>(
  hub: Hub,
  what: What,
  refusal: SyncError,
  byGit: () => Promise<T>,
  detours: Set<string>,
): Promise<T> {
  try {
    const value = await byGit()
    detours.add(`${whats[what]} by git, because the API of ${hub.id} refused: ${refusal.message}`)
    return value
  } catch (thrown) {
    // Git is refused as well: what the API said first is the clearer reason, but for an object that is known to be lost.
    throw asSyncError(thrown).code === 'object-missing' ? thrown : refusal
  }
}

function remembered<T>(memory: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = memory.get(key)
  if (known !== undefined) return known
  const made = make()
  memory.set(key, made)
  // A failure is not an answer: the next one asks again.
  made.catch(() => memory.delete(key))
  return made
}

async function createIfAbsent(
  hub: Hub,
  git: GitRepo,
  { ref, info }: Pick<Repo, 'ref' | 'info'>,
  wanted: NewRepo,
): Promise<RepoInfo> {
  const existing = await info()
  if (existing !== undefined) return existing
  if (hub.createRepo !== undefined) return hub.createRepo(ref, wanted)
  if (hub.profile.createsOnPush && wanted.visibility === 'public') {
    // Some hosts make it, with a commit of their own, as soon as git asks whether it may push. Others make none.
    await git.create(hub.profile.defaultBranch).catch((thrown: unknown) => {
      if (!['conflict', 'not-found'].includes(asSyncError(thrown).code)) throw thrown
    })
    const created = await info()
    if (created !== undefined) return created
  }
  throw new SyncError('unsupported', `${formatRepo(ref)} does not exist and cannot be created here.`, {
    next: 'Create it on the hub.',
  })
}

/** The hub's own listing; where it may have been cut, git's, with what the hub listed of sizes and digests. */
function listManifest(hub: Hub, git: GitRepo, either: Either, at: Snapshot): Promise<Manifest> {
  const listed = new Map<RepoPath, FileEntry>()
  const byApi = hub.listFiles && (() => collect(hub.listFiles?.(at) ?? [], listed))
  return either('list', byApi, async () => {
    const tree = await git.manifest(at)
    return new Map([...tree].map(([path, file]) => [path, merged(file, listed.get(path))]))
  })
}

/** No hub takes more files, and a listing without end must not fill the memory. */
async function collect(
  files: AsyncIterable<FileEntry> | Iterable<FileEntry>,
  into: Map<RepoPath, FileEntry>,
): Promise<Manifest> {
  for await (const file of files) {
    into.set(file.path, file)
    if (into.size > maxFiles) throw tooManyFiles()
  }
  return into
}

function merged(tree: FileEntry, listed: FileEntry | undefined): FileEntry {
  if (listed === undefined) return tree
  return { ...tree, size: tree.size ?? listed.size, digests: { ...listed.digests, ...tree.digests } }
}

/** With git's own ids. A blob that is the pointer of the listed content says LFS, and is no id of the content. */
function withGitBlobs(ids: ReadonlyMap<string, string>, manifest: Manifest): Manifest {
  return new Map([...manifest].map(([path, file]) => [path, withGitBlob(file, ids.get(path))]))
}

function withGitBlob(file: FileEntry, id: string | undefined): FileEntry {
  const { sha256 } = file.digests
  if (id === undefined || file.digests.gitBlob !== undefined) return file
  if (sha256 !== undefined && file.size !== undefined && pointerBlob(sha256, file.size) === id)
    return { ...file, storage: 'lfs' }
  return file.storage === 'lfs' ? file : { ...file, digests: { ...file.digests, gitBlob: id } }
}

function pointerBlob(oid: string, size: number): string {
  const pointer = formatPointer({ oid, size })
  return createHash('sha1').update(`blob ${pointer.length}\0${pointer}`).digest('hex')
}
