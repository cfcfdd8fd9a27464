import pLimit from 'p-limit'
import type { Context } from '../context.ts'
import type { GitAccess } from '../git/git-environment.ts'
import { gitHistory } from '../git/history.ts'
import { openBlob } from '../git/open-blob.ts'
import { pushCommit } from '../git/publish.ts'
import { gitManifest, listTree } from '../git/read-tree.ts'
import { remoteHead } from '../git/remote-head.ts'
import {
  type BlobFilter,
  fetchOne,
  type GitSnapshot,
  localBlobs,
  openSnapshot,
  resolveRemote,
} from '../git/snapshot.ts'
import type { Hub } from '../hubs/hub.ts'
import { openLfsObject } from '../lfs/open-object.ts'
import { asSyncError, SyncError } from '../model/errors.ts'
import type { FileEntry, LfsObject, Manifest, OpenFile, Range } from '../model/file.ts'
import {
  type CommitInfo,
  formatRepo,
  type RepoInfo,
  type RepoRef,
  type Snapshot,
  type Visibility,
} from '../model/repo.ts'
import { retry } from '../net/retry.ts'
import { remembered } from './remembered.ts'

/** What git and LFS alone can do of a repo: for hosts without an API, for what an API lacks or refuses, and for `transport: git`. */
export interface GitRepo {
  info(): Promise<RepoInfo | undefined>
  head(revision: string): Promise<string | undefined>
  manifest(at: Snapshot): Promise<Manifest>
  /** Ids of all blobs of a commit by path, by its trees alone. */
  blobIds(at: Snapshot): Promise<ReadonlyMap<string, string>>
  openFile(at: Snapshot, file: FileEntry, range?: Range): Promise<OpenFile>
  /** Fetches the plain ones of these files at once, so that opening each is no request any more. */
  willRead(at: Snapshot, files: readonly FileEntry[]): Promise<void>
  history(branch: string, limit: number): Promise<CommitInfo[]>
  /** Makes the repo by pushing an empty commit to it: on such a host a push is all there is. */
  create(branch: string): Promise<void>
  /** Removes what was fetched; it is fetched again if it is needed again. */
  release(): Promise<void>
}

/**
 * One repo of `hub` over git. Sends nothing by itself. Fetches are in the run's work folder until `release`. `current` is what the
 * hub calls the repo now, and `access` how git reaches it there.
 */
export function createGitRepo(
  context: Context,
  hub: Hub,
  current: { readonly ref: RepoRef },
  access: () => GitAccess,
): GitRepo {
  const store = snapshotStore(context, access)
  const fetching = <T>(at: Snapshot, act: () => Promise<T>) =>
    retry(context, act, { label: `fetch ${formatRepo(at.repo)} by git` })
  const headOf = (revision: string) =>
    retry(context, () => resolveRemote(context, access(), revision), {
      label: `look at ${formatRepo(current.ref)} by git`,
    })
  return {
    info: () => infoOf(context, hub, current.ref, access()),
    // Hosts list no commits: one that is not there is found out when it is fetched.
    head: async (revision) => (/^[0-9a-f]{40}$/.test(revision) ? revision : ifThere(headOf(revision))),
    manifest: (at) => fetching(at, () => store.use(at, 'blob:limit=1k', gitManifest)),
    blobIds: (at) => fetching(at, () => store.use(at, 'blob:none', idsByPath)),
    openFile: (at, file, range) => {
      const object = objectOf(file)
      if (object === undefined) return openPlain(store, at, file, range)
      const { lfsUrl } = hub.remote(current.ref)
      return openLfsObject(hub.http, lfsUrl, hub.profile.lfs, object, range)
    },
    willRead: (at, files) => {
      const plain = files.filter((file) => file.storage === 'git')
      const ids = plain.flatMap((file) => file.digests.gitBlob ?? [])
      return fetching(at, () => store.use(at, 'blob:limit=1k', (snapshot) => store.fetchBlobs(snapshot, ids)))
    },
    history: (branch, limit) => gitHistory(context, access(), branch, limit),
    create: async (branch) => {
      const commit = { branch, parent: undefined, title: 'Initial commit', trailers: [], changes: [] }
      await pushCommit(context, access(), commit)
    },
    release: store.release,
  }
}

async function idsByPath(snapshot: GitSnapshot): Promise<ReadonlyMap<string, string>> {
  const { files } = await listTree(snapshot)
  return new Map(files.map((file) => [file.path, file.gitBlob]))
}

