import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { RunOptions } from '../commands/options.ts'
import { tool } from '../commands/version.ts'
import { parseDuration, parseSize } from '../config/units.ts'
import { SyncError } from '../model/errors.ts'
import { defaultJobSize } from '../model/plan.ts'
import { printable } from '../model/printable.ts'

const commandNames = ['run', 'plan', 'sync', 'report', 'config'] as const
const laterCommands = ['verify', 'repair', 'check']

/** What one call of the command line asks for: a text to print, or a command with all of its options. */
export type Invocation =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: (typeof commandNames)[number]; readonly options: RunOptions }

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
    if (name === 'run' || name === 'plan' || name === 'config')
      command.addArgument(new Argument('[repo...]', repoHelp))
    if (name === 'sync')
      command.addArgument(new Argument('[plan]', 'plan file (default: plan.json in the run directory)'))
    for (const option of optionsOf(name)) command.addOption(option)
    command.addHelpText('after', examples[name])
    command.action((positional: string[] | string | undefined) => {
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

type CommandName = (typeof commandNames)[number]

const repoHelp =
  'repos such as Qwen/Qwen3-0.6B, hf:Qwen/Qwen3-*, hf:datasets/owner/name, dir:./folder, or the address of a page or clone'

const descriptions: Readonly<Record<CommandName, string>> = {
  run: 'plan, sync and report in one go',
  plan: 'compare both hubs, print what would happen, write DIR/plan.json; changes nothing',
  sync: 'do what a plan says: all of it, or one job; writes DIR/results/*.json',
  report: 'read DIR, write report.json, report.md and report.html, print the summary',
  config: 'print the configuration with every default filled in, without secrets',
}

const programExamples = `
Examples:
  $ model-hub-sync run Qwen/Qwen3-0.6B --from hf --to ms:my-org --dry-run   what would happen
  $ model-hub-sync run Qwen/Qwen3-0.6B --from hf --to ms:my-org             do it
  $ model-hub-sync run                                                      all rules of model-hub-sync.yml

Tokens come from the environment or a .env file: HF_TOKEN, MODELSCOPE_TOKEN, MODELSCOPE_AI_TOKEN,
MODELERS_TOKEN, GITCODE_TOKEN, GH_TOKEN.
Exit status: 0 nothing failed, 1 something failed, 2 bad usage or configuration, 3 stopped early (run again to continue).`

const examples: Readonly<Record<CommandName, string>> = {
  run: `
Examples:
  $ model-hub-sync run Qwen/Qwen3-0.6B --from hf --to ms:my-org
  $ model-hub-sync run --from "hf:Qwen/Qwen3-*" --to "ms:my-org/qwen-{name}" --exclude "original/**"
  $ model-hub-sync run --rule qwen-to-modelscope --set bandwidth=20MB/s
  $ model-hub-sync run dir:./my-model --to ms:my-org --set visibility=public   publish a folder (private without --set)
  $ model-hub-sync run hf:Qwen/Qwen3-0.6B --to dir:./backup/Qwen3-0.6B         back up into a folder`,
  plan: `
Examples:
  $ model-hub-sync plan
  $ model-hub-sync plan hf:Qwen/Qwen3-0.6B --to ms:my-org --json`,
  sync: `
Examples:
  $ model-hub-sync sync                      every job of DIR/plan.json
  $ model-hub-sync sync --job-index 0        the first job only
  $ model-hub-sync sync --job publish        publish what several jobs have moved
A plan has no authority of its own: give the same --config, --rule, --from, --to and --set as to the plan,
and the repos it was made for by --model.`,
  report: `
Examples:
  $ model-hub-sync report --dir ./.model-hub-sync --json`,
  config: `
Examples:
  $ model-hub-sync config > expanded.yml
  $ model-hub-sync config --config .github/model-hub-sync.yml --rule nightly`,
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
  readonly maxJobs?: number
  readonly jobSize?: number
  readonly envFile: string
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly progress: boolean
}

const defaultDir = './.model-hub-sync'

function optionsOf(name: CommandName): Option[] {
  const works = name === 'run' || name === 'plan' || name === 'sync'
  return [
    ...(name === 'report' ? [] : selectionOptions()),
    ...(name === 'sync' ? syncOptions() : []),
    ...(name === 'plan' ? planOptions() : []),
    ...(name === 'config' ? [] : [new Option('--dir <dir>', 'run directory').default(defaultDir)]),
    ...(works ? [new Option('--dry-run', 'send no request that writes')] : []),
    ...(name === 'config'
      ? []
      : [
          new Option('--fail-on <what>', 'what makes the exit status 1')
            .choices(['failed', 'blocked', 'never'])
            .default('failed'),
        ]),
    ...(works
      ? [
          new Option(
            '--deadline <duration>',
            'stop early and cleanly after this time, such as 5h30m',
          ).argParser(duration),
        ]
      : []),
    new Option('--env-file <file>', 'lines NAME=value; the environment wins').default('.env'),
    new Option('--json', 'one JSON value on stdout, nothing else'),
    new Option('--quiet', 'only warnings and errors on stderr').conflicts('verbose'),
    new Option('--verbose', 'debug lines too, and where an error came from'),
    new Option('--no-progress', 'plain lines instead of live progress on stderr'),
  ]
}

function selectionOptions(): Option[] {
  return [
    new Option('--config <file>', 'configuration file (default: model-hub-sync.yml, if there is one)'),
    repeatable('--rule <name>', 'only this rule'),
    new Option(
      '--from <source>',
      'source hub, owner, repo, glob or folder: hf, hf:Qwen, hf:Qwen/Qwen3-*, dir:./x',
    ),
    new Option('--to <target>', 'target: ms:my-org, ms:my-org/{name}, ms: (keeps owner and name), dir:./x'),
    new Option('--type <type>', 'type of the repos').choices(['model', 'dataset']),
    new Option('--revision <name>', 'branch, tag or commit of the source'),
    repeatable('--include <glob>', 'only these files'),
    repeatable('--exclude <glob>', 'not these files'),
    repeatable('--set <key=value>', 'any key of a rule, the value as in YAML: bandwidth=20MB/s'),
  ]
}

function syncOptions(): Option[] {
  return [
    repeatable('--model <repo>', 'a repo that the plan was narrowed to'),
    new Option('--job <id>', 'only this job of the plan; publish: the publish round').conflicts('jobIndex'),
    new Option('--job-index <number>', 'only this job of the plan, from 0').argParser(
      wholeNumber(0, 1_000_000),
    ),
  ]
}

function planOptions(): Option[] {
  return [
    new Option('--max-jobs <number>', 'jobs to cut the work into at most')
      .argParser(wholeNumber(1, 256))
      .default(256),
    new Option('--job-size <size>', 'bytes a job should have to move, such as 20GB')
      .argParser(size)
      .default(defaultJobSize, '20GB'),
  ]
}

function size(value: string): number {
  const bytes = parseSize(value)
  if (bytes === undefined || bytes === 0) throw new InvalidArgumentError('Expected a size such as 20GB.')
  return bytes
}

function repeatable(flags: string, description: string): Option {
  const collect = (value: string, earlier: readonly string[] | undefined): string[] => [
    ...(earlier ?? []),
    value,
  ]
  return new Option(flags, `${description} (repeatable)`).argParser(collect)
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
  const later = laterCommands.find((name) => error.code === 'commander.unknownCommand' && argv.includes(name))
  if (later !== undefined)
    return new SyncError('usage', `The command ${later} is not available in this version.`, {
      next: helpHint,
    })
  if (error.code === 'commander.unknownOption' && argv.some((word) => /^--every(=|$)/.test(word))) {
    return new SyncError('usage', 'The option --every is not available in this version.', {
      next: 'Let cron or a scheduled workflow start it.',
    })
  }
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

function duration(text: string): number {
  const value = parseDuration(text)
  if (value === undefined) throw new InvalidArgumentError('Expected a duration such as 5h30m, 45m or 90s.')
  return value
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : -1
    if (value < least || value > most)
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
    return value
  }
}

function listOf(positional: string[] | string | undefined): readonly string[] {
  return Array.isArray(positional) ? positional : []
}

function textOf(positional: string[] | string | undefined): string | undefined {
  return typeof positional === 'string' ? positional : undefined
}
