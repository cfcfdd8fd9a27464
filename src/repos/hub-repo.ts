import { createHash } from 'node:crypto'
import type { Context } from '../context.ts'
import type { GitAccess } from '../git/git-environment.ts'
import { pushCommit } from '../git/publish.ts'
import { gitManifest, listTree, maxFiles, tooManyFiles } from '../git/read-tree.ts'
import { type BlobFilter, type GitSnapshot, openSnapshot, resolveRemote } from '../git/snapshot.ts'
import type { Hub } from '../hubs/hub.ts'
import { lacking } from '../lfs/lacking.ts'
import { relayObject } from '../lfs/relay.ts'
import { SyncError } from '../model/errors.ts'
import type { FileEntry, Manifest, OpenFile, Range } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import { formatPointer } from '../model/pointer.ts'
import { formatRepo, type RepoRef, type Snapshot } from '../model/repo.ts'
import { retry } from '../net/retry.ts'
import { publishCommit } from './publish-commit.ts'
import { hashFile, readWhole } from './read-file.ts'
import type { Repo } from './repo.ts'

/** A repo on a hub: its API where it has one, git and LFS where it has not or where a listing was cut. */
export function createHubRepo(context: Context, hub: Hub, ref: RepoRef, git: GitAccess): Repo {
  const manifests = new Map<string, Promise<Manifest>>()
  const { lfsUrl } = hub.remote(ref)
  const open = (at: Snapshot, file: FileEntry, range?: Range) => openFile(hub, at, file, range)
  const manifest = (at: Snapshot) =>
    remembered(manifests, at.commit, () => listManifest(context, hub, git, at))
  return {
    ref,
    profile: hub.profile,
    info: () => hub.findRepo(ref),
    head: (revision) =>
      hub.resolveRevision === undefined
        ? resolveRemote(context, git, revision)
        : hub.resolveRevision(ref, revision),
    manifest,
    manifestWithGitBlobs: (at) =>
      remembered(manifests, `${at.commit} with git blobs`, async () =>
        withGitBlobs(context, git, at, await manifest(at)),
      ),
    openFile: open,
    readFile: (at, file, cap) =>
      retry(context, () => readWhole(open, at, file, cap), { label: `read ${file.path}` }),
    hashFile: (at, file, range) =>
      retry(context, () => hashFile(open, at, file, range), { label: `read ${file.path}` }),
    history: async (branch, limit) => (await hub.history?.(ref, branch, limit)) ?? [],
    createIfAbsent: (wanted) => createIfAbsent(hub, ref, wanted),
    lacking: (objects) => lacking(hub.http, lfsUrl, hub.profile.lfs, objects),
    put: async (object, openObject, options) => {
      const relay = { http: hub.http, lfsUrl, profile: hub.profile.lfs, object, open: openObject, ...options }
      const relayed = await relayObject(context, relay)
      return relayed.kind === 'sent' ? relayed.sample : undefined
    },
    publish: (commit, transport) =>
      publishCommit(
        context,
        { hub, repo: ref, push: (one) => pushCommit(context, git, one) },
        commit,
        transport,
      ),
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

async function createIfAbsent(hub: Hub, ref: RepoRef, wanted: Parameters<Repo['createIfAbsent']>[0]) {
  const existing = await hub.findRepo(ref)
  if (existing !== undefined) return existing
  if (hub.createRepo !== undefined) return hub.createRepo(ref, wanted)
  throw new SyncError('unsupported', `${formatRepo(ref)} does not exist and cannot be created here.`, {
    next: 'Create it on the hub.',
  })
}

function openFile(hub: Hub, at: Snapshot, file: FileEntry, range: Range | undefined): Promise<OpenFile> {
  if (hub.openFile !== undefined) return hub.openFile(at, file, range)
  throw new SyncError('unsupported', `${hub.id} cannot serve single files.`)
}

/** The hub's own listing; where it may have been cut, git's, with what the hub listed of sizes and digests. */
async function listManifest(context: Context, hub: Hub, git: GitAccess, at: Snapshot): Promise<Manifest> {
  const listed = new Map<RepoPath, FileEntry>()
  const complete = hub.listFiles === undefined ? false : await collect(hub.listFiles(at), listed)
  if (complete) return listed
  const tree = await withSnapshot(context, git, at, 'blob:limit=1k', gitManifest)
  return new Map([...tree].map(([path, file]) => [path, merged(file, listed.get(path))]))
}

/** False if the listing was cut. No hub takes more files, and a listing without end must not fill the memory. */
async function collect(files: AsyncIterable<FileEntry>, into: Map<RepoPath, FileEntry>): Promise<boolean> {
  try {
    for await (const file of files) {
      into.set(file.path, file)
      if (into.size > maxFiles) throw tooManyFiles()
    }
    return true
  } catch (thrown) {
    if (thrown instanceof SyncError && thrown.code === 'listing-cut') return false
    throw thrown
  }
}

function merged(tree: FileEntry, listed: FileEntry | undefined): FileEntry {
  if (listed === undefined) return tree
  return { ...tree, size: tree.size ?? listed.size, digests: { ...listed.digests, ...tree.digests } }
}

async function withSnapshot<T>(
  context: Context,
  git: GitAccess,
  at: Snapshot,
  filter: BlobFilter,
  act: (snapshot: GitSnapshot) => Promise<T>,
): Promise<T> {
  const label = `fetch ${formatRepo(at.repo)} by git`
  const snapshot = await retry(context, () => openSnapshot(context, git, at, { filter }), { label })
  try {
    return await act(snapshot)
  } finally {
    await snapshot.dispose()
  }
}

/** Git's own ids from the trees alone. A blob that is the pointer of the listed content says LFS, and is no id of the content. */
async function withGitBlobs(
  context: Context,
  git: GitAccess,
  at: Snapshot,
  manifest: Manifest,
): Promise<Manifest> {
  const tree = await withSnapshot(context, git, at, 'blob:none', listTree)
  const ids = new Map(tree.files.map((file) => [file.path, file.gitBlob]))
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