function objectOf({ storage, size, digests: { sha256: oid } }: FileEntry): LfsObject | undefined {
  return storage === 'lfs' && oid !== undefined && size !== undefined ? { oid, size } : undefined
}

type SnapshotStore = ReturnType<typeof snapshotStore>

function openPlain(store: SnapshotStore, at: Snapshot, file: FileEntry, range?: Range): Promise<OpenFile> {
  return store.use(at, 'blob:limit=1k', async (snapshot) => {
    const id = await blobId(snapshot, file)
    await store.fetchBlobs(snapshot, [id])
    return openBlob(snapshot, id, range)
  })
}

/** The id that the tree holds: a listing by another way need not tell it. */
async function blobId(snapshot: GitSnapshot, file: FileEntry): Promise<string> {
  if (file.digests.gitBlob !== undefined) return file.digests.gitBlob
  const id = (await idsByPath(snapshot)).get(file.path)
  if (id === undefined) throw new SyncError('not-found', `${file.path} is not in ${snapshot.commit}.`)
  return id
}

/** Command lines have a length. */
const idsPerFetch = 2000

/** Snapshots by commit, each fetched once and with blobs added as they are asked for. Not retried: who reads is. */
function snapshotStore(context: Context, access: () => GitAccess) {
  const snapshots = new Map<string, Promise<GitSnapshot>>()
  const oneAtATime = pLimit(1)

  async function use<T>(at: Snapshot, filter: BlobFilter, act: (snapshot: GitSnapshot) => Promise<T>) {
    const open = () => openSnapshot(context, access(), at, { filter })
    return act(await remembered(snapshots, `${at.commit} ${filter}`, open))
  }

  /** Adds to the snapshot in place: it is the map that its readers hold. */
  async function fetchBlobs(snapshot: GitSnapshot, ids: readonly string[]): Promise<void> {
    await oneAtATime(async () => {
      const missing = [...new Set(ids)].filter((id) => !snapshot.blobs.has(id))
      for (let from = 0; from < missing.length; from += idsPerFetch) {
        const some = missing.slice(from, from + idsPerFetch)
        await fetchOne(context, access(), snapshot.folder, ['--filter=blob:none'], some)
      }
      if (missing.length === 0) return
      for (const [id, size] of await localBlobs(context, snapshot.folder)) snapshot.blobs.set(id, size)
    })
  }

  async function release(): Promise<void> {
    const opened = await Promise.allSettled(snapshots.values())
    snapshots.clear()
    for (const snapshot of opened) if (snapshot.status === 'fulfilled') await snapshot.value.dispose()
  }

  return { use, fetchBlobs, release }
}

/** What a host says by git alone. Whether everybody may read it is seen by asking without credentials. */
async function infoOf(
  context: Context,
  hub: Hub,
  ref: RepoRef,
  access: GitAccess,
): Promise<RepoInfo | undefined> {
  const head = await lookAt(context, access, ref)
  if (head === undefined) return undefined
  const { defaultBranch } = hub.profile
  const [only, ...others] = head.branches
  const branch = head.branch ?? (others.length === 0 && only !== undefined ? only : defaultBranch)
  return {
    ref,
    visibility: await visibilityOf(context, access, ref),
    gated: false,
    defaultBranch: branch,
    ...(head.commit === undefined ? {} : { head: head.commit }),
    url: access.url.replace(/\.git$/, ''),
  }
}

function lookAt(context: Context, access: GitAccess, ref: RepoRef) {
  return ifThere(
    retry(context, () => remoteHead(context, access), { label: `look at ${formatRepo(ref)} by git` }),
  )
}

async function ifThere<T>(looking: Promise<T>): Promise<T | undefined> {
  try {
    return await looking
  } catch (thrown) {
    if (asSyncError(thrown).code === 'not-found') return undefined
    throw thrown
  }
}

async function visibilityOf(context: Context, access: GitAccess, ref: RepoRef): Promise<Visibility> {
  if (Object.keys(access.authorization).length === 0) return 'public'
  try {
    const seen = await lookAt(context, { ...access, authorization: {} }, ref)
    return seen === undefined ? 'private' : 'public'
  } catch (thrown) {
    const { code } = asSyncError(thrown)
    if (code === 'unauthorized' || code === 'forbidden') return 'private'
    throw thrown
  }
}
