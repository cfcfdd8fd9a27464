import type { RuleRequest } from '../config/configure.ts'

export type { Environment } from '../config/hubs.ts'

/** Everything a command can be told, by the command line or by the inputs of an action. */
export interface RunOptions extends RuleRequest {
  /** Undefined: the default file, if it is there. */
  readonly configFile?: string
  /** The run directory. */
  readonly dir: string
  /** No request that writes. */
  readonly dryRun: boolean
  readonly failOn: 'failed' | 'blocked' | 'never'
  /** Milliseconds after the start at which the run is stopped. */
  readonly deadline?: number
  /** `run` only: milliseconds from the start of one run to the start of the next; undefined: once. */
  readonly every?: number
  /** With `every`: folder of the log, a file a day. */
  readonly logDir?: string
  /** With `every`: milliseconds that runs and log files are kept. */
  readonly keep?: number
  /** Jobs of the plan that run at once, each with its share of the bandwidth; undefined: all of them. */
  readonly maxParallel?: number
  /** Job id of the plan; undefined: all of them. */
  readonly job?: string
  /** Index of the job in the plan, from 0. */
  readonly jobIndex?: number
  /** Plan file, where it is not the one in `dir`. */
  readonly plan?: string
  /** One JSON value on stdout and nothing else. */
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly progress: boolean
  readonly envFile: string
  readonly maxJobs: number
  /** Bytes a job should have to move. */
  readonly jobSize: number
  /** Everybody can read the log and the report: repos that are not known to be public are called `private-1` and so on there. */
  readonly hideNames?: boolean
  /** Address of the workflow run. */
  readonly run?: string
}
