import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../../src/cli/arguments.ts'
import type { RunOptions } from '../../../src/commands/options.ts'
import { tool } from '../../../src/commands/version.ts'
import { SyncError } from '../../../src/model/errors.ts'

function options(line: string): RunOptions & { readonly kind: string } {
  const invocation = parseArguments(line.split(' '))
  if (invocation.kind === 'help') throw new Error('help')
  return { kind: invocation.kind, ...invocation.options }
}

function usage(argv: readonly string[]): SyncError {
  try {
    parseArguments(argv)
  } catch (error) {
    if (error instanceof SyncError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('arguments', () => {
  it('have defaults', () => {
    expect(options('run')).toEqual({
      kind: 'run',
      configFile: undefined,
      repos: [],
      rules: [],
      from: undefined,
      to: undefined,
      type: undefined,
      revision: undefined,
      include: [],
      exclude: [],
      set: [],
      dir: './.model-hub-sync',
      dryRun: false,
      failOn: 'failed',
      deadline: undefined,
      every: undefined,
      logDir: undefined,
      keep: 90 * 86_400_000,
      maxParallel: undefined,
      event: { kind: 'manual' },
      job: undefined,
      jobIndex: undefined,
      plan: undefined,
      json: false,
      quiet: false,
      verbose: false,
      progress: true,
      envFile: '.env',
      maxJobs: 256,
      jobSize: 20e9,
    })
  })

  it('are read for run', () => {
    const line =
      'run a/b c/d --from hf --to ms:o --type dataset --revision v1 --include x --include y --exclude z --set a=1 --set b=2=3 ' +
      '--rule r --rule s --config c.yml --dir d --dry-run --fail-on blocked --deadline 5h30m --env-file e --json --no-progress --quiet'
    expect(options(line)).toMatchObject({
      repos: ['a/b', 'c/d'],
      from: 'hf',
      to: 'ms:o',
      type: 'dataset',
      revision: 'v1',
      include: ['x', 'y'],
      exclude: ['z'],
      set: ['a=1', 'b=2=3'],
      rules: ['r', 's'],
      configFile: 'c.yml',
      dir: 'd',
      dryRun: true,
      failOn: 'blocked',
      deadline: 19_800_000,
      envFile: 'e',
      json: true,
      progress: false,
      quiet: true,
    })
  })

  it.each([
    ['sync', { kind: 'sync', plan: undefined, repos: [] }],
    ['sync p.json --job publish', { plan: 'p.json', job: 'publish' }],
    ['sync --job-index 0 --model a/b --model c/d', { jobIndex: 0, repos: ['a/b', 'c/d'] }],
    ['plan --max-jobs 3 x/y', { kind: 'plan', maxJobs: 3, repos: ['x/y'] }],
    ['report --dir=x --fail-on never', { kind: 'report', dir: 'x', failOn: 'never' }],
    ['config --rule a', { kind: 'config', rules: ['a'] }],
  ])('%s', (line, expected) => expect(options(line)).toMatchObject(expected))

  it('keep nothing from one call to the next', () => {
    options('run --rule a')
    expect(options('run --rule b').rules).toEqual(['b'])
  })
})

describe('bad usage', () => {
  it.each([
    ['rum', "unknown command 'rum' (Did you mean run?)"],
    ['run --dryrun', "unknown option '--dryrun' (Did you mean --dry-run?)"],
    ['run --every often', 'Expected a duration such as 5h30m'],
    ['run --log-dir ./log', '--log-dir goes with --every'],
    ['run --keep 30d', '--keep goes with --every'],
    ['plan --every 12h', "unknown option '--every'"],
    ['check a/b', 'too many arguments'],
    ['run --type space', 'Allowed choices are model, dataset.'],
    ['run --fail-on all', 'Allowed choices are failed, blocked, never.'],
    ['run --deadline soon', 'Expected a duration such as 5h30m'],
    ['run --quiet --verbose', 'cannot be used with'],
    ['plan --max-jobs 257', 'Expected a whole number from 1 to 256.'],
    ['sync --job a --job-index 1', 'cannot be used with'],
    ['sync --job-index -1', 'job-index'],
    ['sync a b', 'too many arguments'],
    ['report --to x', "unknown option '--to'"],
    ['run --config', 'argument missing'],
  ])('%s', (line, why) => {
    const error = usage(line.split(' '))
    expect(error.code).toBe('usage')
    expect(error.message).toContain(why)
    expect(error.next).toBeDefined()
  })

  it.each([
    ['plan --nope', '`model-hub-sync plan --help`'],
    ['sync a b', '`model-hub-sync sync --help`'],
    ['report --to x', '`model-hub-sync report --help`'],
    ['rum', '`model-hub-sync --help`'],
    ['--nope', '`model-hub-sync --help`'],
  ])('%s points to %s', (line, help) => expect(usage(line.split(' ')).next).toContain(help))

  it('does not repeat what may be a token, nor control characters', () => {
    expect(usage(['run', '--token=hf_secret']).message).toBe("unknown option '--token'")
    expect(usage(['run', '--to\u001b[31mken']).message).not.toContain('\u001b')
  })
})

describe('help', () => {
  const text = (argv: readonly string[]): string => {
    const invocation = parseArguments(argv)
    return invocation.kind === 'help' ? invocation.text : ''
  }

  it.each([[[]], [['--help']], [['help']], [['-h']]])('for %j', (argv) => {
    for (const word of ['run', 'plan', 'sync', 'report', 'config', 'Examples:', 'HF_TOKEN', 'Exit status']) {
      expect(text(argv)).toContain(word)
    }
  })

  it.each(['run', 'plan', 'sync', 'report', 'config'])('for %s has examples that are understood', (name) => {
    const help = text([name, '--help'])
    expect(help).toBe(text(['help', name]))
    const lines = [...help.matchAll(/^ {2}\$ model-hub-sync (.*?)(?: {2,}.*| > .*)?$/gm)].map(
      (match) => match[1] ?? '',
    )
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) expect(parseArguments(line.replaceAll('"', '').split(' ')).kind).toBe(name)
  })

  it('tells the version', () => {
    expect(text(['--version']).trim()).toBe(tool)
  })
})
