import { createHash } from 'node:crypto'
import { modelScopeProfile } from '../../../src/hubs/modelscope/profile.ts'
import { SyncError } from '../../../src/model/errors.ts'
import type { FileEntry } from '../../../src/model/file.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import type { RepoInfo, RepoRef } from '../../../src/model/repo.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import { settingsOf } from '../hubs/settings.ts'

export const profile = modelScopeProfile(settingsOf('modelscope', 'https://www.modelscope.cn'))

const never = () => Promise.reject(new SyncError('internal', 'planning never asks for this'))

/** A public repo in memory: `files` by path, and commits newest first. Undefined commits: the repo is absent. */
export function fakeRepo(
  ref: RepoRef,
  files: Readonly<Record<string, string>>,
  commits?: readonly string[],
  platformFiles: Repo['profile']['platformFiles'] = [],
): Repo {
  const url = 'https://hub.example/o/n'
  const info: RepoInfo = { ref, visibility: 'public', gated: false, defaultBranch: 'master', url }
  const entries = Object.entries(files).map(([path, text]): FileEntry => {
    const sha256 = createHash('sha256').update(text).digest('hex')
    return { path: parseRepoPath(path), size: Buffer.byteLength(text), storage: 'git', digests: { sha256 } }
  })
  const manifest = async () => new Map(entries.map((entry) => [entry.path, entry]))
  return {
    ref,
    profile: { ...profile, platformFiles },
    creation: 'exact',
    listsModes: false,
    keepsModes: false,
    detours: new Set(),
    willRead: async () => undefined,
    release: async () => undefined,
    info: async () => (commits === undefined ? undefined : info),
    head: async (revision) => (revision === 'master' ? commits?.[0] : undefined),
    manifest,
    manifestWithGitBlobs: manifest,
    readFile: async (_, file) => Buffer.from(files[file.path] ?? ''),
    history: async () => (commits ?? []).map((id) => ({ id, message: '' })),
    lacking: async (objects) => objects,
    openFile: never,
    hashFile: never,
    createIfAbsent: never,
    put: never,
    publish: never,
  }
}
