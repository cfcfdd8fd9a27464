import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import type { Environment } from '../commands/options.ts'
import { SyncError } from '../model/errors.ts'

/** The file that is read if it is there; any other one must be. */
const defaultEnvFile = '.env'

export interface ReadEnvironment {
  readonly env: Environment
  /** Each names file and line, and nothing that stands there: it may be a token. */
  readonly problems: readonly string[]
}

/**
 * The environment, filled up with the `NAME=value` lines of a file; what the environment has wins. Lines that are none, nor a comment, nor
 * blank, are told. Throws `usage` if a named file cannot be read.
 */
export function readEnvironment(envFile: string, environment: Environment = process.env): ReadEnvironment {
  const text = readText(envFile)
  const problems = oddLines(text).map(
    (line) => `${envFile}, line ${line}, is left out: it is neither NAME=value nor a comment.`,
  )
  return { env: { ...parseEnv(text), ...environment }, problems }
}

/** Numbers, from 1, of the lines that say nothing. A value in quotes may go on over several lines, as Node reads it. */
function oddLines(text: string): number[] {
  const lines = text.split(/\r?\n/)
  const odd: number[] = []
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const [, value] = /^\s*(?:export\s+)?[^\s=#'"`]+\s*=\s*(.*)$/.exec(line) ?? []
    if (value !== undefined) at += linesOver(value, lines.slice(at + 1))
    else if (!/^\s*(?:#.*)?$/.test(line)) odd.push(at + 1)
  }
  return odd
}

/** How many more lines a value takes: none without an open quote, or where it is never closed. */
function linesOver(value: string, following: readonly string[]): number {
  const [quote] = /^["'`]/.exec(value) ?? []
  if (quote === undefined || value.includes(quote, 1)) return 0
  return following.findIndex((line) => line.includes(quote)) + 1
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
        next: 'Give the path of a readable file with NAME=value lines to --env-file.',
        cause: error,
      },
    )
  }
}
