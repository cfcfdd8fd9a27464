import type { Logger, Progress } from '../context.ts'
import { logLine } from '../report/escape.ts'
import { liveDisplay } from './live-display.ts'
import { plainDisplay } from './plain-display.ts'

/** Where progress and logs go: stderr, or what a test gives. */
export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

export interface ProgressOptions {
  /** Nothing but warnings. */
  readonly quiet: boolean
  /** Debug lines too. */
  readonly verbose: boolean
  /** False: no live lines and no lines about bytes; what was begun and finished is still told. */
  readonly progress: boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** One way to show a run. `line` prints a line that stays. */
export interface Display {
  readonly progress: Progress
  line(text: string): void
  stop(): void
}

export interface ProgressOutput {
  readonly progress: Progress
  readonly log: Logger
  /** Takes live lines away; the log may still be used. */
  stop(): void
  /** Where there is more than the stream: keeps there what the command ends with, which the stream is told otherwise. */
  readonly lastWords?: (message: string) => void
}

/** Progress and log of a command: live lines on a terminal, plain lines without control characters anywhere else. */
export function createProgress(stream: OutputStream, options: ProgressOptions): ProgressOutput {
  const live = stream.isTTY === true && options.progress && !options.quiet
  const display = live ? liveDisplay(stream, options.now) : plainDisplay(stream, options)
  const lines = (prefix: string, message: string): void => {
    for (const line of message.split('\n')) display.line(logLine(`${prefix}${line}`))
  }
  return {
    progress: options.quiet ? () => {} : display.progress,
    log: {
      debug: (message) => (options.verbose ? lines('debug: ', message) : undefined),
      info: (message) => (options.quiet ? undefined : lines('', message)),
      warn: (message) => lines('warning: ', message),
    },
    stop: () => display.stop(),
  }
}
