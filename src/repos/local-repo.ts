import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import type { FileEntry, LfsObject, OpenFile, Range } from '../model/file.ts'
import { parseRepoPath } from '../model/path.ts'
import { formatRepo, type RepoInfo, type RepoRef, type Snapshot } from '../model/repo.ts'
import { readmeMetadata } from '../transform/readme.ts'
import { changedFile } from './file-state.ts'
import { folderPathProblems } from './folder-paths.ts'
import { freeBytes } from './free-bytes.ts'
import { folderError, localProfile } from './local-profile.ts'
import { openLocalFile } from './open-local-file.ts'
import { publishFolder } from './publish-folder.ts'
import { hashFile, readWhole } from './read-file.ts'
import type { Repo } from './repo.ts'
import { createScanner, type FolderState } from './scan-folder.ts'
import { createTemporaryObjects } from './temporary-objects.ts'

/**
 * A local folder as a repo with one branch, `main`, whose commit is a digest of all paths and contents, and which has no history.
 * `folder` is an absolute path. Nothing is written below it outside the temporary folder before `publish` renames.
 */
export function createLocalRepo(context: Context, ref: RepoRef, folder: string): Repo {
  const scanner = createScanner(context, folder)
  const objects = createTemporaryObjects(context, folder)
  const seen = new Map<string, FolderState>()
  const look = async () => {
    const state = await scanner.scan()
    if (state?.commit !== undefined) seen.set(state.commit, state)
    return state
  }
  const stateAt = (at: Snapshot) => seenState(seen, look, at)
  const openIt = (at: Snapshot, file: FileEntry, range?: Range) => openAt(stateAt, at, file, range)
  const manifest = async (at: Snapshot) => (await told(() => stateAt(at))).manifest
  const readFile: Repo['readFile'] = (at, file, cap) => told(() => readWhole(openIt, at, file, cap))
  const info = () => told(async () => infoOf(ref, folder, await look(), readFile))
  return {
    ref,
    profile: { ...localProfile, type: 'dir' },
    creation: 'exact',
    listsModes: false,
    keepsModes: false,
    detours: new Set(),
    info,
    head: async (revision) =>
      revision === localProfile.defaultBranch ? (await told(look))?.commit : undefined,
    manifest,
    manifestWithGitBlobs: manifest,
    openFile: (at, file, range) => told(() => openIt(at, file, range)),
    readFile,
    hashFile: (at, file, range) => told(() => hashFile(openIt, at, file, range)),
    willRead: async () => undefined,
    history: async () => [],
    release: async () => undefined,
    pathProblems: (paths) =>
      told(async () => {
        const state = await look()
        return folderPathProblems(state?.root ?? folder, [...(state?.manifest.keys() ?? [])], paths)
      }),
    freeBytes: () => told(() => freeBytes(folder)),
    createIfAbsent: async () => {
      await told(() => mkdir(folder, { recursive: true }))
      const created = await info()
      if (created !== undefined) return created
      throw new SyncError('not-found', `${folder} was removed as soon as it was made.`)
    },
    lacking: (wanted) => told(async () => lacking(await look(), objects.has, wanted)),
    put: (object, source, options) => told(() => objects.put(object, source, options)),
    publish: async (commit) => {
      const target = { label: formatRepo(ref), scanner, objects }
      const id = await told(() => publishFolder(context, target, commit))
      return { commit: id, by: 'files', notes: [] }
    },
  }
}

/** Runs `act`; what the file system refuses becomes an error that says what to do. */
async function told<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (thrown) {
    throw folderError(thrown)
  }
}

const readme = parseRepoPath('README.md')
/** A larger README is not asked for its license. */
const readmeCap = 1024 * 1024

async function infoOf(
  ref: RepoRef,
  folder: string,
  state: FolderState | undefined,
  readFile: Repo['readFile'],
): Promise<RepoInfo | undefined> {
  if (state === undefined) return undefined
  const { defaultBranch } = localProfile
  const url = pathToFileURL(folder).href
  const found = { ref, visibility: 'private', gated: false, local: true, defaultBranch, url } as const
  const { commit } = state
  if (commit === undefined) return found
  const file = state.manifest.get(readme)
  if (file?.size === undefined || file.size > readmeCap) return { ...found, head: commit }
  const text = await readFile({ repo: ref, branch: defaultBranch, commit }, file, readmeCap)
  return { ...found, head: commit, ...readmeMetadata(text.toString('utf8')) }
}

/** The folder as it was at a commit: one that was seen, or the one it is at now. */
async function seenState(
  seen: ReadonlyMap<string, FolderState>,
  look: () => Promise<FolderState | undefined>,
  at: Snapshot,
): Promise<FolderState> {
  const state = seen.get(at.commit) ?? (await look())
  if (state !== undefined && state.commit === at.commit) return state
  throw new SyncError('not-found', `${formatRepo(at.repo)} is not at ${at.commit} any more.`, {
    next: 'Plan again.',
  })
}

async function openAt(
  stateAt: (at: Snapshot) => Promise<FolderState>,
  at: Snapshot,
  { path, mode }: FileEntry,
  range: Range | undefined,
): Promise<OpenFile> {
  const { root, states } = await stateAt(at)
  const state = states.get(path)
  if (state !== undefined) return openLocalFile(join(root, path), path, state, range)
  if (mode === 'symlink') throw new SyncError('unsupported', `${path} is a link that is not followed.`)
  throw changedFile(path)
}

/** What neither the folder holds under some path nor an earlier run has fetched. */
async function lacking(
  state: FolderState | undefined,
  has: (object: LfsObject) => Promise<boolean>,
  wanted: readonly LfsObject[],
): Promise<LfsObject[]> {
  if (state === undefined || wanted.length === 0) return [...wanted]
  const sizes = new Map([...state.manifest.values()].map(({ digests, size }) => [digests.sha256, size]))
  const missing: LfsObject[] = []
  for (const object of wanted)
    if (sizes.get(object.oid) !== object.size && !(await has(object))) missing.push(object)
  return missing
}
