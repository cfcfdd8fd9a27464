import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildBundle } from './build.ts'

interface Step {
  readonly name: string
  /** What is wrong; an empty text means nothing is. */
  readonly run: () => string
}

const REBUILT = '.cache/check/dist'

const STEPS: readonly Step[] = [
  { name: 'types', run: () => tool('tsc', '-p', '.') },
  // The hubs' clients, browsers and the like live in ignored folders: Biome asks git which files are ours.
  {
    name: 'style and lint',
    run: () =>
      tool(
        'biome',
        'ci',
        '--colors=off',
        '--vcs-enabled=true',
        '--vcs-client-kind=git',
        '--vcs-use-ignore-file=true',
        '.',
      ),
  },
  {
    name: 'generated tables up to date',
    run: () => command(process.execPath, 'scripts/generate.ts', '--check'),
  },
  { name: 'layers', run: () => tool('vitest', 'run', 'test/unit/layers.test.ts') },
  { name: 'dist is fresh', run: staleBundle },
  { name: 'dist starts', run: smoke },
]

/** Runs every step, however many fail, and tells each by name and time; the exit status is 1 if one failed. */
function main(): void {
  const failures = STEPS.filter((step) => !passes(step))
  console.log(`${STEPS.length - failures.length} passed, ${failures.length} failed`)
  if (failures.length > 0) process.exitCode = 1
}

function passes(step: Step): boolean {
  const started = performance.now()
  const problem = problemOf(step)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  if (problem === '') console.log(`ok ${step.name} (${seconds} s)`)
  else console.log(`FAILED ${step.name} (${seconds} s)\n${problem.trimEnd().replace(/^/gm, '    ')}`)
  return problem === ''
}

function problemOf(step: Step): string {
  try {
    return step.run()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Rebuilds the bundle elsewhere and compares it, file by file and byte by byte, with the committed one. */
function staleBundle(): string {
  buildBundle(REBUILT)
  const names = new Set([...filesOf(REBUILT), ...filesOf('dist')])
  const stale = [...names].filter((name) => !sameBytes(join(REBUILT, name), join('dist', name)))
  rmSync(REBUILT, { recursive: true })
  return stale.length === 0
    ? ''
    : `not as built from src: ${stale.sort().join(', ')}. Run \`npm run build\` and commit dist.`
}

function filesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}

function sameBytes(one: string, other: string): boolean {
  return existsSync(one) && existsSync(other) && readFileSync(one).equals(readFileSync(other))
}

function smoke(): string {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/model-hub-sync.js', '--version'], {
    encoding: 'utf8',
  })
  if (status === 0 && stdout.trim() === `model-hub-sync/${version}`) return ''
  return `\`model-hub-sync --version\` ended with ${status}, wanted ${version}:\n${stdout}${stderr}`
}

function tool(name: string, ...args: readonly string[]): string {
  return command(join('node_modules/.bin', name), ...args)
}

/** Runs a program; what it printed if it failed, else an empty text. */
function command(program: string, ...args: readonly string[]): string {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1e8 })
  if (error !== undefined) throw error
  return status === 0 ? '' : `${stdout}${stderr}` || `ended with ${status} and said nothing`
}

main()
