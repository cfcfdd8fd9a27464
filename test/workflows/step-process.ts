import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface StepProcess {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** A folder of its own for the files through which a step talks to the runner. */
  readonly folder: string
  readonly signal: AbortSignal
  /** Told how to end the process at once, as a machine that is switched off does. */
  readonly onStart: (kill: () => void) => void
}

export interface StepEnd {
  /** Null: ended by a signal. */
  readonly status: number | null
  readonly log: string
  readonly outputs: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  readonly path: readonly string[]
  readonly summary: string
  readonly masks: readonly string[]
  readonly annotations: readonly Annotation[]
}

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly message: string
}

/** GitHub throws a larger summary away: https://docs.github.com/actions/reference/limits */
const maxSummaryBytes = 1024 * 1024

/** Runs one step in a process of its own with the files of a runner, and reads what it said through them and through its log. */
export async function runStepProcess(step: StepProcess): Promise<StepEnd> {
  const files = Object.fromEntries(
    ['OUTPUT', 'ENV', 'PATH', 'STATE', 'STEP_SUMMARY'].map((name) => [
      `GITHUB_${name}`,
      join(step.folder, name),
    ]),
  )
  for (const file of Object.values(files)) writeFileSync(file, '')
  const { status, log } = await run({ ...step, env: { ...step.env, ...files } })
  const told = (name: string) => readFileSync(join(step.folder, name), 'utf8')
  const summary = told('STEP_SUMMARY')
  const annotations = annotationsOf(log)
  const isTooLarge = Buffer.byteLength(summary) > maxSummaryBytes
  if (isTooLarge)
    annotations.push({ level: 'error', message: '$GITHUB_STEP_SUMMARY upload aborted: too large' })
  return {
    status,
    log,
    outputs: parsePairs(told('OUTPUT')),
    env: parsePairs(told('ENV')),
    path: told('PATH').split('\n').filter(Boolean),
    summary: isTooLarge ? '' : summary,
    masks: [...log.matchAll(/^::add-mask::(.+)$/gm)].map((match) => commandText(match[1] ?? '')),
    annotations,
  }
}

/** A cancelled step is asked as the runner asks: SIGINT, after 7.5 s SIGTERM, after 2.5 s more the end. */
function run({
  command,
  args,
  cwd,
  env,
  signal,
  onStart,
}: StepProcess): Promise<{ status: number | null; log: string }> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const end = (name: NodeJS.Signals) => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, name)
    }
    const timers: NodeJS.Timeout[] = []
    const cancel = () => {
      end('SIGINT')
      timers.push(setTimeout(end, 7500, 'SIGTERM'), setTimeout(end, 10_000, 'SIGKILL'))
    }
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk) => chunks.push(chunk))
    child.stderr.on('data', (chunk) => chunks.push(chunk))
    child.on('error', fail)
    child.on('close', (status) => {
      for (const timer of timers) clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
      done({ status, log: Buffer.concat(chunks).toString() })
    })
    signal.addEventListener('abort', cancel, { once: true })
    if (signal.aborted) cancel()
    onStart(() => end('SIGKILL'))
  })
}

function annotationsOf(log: string): Annotation[] {
  return [...log.matchAll(/^::(error|warning|notice)(?: [^:]*)?::(.*)$/gm)].map(
    ([, level, message = '']) => ({
      level: level === 'error' ? 'error' : level === 'warning' ? 'warning' : 'notice',
      message: commandText(message),
    }),
  )
}

function commandText(text: string): string {
  return text.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%')
}

/** Lines `name=value`, and `name<<delimiter`, lines, `delimiter`. Throws for any other line, as the runner does. */
function parsePairs(text: string): Record<string, string> {
  const pairs: Record<string, string> = {}
  const lines = text.split(/\r?\n/)
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    if (line === '') continue
    const [, name, sign, value] = /^([^=<]+)(=|<<)(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw new Error(`Invalid format '${line}'`)
    if (sign === '=') pairs[name] = value
    else {
      const end = lines.indexOf(value)
      if (end === -1) throw new Error(`Matching delimiter not found '${value}'`)
      pairs[name] = lines
        .splice(0, end + 1)
        .slice(0, -1)
        .join('\n')
    }
  }
  return pairs
}
