import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { SyncError } from '../model/errors.ts'
import { createProgress, type OutputStream, type ProgressOptions, type ProgressOutput } from './progress.ts'

/** Progress and log of a command in the files of a folder too: plain lines, also those that `--quiet` keeps from the terminal. */
export function alsoInFiles(
  shown: ProgressOutput,
  folder: string,
  options: Omit<ProgressOptions, 'quiet'>,
): ProgressOutput {
  const onTrouble = (message: string): void => shown.log.warn(`The log cannot be written: ${message}`)
  const files = createProgress(openLogFiles(folder, { now: options.now, onTrouble }), {
    ...options,
    quiet: false,
  })
  return {
    progress: (event) => {
      shown.progress(event)
      files.progress(event)
    },
    log: {
      debug: (message) => {
        shown.log.debug(message)
        files.log.debug(message)
      },
      info: (message) => {
        shown.log.info(message)
        files.log.info(message)
      },
      warn: (message) => {
        shown.log.warn(message)
        files.log.warn(message)
      },
    },
    stop: () => shown.stop(),
    lastWords: (message) => files.log.warn(message),
  }
}

export interface LogFilesOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Told when a line could not be written, once until one can be again. */
  readonly onTrouble: (message: string) => void
}

/**
 * A stream that appends each line to `YYYY-MM-DD.log` of its UTC day (0600) in a folder (made, 0700), with the time before it. A line is
 * written when it comes, so that none is lost. Throws `usage` where the folder cannot be made.
 */
export function openLogFiles(folder: string, { now, onTrouble }: LogFilesOptions): OutputStream {
  makeFolder(folder)
  let inTrouble = false
  const append = (text: string): void => {
    const time = new Date(now()).toISOString()
    const lines = text.replace(/\n$/, '').split('\n')
    try {
      const file = join(folder, `${time.slice(0, 10)}.log`)
      appendFileSync(file, lines.map((line) => `${time} ${line}\n`).join(''), { mode: 0o600 })
      inTrouble = false
    } catch (error) {
      if (!inTrouble) onTrouble(error instanceof Error ? error.message : String(error))
      inTrouble = true
    }
  }
  return new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      append(String(chunk))
      done()
    },
  })
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SyncError('usage', `The log folder ${folder} cannot be made: ${why}.`, {
      next: 'Name another one with --log-dir.',
      cause,
    })
  }
}
