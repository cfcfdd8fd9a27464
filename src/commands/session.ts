import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { configure } from '../config/configure.ts'
import { configDigest } from '../config/digest.ts'
import { type ConfigDocument, emptyConfig, loadConfig } from '../config/load.ts'
import type { Config, Rule } from '../config/rule.ts'
import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import type { HeldBack } from '../model/plan.ts'
import type { Secret } from '../model/secret.ts'
import { type Hubs, openHubs } from '../repos/hubs.ts'
import type { Environment, RunOptions } from './options.ts'

/** What every command works with: the rules of this run, and the hubs they speak of. */
export interface Session {
  readonly rules: readonly Rule[]
  /** Repos that were named and cannot take part. */
  readonly skipped: readonly HeldBack[]
  readonly hubs: Hubs
  readonly configDigest: string
  /** Of all hubs that have one, whatever the rules of this run: other jobs of the same run have the same. */
  readonly tokens: readonly Secret[]
  /** See `RunOptions.hideNames`. */
  readonly hideNames: boolean
  /** Which attempt of a workflow run this is, from 1. */
  readonly attempt: number
}

/** `openSession`, or what a test puts in its place to bring hubs of its own. */
export type OpenSession = typeof openSession

/** Where a command line looks when no file is named. */
const defaultConfigFile = 'model-hub-sync.yml'

/** Where the rules often are instead: the action's own place, and other spellings. */
const likelyConfigFiles = [
  '.github/model-hub-sync.yml',
  '.github/model-hub-sync.yaml',
  'model-hub-sync.yaml',
] as const

/** Reads the configuration and opens its hubs. Sends nothing. Throws `config` or `usage` with every error at once. */
export async function openSession(context: Context, options: RunOptions, env: Environment): Promise<Session> {
  const config = readRules(options, env)
  return {
    rules: config.rules,
    skipped: config.skipped,
    hubs: await openHubs(context, config.hubs),
    configDigest: configDigest(config.rules),
    tokens: [...config.hubs.values()].flatMap((hub) => hub.token ?? []),
    hideNames: options.hideNames === true,
    attempt: Math.max(1, Number.parseInt(env.GITHUB_RUN_ATTEMPT ?? '1', 10) || 1),
  }
}

/** What is wrong here names only what stands in the configuration and the inputs: no hub was asked yet. */
function readRules(options: RunOptions, env: Environment): Config {
  try {
    const { document, folder } = readConfig(options, env)
    return configure(document, options, env, (path) => textOf(resolve(folder, path)))
  } catch (thrown) {
    if (!(thrown instanceof SyncError)) throw thrown
    const { code, message, next, cause } = thrown
    throw new SyncError(code, message, { ...(next && { next }), cause, isPublic: true })
  }
}

/**
 * The configuration file that was named, else the default one, else nothing where the command line itself says what to sync;
 * `folder` is where its own paths start. Throws `usage` or `config`.
 */
export function readConfig(
  options: Pick<RunOptions, 'configFile' | 'from' | 'to'>,
  env: Environment,
): { document: ConfigDocument; folder: string } {
  const file = options.configFile ?? defaultConfigFile
  const text = textOf(file)
  if (text !== undefined) return { document: loadConfig(text, file, env), folder: dirname(file) }
  if (options.configFile === undefined && (options.to ?? options.from) !== undefined)
    return { document: emptyConfig(env), folder: '.' }
  if (options.configFile === undefined) throw nothingToRead()
  throw new SyncError('usage', `There is no configuration file ${file}.`, {
    next: 'Check --config (the input `config` of the action).',
  })
}

function nothingToRead(): SyncError {
  const near = likelyConfigFiles.find((file) => existsSync(file))
  return new SyncError('usage', `There is nothing to sync: no ${defaultConfigFile} here, and no --to.`, {
    next:
      near === undefined
        ? 'Name a repo and a target, such as: model-hub-sync run Qwen/Qwen3-0.6B --from hf --to ms:my-org'
        : `The rules may be in ${near}: add --config ${near}`,
  })
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new SyncError('config', `${file} cannot be read.`, { cause: error })
  }
}
