import { spawnSync } from 'node:child_process'

export interface ProgramOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Ended when this long has passed; default 300. */
  readonly seconds?: number
}

export interface ProgramResult {
  /** undefined if the program could not start or had to be ended. */
  readonly status: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end, without input. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): ProgramResult {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    timeout: (options.seconds ?? 300) * 1000,
    encoding: 'utf8',
    maxBuffer: 1e8,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return {
    status: status ?? undefined,
    stdout: stdout ?? '',
    stderr: error === undefined ? stderr : `${stderr ?? ''}${error.message}`,
  }
}

/** Runs a program that must end well, answers its stdout; else throws with the end of what it said. */
export function mustRun(command: string, args: readonly string[], options: ProgramOptions = {}): string {
  const { status, stdout, stderr } = runProgram(command, args, options)
  if (status === 0) return stdout
  const said = `${stdout}${stderr}`.trim().split('\n').slice(-12).join('\n')
  throw new Error(`${command} ${args[0] ?? ''} ended with ${status ?? 'no status'}: ${said}`)
}
