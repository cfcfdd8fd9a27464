import { Argument, Command, CommanderError } from 'commander'
import type { RunOptions } from '../commands/options.ts'
import { tool } from '../commands/version.ts'
import { SyncError } from '../model/errors.ts'
import { defaultJobSize } from '../model/plan.ts'
import { printable } from '../model/printable.ts'
import {
  type CommandName,
  commandExamples,
  commandNames,
  descriptions,
  programExamples,
  repoHelp,
} from './command-help.ts'
import { defaultDir, optionsOf } from './command-options.ts'

/** What one call of the command line asks for: a text to print, or a command with all of its options. */
export type Invocation =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: CommandName; readonly options: RunOptions }

/**
 * Reads the arguments, without node and script. Prints nothing and touches nothing. Throws `usage` with the nearest option or
 * command for what is not known.
 */
export function parseArguments(argv: readonly string[]): Invocation {
  const found: Invocation[] = []
  const written: string[] = []
  const program = createProgram(
    (invocation) => found.push(invocation),
    (text) => written.push(text),
  )
  try {
    program.parse(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { kind: 'help', text: written.join('') }
    throw usageError(error, argv)
  }
  const [invocation] = found
  if (invocation === undefined) throw new SyncError('usage', 'No command is named.', { next: helpHint })
  return invocation
}

const helpHint = '`model-hub-sync --help` shows the commands, `model-hub-sync run --help` the options of one.'

function createProgram(found: (invocation: Invocation) => void, write: (text: string) => void): Command {
  const program = new Command('model-hub-sync')
    .description(
      'Keeps models and datasets in step across model hubs: streamed, verified, published in one commit.',
    )
    .version(tool, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({ showGlobalOptions: false })
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: () => {} })
    .showSuggestionAfterError(true)
  program.addHelpText('after', programExamples)
  for (const name of commandNames) {
    const command = program.command(name).description(descriptions[name])
    if (takesRepos(name)) command.addArgument(new Argument('[repo...]', repoHelp))
    if (name === 'sync')
      command.addArgument(new Argument('[plan]', 'plan file (default: plan.json in the run directory)'))
    for (const option of optionsOf(name)) command.addOption(option)
    command.addHelpText('after', commandExamples[name])
    command.action((positional: string[] | string | undefined) => {
      refuseAlone(command)
      found({
        kind: name,
        options: toOptions(
          command.opts<Values>(),
          name === 'sync' ? [] : listOf(positional),
          name === 'sync' ? textOf(positional) : undefined,
        ),
      })
    })
  }
  return program
}

/** Options of a service mean nothing to a single run. */
function refuseAlone(command: Command): void {
  if (command.getOptionValueSource('every') === 'cli') return
  const alone = ['keep', 'logDir'].find((name) => command.getOptionValueSource(name) === 'cli')
  if (alone === undefined) return
  throw new SyncError('usage', `--${alone === 'keep' ? 'keep' : 'log-dir'} goes with --every.`, {
    next: 'Add --every 12h for a service that keeps running, or leave it out.',
  })
}

/** Commands whose words are repos. */
function takesRepos(name: CommandName): boolean {
  return name !== 'sync' && name !== 'report' && name !== 'check'
}

interface Values {
  readonly config?: string
  readonly rule?: string[]
  readonly model?: string[]
  readonly from?: string
  readonly to?: string
  readonly type?: 'model' | 'dataset'
  readonly revision?: string
  readonly include?: string[]
  readonly exclude?: string[]
  readonly set?: string[]
  readonly dir?: string
  readonly dryRun?: boolean
  readonly failOn?: RunOptions['failOn']
  readonly deadline?: number
  readonly job?: string
  readonly jobIndex?: number
  readonly every?: number
  readonly logDir?: string
  readonly keep?: number
  readonly maxParallel?: number
  readonly maxJobs?: number
  readonly jobSize?: number
  readonly envFile: string
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly progress: boolean
}

function toOptions(values: Values, repos: readonly string[], plan: string | undefined): RunOptions {
  return {
    configFile: values.config,
    repos: [...repos, ...(values.model ?? [])],
    rules: values.rule ?? [],
    from: values.from,
    to: values.to,
    type: values.type,
    revision: values.revision,
    include: values.include ?? [],
    exclude: values.exclude ?? [],
    set: values.set ?? [],
    dir: values.dir ?? defaultDir,
    dryRun: values.dryRun ?? false,
    failOn: values.failOn ?? 'failed',
    deadline: values.deadline,
    every: values.every,
    logDir: values.logDir,
    keep: values.keep,
    maxParallel: values.maxParallel,
    event: { kind: 'manual' },
    job: values.job,
    jobIndex: values.jobIndex,
    plan,
    json: values.json ?? false,
    quiet: values.quiet ?? false,
    verbose: values.verbose ?? false,
    progress: values.progress,
    envFile: values.envFile,
    maxJobs: values.maxJobs ?? 256,
    jobSize: values.jobSize ?? defaultJobSize,
  }
}

/** Commander's own words with its suggestion; without what stands behind `=`, which may be a token in the wrong place. */
function usageError(error: CommanderError, argv: readonly string[]): SyncError {
  const [first = '', ...more] = error.message
    .replace(/^error: /, '')
    .replace(/'(-[^'=]*)=[^']*'/g, "'$1'")
    .split('\n')
  const command = error.code === 'commander.unknownCommand' ? undefined : commandOf(argv)
  const next = command === undefined ? helpHint : `\`model-hub-sync ${command} --help\` shows its options.`
  return new SyncError('usage', [first, ...more].map(printable).join(' '), { next })
}

/** The command that is called: the first word, since no option of the program itself goes before it. */
function commandOf([first]: readonly string[]): CommandName | undefined {
  return commandNames.find((name) => name === first)
}

function listOf(positional: string[] | string | undefined): readonly string[] {
  return Array.isArray(positional) ? positional : []
}

function textOf(positional: string[] | string | undefined): string | undefined {
  return typeof positional === 'string' ? positional : undefined
}
