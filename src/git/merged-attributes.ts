import type { Context } from '../context.ts'
import type { CommitChange, NewCommit } from '../model/commit.ts'
import { parseRepoPath, type RepoPath } from '../model/path.ts'
import { contentOf, type ExtraFile } from './fast-import.ts'
import type { GitAccess } from './git-environment.ts'
import { withLfsPatterns } from './lfs-attributes.ts'
import { readBlobs } from './read-blobs.ts'
import type { TreeFile } from './read-tree.ts'
import { runLocalGit } from './run-git.ts'
import { fetchOne, localBlobs } from './snapshot.ts'

type Write = Exclude<CommitChange, { kind: 'delete' }>

/** Bytes of a `.gitattributes`, and of an answer about all paths. */
const maxAttributesBytes = 16 * 2 ** 20
const maxAnswerBytes = 512 * 2 ** 20

/**
 * The root `.gitattributes` as it has to be for the commit, or undefined if it is right: its LFS files are covered by a line, and
 * its plain ones, which a line of the target may take for LFS, are not. Git itself says
 * which paths are covered, so nested files, negations and macros count as they do for everyone who clones.
 * `files` is the parent's tree, of which `folder` may hold no blobs.
 */
export async function mergedAttributes(
  context: Context,
  access: GitAccess,
  folder: string,
  commit: NewCommit,
  files: readonly TreeFile[],
): Promise<ExtraFile | undefined> {
  const writes = commit.changes.filter((change): change is Write => change.kind !== 'delete')
  const lfsPaths = writes.filter((change) => change.kind === 'lfs').map(({ path }) => path)
  // An empty file is the same under LFS and without it.
  const plainWrites = writes.flatMap((change) => (isOrdinary(change) ? [change.path] : []))
  const index = await indexOfAttributes(context, access, folder, commit, files)
  const plain = plainCandidates(commit, plainWrites, files, lfsPaths)
  const covered = await coveredPaths(context, folder, [...lfsPaths, ...plain, ...plainWrites])
  const uncovered = lfsPaths.filter((path) => !covered.has(path))
  const taken = plainWrites.filter((path) => covered.has(path))
  if (uncovered.length === 0 && taken.length === 0) return undefined
  const text = index.get(rootAttributes)?.toString('latin1') ?? ''
  const merged = withLfsPatterns(text, {
    uncovered: latin1(uncovered),
    plain: plain.filter((path) => !covered.has(path)),
    taken: latin1(taken),
  })
  return { path: rootAttributes, content: Buffer.from(merged, 'latin1') }
}

const rootAttributes = parseRepoPath('.gitattributes')

function isOrdinary(change: Write): boolean {
  return change.kind === 'plain' && change.size > 0 && change.mode !== 'symlink' && !isAttributes(change.path)
}

/** Latin-1 carries bytes: what is there already need not be UTF-8 to stay as it is. */
function latin1(paths: readonly string[]): string[] {
  return paths.map((path) => Buffer.from(path, 'utf8').toString('latin1'))
}

/** Files with an extension of ours that are not LFS in this commit: a wildcard must not catch those that are plain. */
function plainCandidates(
  commit: NewCommit,
  plainWrites: readonly RepoPath[],
  files: readonly TreeFile[],
  lfsPaths: readonly RepoPath[],
): RepoPath[] {
  const extensions = new Set(lfsPaths.map(afterDot))
  const changed = new Set(commit.changes.map(({ path }) => path))
  const staying = files.map(({ path }) => path).filter((path) => !changed.has(path))
  return [...staying, ...plainWrites].filter((path) => extensions.has(afterDot(path)))
}

function afterDot(path: RepoPath): string {
  return path.slice(path.lastIndexOf('.') + 1)
}

/** Puts every `.gitattributes` of the commit to be into git's index, which check-attr reads; returns their contents. */
async function indexOfAttributes(
  context: Context,
  access: GitAccess,
  folder: string,
  commit: NewCommit,
  files: readonly TreeFile[],
): Promise<ReadonlyMap<RepoPath, Buffer>> {
  const changed = new Map(commit.changes.map((change) => [change.path, change]))
  const kept = files.filter(
    ({ path, mode }) => isAttributes(path) && mode.startsWith('100') && !changed.has(path),
  )
  const contents = await contentsOf(context, access, folder, kept)
  for (const change of changed.values()) {
    if (change.kind === 'plain' && isAttributes(change.path))
      contents.set(change.path, await contentOf(change))
  }
  const lines: Buffer[] = []
  for (const [path, content] of contents) {
    const args = ['hash-object', '-w', '--stdin']
    const command = { folder, args, input: [content], doing: 'store .gitattributes' }
    const id = (await runLocalGit(context, command, 1 << 10)).toString().trim()
    lines.push(Buffer.from(`100644 ${id}\t${path}\0`))
  }
  const args = ['update-index', '-z', '--index-info']
  await runLocalGit(context, { folder, args, input: lines, doing: 'read .gitattributes' }, 1 << 10)
  return contents
}

function isAttributes(path: RepoPath): boolean {
  return path === rootAttributes || path.endsWith('/.gitattributes')
}

async function contentsOf(
  context: Context,
  access: GitAccess,
  folder: string,
  kept: readonly TreeFile[],
): Promise<Map<RepoPath, Buffer>> {
  const ids = [...new Set(kept.map(({ gitBlob }) => gitBlob))]
  const here = await localBlobs(context, folder)
  const missing = ids.filter((id) => !here.has(id))
  if (missing.length > 0) await fetchOne(context, access, folder, ['--filter=blob:none'], missing)
  const blobs = missing.length > 0 ? await localBlobs(context, folder) : here
  const contents = new Map<string, Buffer>()
  for await (const { id, content } of readBlobs({ context, folder, blobs }, ids, maxAttributesBytes)) {
    contents.set(id, Buffer.from(content))
  }
  return new Map(kept.map(({ path, gitBlob }) => [path, contents.get(gitBlob) ?? Buffer.alloc(0)]))
}

/** Those of the paths that have `filter=lfs` by the index. Source: git-check-attr(1), `-z`: path, attribute, value. */
async function coveredPaths(
  context: Context,
  folder: string,
  paths: readonly RepoPath[],
): Promise<ReadonlySet<string>> {
  const args = ['check-attr', '--cached', '--stdin', '-z', 'filter']
  const input = paths.map((path) => Buffer.from(`${path}\0`))
  const output = await runLocalGit(
    context,
    { folder, args, input, doing: 'read .gitattributes' },
    maxAnswerBytes,
  )
  const fields = output.toString('utf8').split('\0')
  return new Set(fields.filter((_, at) => at % 3 === 0 && fields[at + 2] === 'lfs'))
}
