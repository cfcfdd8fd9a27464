import { createHash } from 'node:crypto'
import { maxFiles, tooManyFiles } from '../git/read-tree.ts'
import type { Hub } from '../hubs/hub.ts'
import type { FileEntry, Manifest } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import { formatPointer } from '../model/pointer.ts'
import type { Snapshot } from '../model/repo.ts'
import type { ApiOrGit } from './api-or-git.ts'
import type { GitRepo } from './git-repo.ts'

/** The hub's own listing; where it may have been cut, git's, with what the hub listed of sizes and digests. */
export function listManifest(hub: Hub, git: GitRepo, apiOrGit: ApiOrGit, at: Snapshot): Promise<Manifest> {
  const listed = new Map<RepoPath, FileEntry>()
  const { listFiles } = hub
  return apiOrGit('list', listFiles && (() => collect(listFiles(at), listed)), async () => {
    const tree = await git.manifest(at)
    return new Map([...tree].map(([path, file]) => [path, merged(file, listed.get(path))]))
  })
}

/** No hub takes more files, and a listing without end must not fill the memory. */
async function collect(files: AsyncIterable<FileEntry>, into: Map<RepoPath, FileEntry>): Promise<Manifest> {
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
export function withGitBlobs(ids: ReadonlyMap<string, string>, manifest: Manifest): Manifest {
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
