import type { Rule } from '../config/rule.ts'
import type { Context } from '../context.ts'
import type { GitAccess } from '../git/git-environment.ts'
import { pushCommit } from '../git/publish.ts'
import type { Hub } from '../hubs/hub.ts'
import { lacking } from '../lfs/lacking.ts'
import { relayObject, type Sample } from '../lfs/relay.ts'
import type { NewCommit } from '../model/commit.ts'
import { asSyncError, SyncError } from '../model/errors.ts'
import type { FileEntry, Manifest, Range } from '../model/file.ts'
import { formatRepo, type NewRepo, type RepoInfo, type RepoRef, type Snapshot } from '../model/repo.ts'
import { retry } from '../net/retry.ts'
import { type ApiOrGit, createApiOrGit } from './api-or-git.ts'
import { createGitRepo, type GitRepo } from './git-repo.ts'
import { listManifest, withGitBlobs } from './list-manifest.ts'
import { publishCommit } from './publish-commit.ts'
import { hashFile, readWhole } from './read-file.ts'
import { remembered } from './remembered.ts'
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
  const parts = { context, hub, ref, current, access, git, apiOrGit: createApiOrGit(hub, detours) }
  const reading = readingOf(parts)
  return {
    ref,
    profile: hub.profile,
    creation: hub.createRepo !== undefined ? 'exact' : hub.profile.createsOnPush ? 'push' : 'none',
    listsModes: hub.listFiles === undefined,
    keepsModes: hub.commit === undefined,
    ...(hub.commit === undefined && { swapsFolders: true as const }),
    detours,
    ...reading,
    ...importing(hub, ref),
    ...writingOf(parts, reading),
    release: git.release,
  }
}

interface Parts {
  readonly context: Context
  readonly hub: Hub
  readonly ref: RepoRef
  /** What the hub calls the repo now. */
  readonly current: { ref: RepoRef }
  readonly access: () => GitAccess
  readonly git: GitRepo
  readonly apiOrGit: ApiOrGit
}

type Reading =
  | 'info'
  | 'head'
  | 'history'
  | 'manifest'
  | 'manifestWithGitBlobs'
  | 'openFile'
  | 'readFile'
  | 'hashFile'
  | 'willRead'

function readingOf(parts: Parts): Pick<Repo, Reading> {
  const { context, hub, ref, current, git, apiOrGit } = parts
  const { findRepo, resolveRevision, openFile } = hub
  const manifests = new Map<string, Promise<Manifest>>()
  const manifest = (at: Snapshot) =>
    remembered(manifests, at.commit, () => listManifest(hub, git, apiOrGit, at))
  const open = (at: Snapshot, file: FileEntry, range?: Range) =>
    apiOrGit('files', openFile && (() => openFile(at, file, range)), () => git.openFile(at, file, range))
  return {
    info: async () => {
      const found = await apiOrGit('repo', findRepo && (() => findRepo(ref)), git.info)
      current.ref = found?.ref ?? ref
      return found
    },
    head: (revision) =>
      apiOrGit('head', resolveRevision && (() => resolveRevision(ref, revision)), () => git.head(revision)),
    history: historyOf(parts, (branch, limit) =>
      retry(context, () => git.history(branch, limit), { label: `read the history of ${formatRepo(ref)}` }),
    ),
    manifest,
    manifestWithGitBlobs: (at) =>
      remembered(manifests, `${at.commit} with git blobs`, async () =>
        withGitBlobs(await git.blobIds(at), await manifest(at)),
      ),
    openFile: open,
    readFile: (at, file, cap) =>
      retry(context, () => readWhole(open, at, file, cap), { label: `read ${file.path}` }),
    hashFile: (at, file, range, bandwidth) => {
      const pace = bandwidth && { bandwidth, signal: context.signal }
      return retry(context, () => hashFile(open, at, file, range, pace), { label: `read ${file.path}` })
    },
    willRead: async (at, files) => {
      if (openFile === undefined) await git.willRead(at, files)
    },
  }
}

/** The API's history, where there is one, else `byGit`. */
function historyOf({ hub, ref, apiOrGit }: Parts, byGit: Repo['history']): Repo['history'] {
  const { history } = hub
  return (branch, limit) =>
    apiOrGit('history', history && (() => history(ref, branch, limit)), () => byGit(branch, limit))
}

type Writing = 'createIfAbsent' | 'takesPush' | 'readmeProblems' | 'lacking' | 'put' | 'publish'

function writingOf(parts: Parts, { info }: Pick<Repo, Reading>): Pick<Repo, Writing> {
  const { context, hub, ref, access, git } = parts
  const { readmeProblems } = hub
  // Publishing is retried itself, and looks at the history in between.
  const history = historyOf(parts, git.history)
  const { lfsUrl } = hub.remote(ref)
  const store = { http: hub.http, lfsUrl, profile: hub.profile.lfs, proven: new Map<string, Sample>() }
  const ways = {
    hub: { ...hub, history: (_: RepoRef, branch: string, limit: number) => history(branch, limit) },
    repo: ref,
    push: (commit: NewCommit) => pushCommit(context, access(), commit),
  }
  return {
    createIfAbsent: (wanted) => createIfAbsent(hub, git, { ref, info }, wanted),
    ...(hub.commit === undefined && { takesPush: () => takesPush(hub, ref) }),
    ...(readmeProblems && { readmeProblems: (readme) => readmeProblems(ref, readme) }),
    lacking: (objects, proof = 'told') => lacking(context, store, objects, proof),
    put: async (object, open, options) => {
      const relayed = await relayObject(context, { ...store, object, open, ...options })
      if (relayed.kind === 'present') return undefined
      store.proven.set(object.oid, relayed.sample)
      return relayed.sample
    },
    publish: (commit) => publishCommit(context, ways, commit),
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
