import { appendFileSync, closeSync, constants, fstatSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { makeFolder } from '../commands/make-folder.ts'
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
 * written when it comes, so that none is lost; nothing is written to what is no regular file. Throws `usage` where the folder cannot be made.
 */
export function openLogFiles(folder: string, { now, onTrouble }: LogFilesOptions): OutputStream {
  prepareFolder(folder)
  let inTrouble = false
  const append = (text: string): void => {
    const time = new Date(now()).toISOString()
    const lines = text.replace(/\n$/, '').split('\n')
    try {
      const file = join(folder, `${time.slice(0, 10)}.log`)
      appendTo(file, lines.map((line) => `${time} ${line}\n`).join(''))
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

/** A link would lead out of the folder, and a pipe would make the whole service wait for who reads it. */
function appendTo(file: string, text: string): void {
  const log = openLog(file)
  try {
    if (!fstatSync(log).isFile()) throw new Error(`${file} is no regular file`)
    appendFileSync(log, text)
  } finally {
    closeSync(log)
  }
}

const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants

function openLog(file: string): number {
  try {
    return openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ELOOP')) throw cause
    throw new Error(`${file} is a link, which is not followed`, { cause })
  }
}

function prepareFolder(folder: string): void {
  try {
    makeFolder(folder)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SyncError('usage', `The log folder ${folder} cannot be made: ${why}.`, {
      next: 'Name another one with --log-dir.',
      cause,
    })
  }
}
