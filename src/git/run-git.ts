import { execa } from 'execa'
import { simpleGit } from 'simple-git'
import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import { type GitAccess, gitEnvironment } from './git-environment.ts'
import { gitError } from './git-error.ts'

/** One git command. `doing` completes "Git failed to …" for people. */
export interface GitCommand {
  readonly folder: string
  readonly args: readonly string[]
  readonly doing: string
  /** Ends the command besides the run's own signal. */
  readonly signal?: AbortSignal
}

/**
 * Runs a command that talks to the hub; returns its standard output. Throws a SyncError by what git printed. When it is stopped,
 * git ends at once; its HTTP helper may wait for a silent hub until the low-speed limit ends it too.
 */
export async function runRemoteGit(
  context: Context,
  access: GitAccess,
  command: GitCommand,
): Promise<string> {
  const environment = gitEnvironment(context, command.folder, access)
  const watch = watchOutput(command, access)
  const signal = AbortSignal.any([commandSignal(context, command), watch.signal])
  const git = simpleGit({
    baseDir: command.folder,
    abort: signal,
    allowEnvironment: Object.keys(environment),
    // All of it is ours: the environment above, written against the very settings that this guards.
    unsafe: {
      allowUnsafeConfigEnvCount: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeHooksPath: true,
      allowUnsafeProtocolOverride: true,
      allowUnsafeCredentialHelper: true,
    },
    errors: (error, { stdOut, stdErr, exitCode }) => {
      if (exitCode === 0) return undefined
      const output = Buffer.concat([...stdErr, ...stdOut])
      return output.length > 0 ? output : error
    },
  })
    .env(environment)
    .outputHandler((_name, stdout, stderr) => [stdout, stderr].forEach(watch.read))
  try {
    return await git.raw([...command.args])
  } catch (thrown) {
    stopIfAborted(signal)
    throw gitError(command.doing, thrown instanceof Error ? thrown.message : '', access, thrown)
  }
}

/** Bytes that git may print of what a hub tells: refs, and words for people. All of it is kept in memory. */
const maxTold = 64 * 2 ** 20

/** Fires where a hub tells without end. */
function watchOutput({ doing }: GitCommand, access: GitAccess) {
  const controller = new AbortController()
  let bytes = 0
  const count = (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxTold) controller.abort(tellsTooMuch(doing, access))
  }
  return { signal: controller.signal, read: (stream: NodeJS.ReadableStream) => void stream.on('data', count) }
}

function tellsTooMuch(doing: string, { url }: GitAccess): SyncError {
  return new SyncError(
    'bad-answer',
    `${new URL(url).host} tells git more than ${maxTold} bytes, which was to ${doing}.`,
  )
}

export interface LocalGitCommand extends GitCommand {
  /** Written to the command as it asks for it. */
  readonly input?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  readonly environment?: Readonly<Record<string, string>>
}

/** Runs a command that needs no network (and could not reach one); yields its standard output as it comes. */
export async function* streamLocalGit(context: Context, command: LocalGitCommand): AsyncGenerator<Buffer> {
  const signal = commandSignal(context, command)
  const child = execa('git', [...command.args], {
    cwd: command.folder,
    env: { ...gitEnvironment(context, command.folder), ...command.environment },
    extendEnv: false,
    encoding: 'buffer',
    buffer: { stdout: false, stderr: true },
    maxBuffer: maxErrorBytes,
    cancelSignal: signal,
    forceKillAfterDelay: 5000,
    reject: false,
    ...(command.input === undefined ? { stdin: 'ignore' } : { stdin: chunksOf(command.input) }),
  })
  let ended = false
  try {
    for await (const chunk of child.stdout) yield Buffer.from(chunk)
    ended = true
  } finally {
    // A reader that stops early must not leave a process behind.
    if (!ended) child.kill()
  }
  const result = await child
  stopIfAborted(signal)
  if (result.failed) throw localFailure(command, result.cause, result.stderr)
}

/** The whole standard output of a local command; `too-large` over `cap` bytes. */
export async function runLocalGit(context: Context, command: LocalGitCommand, cap: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of streamLocalGit(context, command)) {
    size += chunk.length
    if (size > cap)
      throw new SyncError('too-large', `Git's answer is over ${cap} bytes: it was to ${command.doing}.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** execa takes an array for a list of destinations; a generator is always content. */
async function* chunksOf(input: NonNullable<LocalGitCommand['input']>): AsyncGenerator<Uint8Array> {
  yield* input
}

const maxErrorBytes = 1 << 20

/** An error of the input (a file that could not be read) is what went wrong, whatever git said of the end of its input. */
function localFailure(command: LocalGitCommand, cause: unknown, stderr: Uint8Array): SyncError {
  if (cause instanceof SyncError) return cause
  return gitError(command.doing, Buffer.from(stderr).toString('utf8'), undefined, cause)
}

/** `AbortSignal.any` holds no listener on the run's signal after the command, however many commands a run has. */
function commandSignal(context: Context, command: GitCommand): AbortSignal {
  const signal = AbortSignal.any([context.signal, ...(command.signal === undefined ? [] : [command.signal])])
  stopIfAborted(signal)
  return signal
}

function stopIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return
  throw signal.reason instanceof SyncError
    ? signal.reason
    : new SyncError('stopped', 'Git was stopped early.', { cause: signal.reason })
}
