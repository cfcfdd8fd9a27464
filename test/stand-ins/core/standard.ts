import { contentsAt, type FileCache } from './files.ts'
import { type Change, commitChanges } from './git-repo.ts'
import { putObject } from './object-store.ts'
import { formatPointer } from './pointer.ts'
import type { RepoKey, SeedContent, SeedRepo, StandIn } from './stand-in.ts'
import { findRepo, headOf, type Store, type StoredRepo } from './store.ts'

/** `seed`, `head` and `files` of a stand-in, in terms of its store. */
export function standardMethods(
  store: Store,
  cache: FileCache,
  dialect: {
    /** Makes a repo as the hub's own create call would, platform-made files included. */
    readonly create: (repo: SeedRepo) => Promise<StoredRepo>
    /** Changes the hub makes by itself beside the given ones (`.gitattributes` lines); none by default. */
    readonly accompany?: (repo: StoredRepo, head: string | undefined, lfsPaths: string[]) => Promise<Change[]>
  },
): Pick<StandIn, 'seed' | 'head' | 'files'> {
  return {
    seed: async (repo) => {
      const there = findRepo(store, repo)?.repo
      // Before anything is waited for: whoever seeds in the middle of a run knows that it counts from now on.
      if (there !== undefined) changeAccess(there, repo)
      const stored = there ?? (await dialect.create(repo))
      return seedFiles(store, stored, repo, dialect.accompany)
    },
    head: async (key) => {
      const found = findRepo(store, key)
      return found && headOf(store, found.repo)
    },
    files: (key) => filesOfHead(store, cache, key),
  }
}

/** A repo that is seeded again is for whom the seed says, if it says so. */
function changeAccess(stored: StoredRepo, { private: isPrivate, visibility, gated }: SeedRepo): void {
  if (isPrivate !== undefined) stored.visibility = isPrivate ? 'private' : 'public'
  if (visibility !== undefined) stored.visibility = visibility
  if (gated !== undefined) stored.gated = gated ? 'auto' : false
}

async function filesOfHead(store: Store, cache: FileCache, key: RepoKey): ReturnType<StandIn['files']> {
  const found = findRepo(store, key)
  if (!found) throw new Error(`no repo ${key.type} ${key.owner}/${key.name}`)
  const commit = await headOf(store, found.repo)
  return commit === undefined ? new Map() : contentsAt(store, cache, found.repo, commit)
}

async function seedFiles(
  store: Store,
  repo: StoredRepo,
  { files, message = 'Seed' }: SeedRepo,
  accompany: Parameters<typeof standardMethods>[2]['accompany'],
): Promise<string> {
  const given: Change[] = []
  const lfsPaths: string[] = []
  for (const [path, content] of Object.entries(files)) {
    given.push({ path, content: await blobFor(store, content) })
    if (content !== null && typeof content === 'object' && 'lfs' in content) lfsPaths.push(path)
  }
  for (let attempt = 0; attempt < 5; attempt++) {
    const parent = await headOf(store, repo)
    const own = accompany && !('.gitattributes' in files) ? await accompany(repo, parent, lfsPaths) : []
    const changes = [...own, ...given]
    if (changes.length === 0 && parent !== undefined) return parent
    const result = await commitChanges(repo.gitDir, { branch: store.defaultBranch, parent, changes, message })
    repo.updatedAt = new Date()
    if (result.kind === 'committed') return result.commit
  }
  throw new Error(`the branch of ${repo.owner}/${repo.name} keeps moving`)
}

async function blobFor(store: Store, content: SeedContent): Promise<Buffer | null> {
  if (content === null || Buffer.isBuffer(content)) return content
  if (typeof content === 'string') return Buffer.from(content)
  return formatPointer(await putObject(store.objects, content.lfs))
}
