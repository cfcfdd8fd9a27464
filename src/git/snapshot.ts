import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import { watchFolderSize } from './folder-size.ts'
import { type GitAccess, remoteName } from './git-environment.ts'
import { runLocalGit, runRemoteGit, streamLocalGit } from './run-git.ts'

/** One commit of a hub's repo in a bare repo of our own, without history. `dispose` removes it. */
export interface GitSnapshot {
  readonly context: Context
  readonly folder: string
  readonly commit: string
  readonly filter: BlobFilter
  /** Bytes of each blob that is here, by id: what came along, and what was fetched since. */
  readonly blobs: Map<string, number>
  dispose(): Promise<void>
}

/** `blob:none`: only trees; `blob:limit=1k`: with the files under 1,024 bytes, hence every pointer. A server may ignore it. */
export type BlobFilter = 'blob:none' | 'blob:limit=1k'

export interface SnapshotOptions {
  readonly filter: BlobFilter
  /** Bytes the folder may grow to; a server that ignores the filter sends every plain file. */
  readonly diskCap?: number
}

const defaultDiskCap = 2 * 2 ** 30

/**
 * Fetches `commit` (40 hex digits) of `branch` at depth 1. Throws `not-found` if the hub does not have it, `too-large` over the
 * disk cap. Where a server gives no commit by its id, the branch is taken if it still is at that commit.
 */
export async function openSnapshot(
  context: Context,
  access: GitAccess,
  at: { readonly branch: string; readonly commit: string },
  options: SnapshotOptions,
): Promise<GitSnapshot> {
  checkCommitId(at.commit)
  const folder = await initBareRepo(context)
  const dispose = () => rm(folder, { recursive: true, force: true, maxRetries: 3 })
  try {
    await fetchCommit(context, access, folder, at, options)
    const blobs = await localBlobs(context, folder)
    return { context, folder, commit: at.commit, filter: options.filter, blobs, dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** An empty bare repo in the run's work folder. The caller removes it. */
export async function initBareRepo(context: Context): Promise<string> {
  const folder = await mkdtemp(join(context.workDir, 'git-'))
  const args = ['init', '--quiet', '--bare', '--template=', '.']
  await runLocalGit(context, { folder, args, doing: 'make a temporary repo' }, maxShortAnswer)
  return folder
}

/** Commit that `ref` (a branch, a tag or a full ref) points to, in one request; undefined if there is none. */
export async function resolveRemote(
  context: Context,
  access: GitAccess,
  ref: string,
): Promise<string | undefined> {
  const wanted = ref.startsWith('refs/') ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`]
  const peeled = wanted.flatMap((name) => [`${name}^{}`, name])
  const args = [
    'ls-remote',
    '--quiet',
    '--end-of-options',
    remoteName,
    ...wanted,
    ...wanted.map((name) => `${name}^{}`),
  ]
  const output = await runRemoteGit(context, access, {
    folder: context.workDir,
    args,
    doing: 'list the refs',
  })
  const commits = new Map(output.split('\n').map(parseRefLine))
  return peeled.map((name) => commits.get(name)).find((commit) => commit !== undefined)
}

function parseRefLine(line: string): readonly [string, string | undefined] {
  const [commit, name] = line.split('\t')
  return [name ?? '', commit]
}

async function fetchCommit(
  context: Context,
  access: GitAccess,
  folder: string,
  at: { readonly branch: string; readonly commit: string },
  options: SnapshotOptions,
): Promise<void> {
  const cap = options.diskCap ?? defaultDiskCap
  const fetchRevision = (revision: string) =>
    fetchOne(context, access, folder, [`--depth=1`, `--filter=${options.filter}`], [revision], cap)
  try {
    await fetchRevision(at.commit)
  } catch (error) {
    if (!(error instanceof SyncError && error.code === 'not-found')) throw error
    await fetchRevision(`refs/heads/${at.branch}`)
    const args = ['cat-file', '-e', at.commit]
    await runLocalGit(context, { folder, args, doing: 'find the commit' }, maxShortAnswer).catch(
      (cause: unknown) => {
        throw new SyncError('not-found', `The hub does not give commit ${at.commit} any more.`, {
          next: 'The branch moved or was rewritten: run again.',
          cause,
        })
      },
    )
  }
}

/** Fetches commits or blobs by id, or a ref, without tags, watched for its size. */
export async function fetchOne(
  context: Context,
  access: GitAccess,
  folder: string,
  options: readonly string[],
  revisions: readonly string[],
  cap = defaultDiskCap,
): Promise<void> {
  const watch = watchFolderSize(folder, cap)
  const always = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance']
  const args = [
    ...always,
    '--recurse-submodules=no',
    ...options,
    '--end-of-options',
    remoteName,
    ...revisions,
  ]
  try {
    await runRemoteGit(context, access, { folder, args, doing: 'fetch', signal: watch.signal })
    await watch.check()
  } finally {
    watch.stop()
  }
}

/** Ids and sizes of the blobs that are here: asks for none that is not, so nothing is fetched behind our back. */
export async function localBlobs(context: Context, folder: string): Promise<Map<string, number>> {
  const format = '--batch-check=%(objectname) %(objecttype) %(objectsize)'
  const args = ['cat-file', '--batch-all-objects', '--unordered', '--buffer', format]
  const blobs = new Map<string, number>()
  let rest = ''
  for await (const chunk of streamLocalGit(context, { folder, args, doing: 'list the objects' })) {
    const lines = (rest + chunk.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [id = '', type, size] = line.split(' ')
      if (type === 'blob') blobs.set(id, Number(size))
    }
  }
  return blobs
}

/** A commit id comes from a hub or a plan: it must not be read as an option or a ref. */
export function checkCommitId(commit: string): void {
  if (!/^[0-9a-f]{40}$/.test(commit)) {
    throw new SyncError('bad-answer', `${JSON.stringify(commit.slice(0, 60))} is no commit id.`)
  }
}

const maxShortAnswer = 1 << 16
