import { InvalidArgumentError, Option } from 'commander'
import { parseDuration, parseSize } from '../config/units.ts'
import { defaultJobSize } from '../model/plan.ts'
import type { CommandName } from './command-help.ts'

/** The run directory, where none is named. */
export const defaultDir = './.model-hub-sync'

const defaultKeep = 90 * 86_400_000

/** The options of a command. */
export function optionsOf(name: CommandName): Option[] {
  const works = name === 'run' || name === 'plan' || name === 'sync' || name === 'repair'
  const hasEnd = name !== 'config' && name !== 'check'
  return [
    ...(name === 'report' ? [] : selectionOptions()),
    ...(name === 'sync' ? syncOptions() : []),
    ...(name === 'plan' ? planOptions() : []),
    ...(name === 'run' ? serviceOptions() : []),
    ...(hasEnd ? [new Option('--dir <dir>', 'run directory').default(defaultDir)] : []),
    ...(works ? [new Option('--dry-run', 'send no request that writes')] : []),
    ...(hasEnd ? [failOnOption()] : []),
    ...(works || name === 'verify' ? [deadlineOption()] : []),
    new Option('--env-file <file>', 'lines NAME=value; the environment wins').default('.env'),
    new Option('--json', 'one JSON value on stdout, nothing else'),
    new Option('--quiet', 'only warnings and errors on stderr').conflicts('verbose'),
    new Option('--verbose', 'debug lines too, and where an error came from'),
    new Option('--no-progress', 'plain lines instead of live progress on stderr'),
  ]
}

function failOnOption(): Option {
  return new Option('--fail-on <what>', 'what makes the exit status 1')
    .choices(['failed', 'blocked', 'never'])
    .default('failed')
}

function deadlineOption(): Option {
  return new Option(
    '--deadline <duration>',
    'stop early and cleanly after this time, such as 5h30m',
  ).argParser(duration)
}

function serviceOptions(): Option[] {
  return [
    new Option('--every <duration>', 'keep running, and start a run at this distance, such as 12h').argParser(
      duration,
    ),
    new Option('--log-dir <dir>', 'with --every: write the log into this folder, a file a day'),
    new Option('--keep <duration>', 'with --every: how long runs and log files are kept')
      .argParser(duration)
      .default(defaultKeep, '90d'),
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
    new Option(
      '--max-parallel <number>',
      "how many jobs of the plan run at once; each gets its share of the rules' bandwidth",
    ).argParser(wholeNumber(1, 256)),
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
