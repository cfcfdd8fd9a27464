import type { Environment, RunOptions } from '../commands/options.ts'
import { realClock } from '../commands/real-clock.ts'
import type { Context } from '../context.ts'
import { asSyncError, explain, type SyncError } from '../model/errors.ts'
import type { CommandResult } from '../report/command-result.ts'
import { jsonText, logLine } from '../report/escape.ts'
import { exitStatusOfError } from '../report/exit-status.ts'
import { summaryText } from '../report/summary-text.ts'
import { type Invocation, parseArguments } from './arguments.ts'
import { readEnvironment } from './environment.ts'
import { alsoInFiles } from './log-files.ts'
import { createProgress, type OutputStream, type ProgressOutput } from './progress.ts'
import { createRuntime } from './runtime.ts'

/** One command of the engine. */
export type Command = (context: Context, options: RunOptions, env: Environment) => Promise<CommandResult>
export type CommandName = Exclude<Invocation['kind'], 'help'>
export type Commands = Readonly<Record<CommandName, Command>>

export interface CliParts {
  readonly commands: Commands
  /** The environment as it is, before `--env-file`. */
  readonly environment: Environment
  readonly stdout: OutputStream
  readonly stderr: OutputStream
}

/**
 * One call of the command line: results to stdout, all else to stderr. Returns the exit status: 0 nothing failed, 1 something
 * did, 2 bad usage or configuration, 3 stopped early. Never throws.
 */
export async function runCli(argv: readonly string[], parts: CliParts): Promise<number> {
  try {
    const invocation = parseArguments([...argv])
    if (invocation.kind === 'help') {
      parts.stdout.write(invocation.text.endsWith('\n') ? invocation.text : `${invocation.text}\n`)
      return 0
    }
    return await runCommand(invocation.kind, invocation.options, parts)
  } catch (thrown) {
    const error = asSyncError(thrown)
    parts.stderr.write(errorBlock(error, argv.includes('--verbose')))
    if (argv.includes('--json')) parts.stdout.write(`${jsonText({ error: errorValue(error) })}\n`)
    return exitStatusOfError(error)
  }
}

async function runCommand(name: CommandName, options: RunOptions, parts: CliParts): Promise<number> {
  const { env, problems } = readEnvironment(options.envFile, parts.environment)
  const output = openOutput(options, parts.stderr)
  for (const problem of problems) output.log.warn(problem)
  // That of a service counts for each of its cycles.
  const deadline = options.every === undefined ? options.deadline : undefined
  const runtime = await createRuntime(env, output, deadline)
  try {
    const result = await parts.commands[name](runtime.context, options, env)
    output.stop()
    parts.stdout.write(
      options.json ? `${jsonText(result.json, 2)}\n` : textFor(result, options, env, parts.stdout),
    )
    return result.exitStatus
  } catch (thrown) {
    output.lastWords?.(explain(asSyncError(thrown)))
    throw thrown
  } finally {
    output.stop()
    runtime.close()
  }
}

/** stderr, and with `--log-dir` the files of a service. */
function openOutput(options: RunOptions, stderr: OutputStream): ProgressOutput {
  const shown = createProgress(stderr, { ...options, now: realClock.now })
  if (options.every === undefined || options.logDir === undefined) return shown
  return alsoInFiles(shown, options.logDir, { ...options, now: realClock.now })
}

/** A report is laid out anew for a terminal, in its width and with colours; all else is printed as it came. */
function textFor(result: CommandResult, options: RunOptions, env: Environment, stdout: OutputStream): string {
  if (result.report === undefined || stdout.isTTY !== true) return result.text
  return summaryText(result.report, {
    directory: options.dir,
    columns: stdout.columns ?? 80,
    color: !env.NO_COLOR,
    ...result.words,
  })
}

/** One block: what failed, the code to look up, what to do next; with `--verbose` where it came from. */
function errorBlock(error: SyncError, verbose: boolean): string {
  const lines = [
    `error: ${error.message} [${error.code}]`,
    ...(error.next === undefined ? [] : [`next: ${error.next}`]),
  ]
  const stacks = verbose ? causes(error).map((cause) => cause.stack ?? cause.message) : []
  return `${[...lines, ...stacks]
    .flatMap((line) => line.split('\n'))
    .map(logLine)
    .join('\n')}\n`
}

function causes(error: Error): Error[] {
  return error.cause instanceof Error ? [error, ...causes(error.cause)] : [error]
}

function errorValue(error: SyncError): { code: string; message: string; next?: string } {
  return {
    code: error.code,
    message: error.message,
    ...(error.next === undefined ? {} : { next: error.next }),
  }
}
