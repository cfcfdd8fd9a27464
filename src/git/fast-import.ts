import type { Context } from '../context.ts'
import { type CommitChange, commitMessage, type NewCommit } from '../model/commit.ts'
import { SyncError } from '../model/errors.ts'
import type { RepoPath } from '../model/path.ts'
import { formatPointer } from '../model/pointer.ts'
import { runLocalGit } from './run-git.ts'

/** A file written besides the changes, and in place of one of the same path: the merged `.gitattributes`. */
export interface ExtraFile {
  readonly path: RepoPath
  readonly content: Buffer
}

/**
 * Makes the commit in the bare repo `folder`, which holds the parent's trees, and returns its id. Needs no work tree and no
 * blob of the parent; one file's content is in memory at a time. `modes` are the parent's, so that files stay executable.
 */
export async function importCommit(
  context: Context,
  folder: string,
  commit: NewCommit,
  extra: readonly ExtraFile[],
  modes: ReadonlyMap<RepoPath, string>,
): Promise<string> {
  const input = importStream(commit, extra, modes, Math.floor(context.clock.now() / 1000))
  const args = ['fast-import', '--quiet', '--done', '--date-format=raw']
  const id = (await runLocalGit(context, { folder, args, input, doing: 'make the commit' }, 1 << 16))
    .toString()
    .trim()
  if (!/^[0-9a-f]{40}$/.test(id)) throw new SyncError('git', 'Git made no commit of the files.')
  return id
}

/** Whose commits these are; not an address that anybody reads. */
const author = 'model-hub-sync <model-hub-sync@users.noreply.github.com>'

/** The commands of one commit, in the format of git-fast-import(1). `seconds` since 1970. */
async function* importStream(
  commit: NewCommit,
  extra: readonly ExtraFile[],
  modes: ReadonlyMap<RepoPath, string>,
  seconds: number,
): AsyncGenerator<Buffer> {
  yield Buffer.from(`commit refs/heads/published\nmark :1\nauthor ${author} ${seconds} +0000\n`)
  yield Buffer.from(`committer ${author} ${seconds} +0000\n`)
  yield* data(Buffer.from(commitMessage(commit)))
  if (commit.parent !== undefined) yield Buffer.from(`from ${commit.parent}\n`)
  // Deletions first: a folder may take the place of a file.
  for (const change of commit.changes) {
    if (change.kind === 'delete') yield Buffer.from(`D ${quotePath(change.path)}\n`)
  }
  for (const change of commit.changes) {
    if (change.kind !== 'delete')
      yield* file(change.path, await contentOf(change), modeOf(change, modes.get(change.path)))
  }
  // Last, so that the merged file wins over a change of the same path.
  for (const { path, content } of extra) yield* file(path, content, '100644')
  yield Buffer.from('\nget-mark :1\ndone\n')
}

/** What git is to store for a change: the pointer, or the bytes themselves. */
export async function contentOf(change: Exclude<CommitChange, { kind: 'delete' }>): Promise<Buffer> {
  if (change.kind === 'lfs') return Buffer.from(formatPointer(change.object))
  const content = await change.read()
  if (content.length !== change.size) {
    throw new SyncError('corrupt', `${change.path} has ${content.length} bytes and not ${change.size}.`)
  }
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength)
}

const modeNumbers = { plain: '100644', executable: '100755', symlink: '120000' } as const

function modeOf(change: Exclude<CommitChange, { kind: 'delete' }>, before: string | undefined): string {
  if (change.mode !== undefined) return modeNumbers[change.mode]
  return before === '100755' ? before : modeNumbers.plain
}

async function* file(path: RepoPath, content: Buffer, mode: string): AsyncGenerator<Buffer> {
  yield Buffer.from(`M ${mode} inline ${quotePath(path)}\n`)
  yield* data(content)
}

async function* data(content: Buffer): AsyncGenerator<Buffer> {
  yield Buffer.from(`data ${content.length}\n`)
  if (content.length > 0) yield content
  yield Buffer.from('\n')
}

/** A path in C-style quotes. A RepoPath holds no control character and no backslash, so only the quote is special. */
function quotePath(path: RepoPath): string {
  return `"${path.replaceAll('"', '\\"')}"`
}
