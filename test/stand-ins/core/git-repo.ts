import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One entry of a tree, as git stores it: `size` is of the blob (of the pointer for LFS), 0 for folders. */
export interface TreeEntry {
  readonly path: string
  readonly mode: string
  readonly type: 'blob' | 'tree' | 'commit'
  readonly oid: string
  readonly size: number
}

/** Put a blob at a path (`content` a Buffer), or delete the path (`content` null). */
export interface Change {
  readonly path: string
  readonly content: Buffer | null
}

export interface CommitRequest {
  /** Branch name without `refs/heads/`. */
  readonly branch: string
  /** Commit the branch must be at; undefined if it must not exist yet. */
  readonly parent: string | undefined
  readonly changes: readonly Change[]
  readonly message: string
  readonly author?: { readonly name: string; readonly email: string }
}

/** `moved`: the branch was no longer at `parent`; nothing was written. */
export type CommitResult =
  | { readonly kind: 'committed'; readonly commit: string }
  | { readonly kind: 'moved' }

export interface HistoryEntry {
  readonly id: string
  readonly title: string
  /** Text after the title. */
  readonly body: string
  readonly author: string
  readonly email: string
  readonly date: Date
}

export interface Ref {
  /** Full name, `refs/heads/main`. */
  readonly ref: string
  /** The commit (annotated tags are peeled). */
  readonly commit: string
}

/** Environment in which no configuration of this machine reaches git. */
export const gitEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
}

const temporaryRefs = 'refs/stand-in'

/** Makes an empty bare repo that stock git can fetch from (also by filter and by id) and push to. */
export async function initRepo(gitDir: string, branch: string): Promise<void> {
  // By hand: these few files are all that `git init --bare` would make, and a process less per repo.
  const folders = ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']
  await Promise.all(folders.map((folder) => mkdir(join(gitDir, folder), { recursive: true })))
  await writeFile(join(gitDir, 'HEAD'), `ref: refs/heads/${branch}\n`)
  const settings = `[http]
\treceivepack = true
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
[transfer]
\thideRefs = ${temporaryRefs}
[receive]
\tautogc = false
[gc]
\tauto = 0
[core]
\tbare = true
\trepositoryformatversion = 0
`
  await writeFile(join(gitDir, 'config'), settings)
}

