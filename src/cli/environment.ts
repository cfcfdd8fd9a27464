import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import type { Environment } from '../commands/options.ts'
import { SyncError } from '../model/errors.ts'

/** The file that is read if it is there; any other one must be. */
const defaultEnvFile = '.env'

/** The environment, filled up with the `KEY=value` lines of a file; what the environment has wins. Throws `usage` if a named file cannot be read. */
export function readEnvironment(envFile: string, environment: Environment = process.env): Environment {
  return { ...parseEnv(readText(envFile)), ...environment }
}

function readText(envFile: string): string {
  try {
    return readFileSync(envFile, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    if (envFile === defaultEnvFile && code === 'ENOENT') return ''
    throw new SyncError(
      'usage',
      `The environment file ${JSON.stringify(envFile)} cannot be read (${code}).`,
      {
        next: 'Give the path of a readable file with KEY=value lines to --env-file.',
        cause: error,
      },
    )
  }
}