/** Commit a branch, tag, full ref or (abbreviated) commit id stands for; undefined if there is none. */
export async function resolveRevision(gitDir: string, revision: string): Promise<string | undefined> {
  if (!/^[^\s~^:?*[\\-][^\s~^:?*[\\]*$/.test(revision) || /\.\.|@\{/.test(revision)) return undefined
  const loose = await readFile(join(gitDir, 'refs/heads', revision), 'utf8').catch(() => '')
  if (/^[0-9a-f]{40}\n$/.test(loose)) return loose.slice(0, 40)
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]
  const { stdout, code } = await run(gitDir, args)
  return code === 0 ? stdout.toString().trim() : undefined
}

/** All entries of a commit's tree, folders included, in git's order. `path` limits it to a folder. */
export async function readTree(gitDir: string, commit: string, recursive = true): Promise<TreeEntry[]> {
  const output = await git(gitDir, ['ls-tree', '-z', '-l', ...(recursive ? ['-r', '-t'] : []), commit])
  return output.toString('utf8').split('\0').filter(Boolean).map(parseTreeLine)
}

function parseTreeLine(line: string): TreeEntry {
  const tab = line.indexOf('\t')
  const [mode = '', type = '', oid = '', size = ''] = line.slice(0, tab).split(/ +/)
  const kind = type === 'tree' || type === 'commit' ? type : 'blob'
  return { path: line.slice(tab + 1), mode, type: kind, oid, size: kind === 'blob' ? Number(size) : 0 }
}

/** Contents by object id, read in one process. Throws if one is missing. */
export async function readBlobs(gitDir: string, oids: readonly string[]): Promise<Map<string, Buffer>> {
  const blobs = new Map<string, Buffer>()
  if (oids.length === 0) return blobs
  const output = await git(gitDir, ['cat-file', '--batch', '--buffer'], `${oids.join('\n')}\n`)
  let at = 0
  for (const oid of oids) {
    const end = output.indexOf(10, at)
    const [, type, size] = output.toString('latin1', at, end).split(' ')
    if (type !== 'blob') throw new Error(`no blob ${oid} in ${gitDir}`)
    const start = end + 1
    blobs.set(oid, output.subarray(start, start + Number(size)))
    at = start + Number(size) + 1
  }
  return blobs
}

/** Commits changes without a work tree, and moves the branch only if it is still at `parent`. */
export async function commitChanges(gitDir: string, request: CommitRequest): Promise<CommitResult> {
  const temporary = `${temporaryRefs}/${randomUUID()}`
  const script = fastImportScript(temporary, request)
  const output = await git(gitDir, ['fast-import', '--quiet', '--force'], script)
  const commit = output.toString().trim()
  const old = request.parent ?? '0'.repeat(40)
  const move = `update refs/heads/${request.branch} ${commit} ${old}\ndelete ${temporary}\n`
  const moved = await run(gitDir, ['update-ref', '--stdin'], move)
  if (moved.code === 0) return { kind: 'committed', commit }
  await git(gitDir, ['update-ref', '-d', temporary])
  const now = await resolveRevision(gitDir, `refs/heads/${request.branch}`)
  if (now === request.parent) throw new Error(`git update-ref: ${moved.stderr}`)
  return { kind: 'moved' }
}

function fastImportScript(ref: string, request: CommitRequest): Buffer {
  const { name, email } = request.author ?? { name: 'stand-in', email: 'stand-in@example.invalid' }
  const message = Buffer.from(request.message)
  const parts: Buffer[] = [
    Buffer.from(
      `commit ${ref}\nmark :1\ncommitter ${name} <${email}> ${Math.floor(Date.now() / 1000)} +0000\ndata ${message.length}\n`,
    ),
    message,
    Buffer.from(request.parent ? `\nfrom ${request.parent}\n` : '\n'),
  ]
  for (const { path, content } of request.changes) {
    if (content === null) parts.push(Buffer.from(`D ${quotePath(path)}\n`))
    else {
      parts.push(Buffer.from(`M 100644 inline ${quotePath(path)}\ndata ${content.length}\n`))
      parts.push(content, Buffer.from('\n'))
    }
  }
  parts.push(Buffer.from('\nget-mark :1\ndone\n'))
  return Buffer.concat(parts)
}

function quotePath(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}

/** History from a revision, newest first. `path` keeps only commits that changed it. */
export async function listHistory(
  gitDir: string,
  commit: string,
  options: { readonly skip?: number; readonly limit?: number; readonly path?: string } = {},
): Promise<HistoryEntry[]> {
  const limits = [`--skip=${options.skip ?? 0}`, ...(options.limit ? [`--max-count=${options.limit}`] : [])]
  const paths = options.path === undefined ? [] : ['--', `:(literal)${options.path}`]
  const format = '--format=%H%x00%s%x00%b%x00%an%x00%ae%x00%ct%x01'
  const output = await git(gitDir, ['log', ...limits, format, commit, ...paths])
  const lines = output.toString('utf8').split('\x01')
  return lines
    .map((line) => line.replace(/^\n/, ''))
    .filter(Boolean)
    .map(parseHistoryLine)
}

function parseHistoryLine(line: string): HistoryEntry {
  const [id = '', title = '', body = '', author = '', email = '', time = ''] = line.split('\0')
  return { id, title, body: body.trim(), author, email, date: new Date(Number(time) * 1000) }
}

/** Number of commits reachable from a commit. */
export async function countHistory(gitDir: string, commit: string): Promise<number> {
  return Number((await git(gitDir, ['rev-list', '--count', commit])).toString())
}

/** Branches and tags (all refs but the store's own), by name. */
export async function listRefs(gitDir: string): Promise<Ref[]> {
  const format = '--format=%(refname) %(objectname) %(*objectname)'
  const output = await git(gitDir, ['for-each-ref', format])
  const rows = output.toString().split('\n').filter(Boolean)
  return rows
    .map((row) => row.split(' '))
    .map(([ref = '', oid = '', peeled = '']) => ({ ref, commit: peeled || oid }))
    .filter(({ ref }) => !ref.startsWith(`${temporaryRefs}/`))
}

/** Sets (`commit`) or deletes (undefined) a full ref, if it is at `old` (undefined: whatever it is at). */
export async function setRef(
  gitDir: string,
  ref: string,
  commit: string | undefined,
  old?: string,
): Promise<boolean> {
  const target = commit === undefined ? ['-d', ref] : [ref, commit]
  const { code } = await run(gitDir, ['update-ref', ...target, ...(old === undefined ? [] : [old])])
  return code === 0
}

/** Runs git, answers stdout; throws with stderr if it fails. */
export async function git(gitDir: string, args: readonly string[], input?: string | Buffer): Promise<Buffer> {
  const { stdout, stderr, code } = await run(gitDir, args, input)
  if (code !== 0) throw new Error(`git ${args[0]} ended with ${code}: ${stderr}`)
  return stdout
}

interface Outcome {
  readonly stdout: Buffer
  readonly stderr: string
  readonly code: number | null
}

function run(gitDir: string, args: readonly string[], input?: string | Buffer): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [`--git-dir=${gitDir}`, ...args], { env: gitEnvironment })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    // A git that ends early breaks the pipe; its exit code tells the story.
    child.stdin.on('error', () => undefined)
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({ stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString(), code }),
    )
    child.stdin.end(input ?? '')
  })
}
