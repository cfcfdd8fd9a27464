import type { Dispatcher } from 'undici'
import type { Plan } from './model/plan.ts'

/** Time as the engine sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Waits; rejects with the signal's reason when it fires. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

/**
 * Lines for people, on stderr. Text from a hub must have passed `printable()`. `publicly` says the same without any name or word of
 * a hub: all that stands in a log that everybody can read, where a line without it is left out.
 */
export interface Logger {
  debug(message: string, publicly?: string): void
  info(message: string, publicly?: string): void
  warn(message: string, publicly?: string): void
}

/** Everybody may read it: it names no repo. */
export type Stage = 'Comparing source and target' | `Syncing ${number} repo(s)`

/** What is done with a repo now; everybody may read it, so it names no file. */
export type Step =
  | 'preparing the target'
  | 'waiting for the import'
  | 'moving objects'
  | 'publishing'
  | 'reading back'

/** What happens while a run goes on; `item` is a work item's id. Bytes are counted since the last event. */
export type ProgressEvent =
  | { readonly kind: 'stage'; readonly text: Stage }
  /** What the items to come are about. */
  | { readonly kind: 'planned'; readonly plan: Plan }
  | { readonly kind: 'item-started'; readonly item: string; readonly label: string; readonly bytes: number }
  | { readonly kind: 'bytes'; readonly item: string; readonly bytes: number }
  | { readonly kind: 'item-step'; readonly item: string; readonly text: Step }
  | {
      readonly kind: 'item-finished'
      readonly item: string
      readonly outcome: string
      readonly text: string
      /** Of the error, if there was one. */
      readonly code?: string
    }

export type Progress = (event: ProgressEvent) => void

/** The header of an answer, with when it was asked for and came. Milliseconds since 1970. */
export interface SeenAnswer {
  readonly hub: string
  readonly headers: Readonly<Record<string, string>>
  readonly sentAt: number
  readonly receivedAt: number
}

/** The ports: everything the engine needs from outside, in one value handed down. */
export interface Context {
  readonly clock: Clock
  readonly log: Logger
  readonly progress: Progress
  /** Fires at a signal or the deadline. */
  readonly signal: AbortSignal
  /** A private temporary folder (0700), gone after the run. */
  readonly workDir: string
  /** Proxy settings of the environment, for HTTP and git alike. */
  readonly proxy: { readonly https?: string; readonly http?: string; readonly none?: string }
  /** `PATH` and the temporary folders: all that child processes get of our environment. */
  readonly inherited: Readonly<Record<string, string>>
  /** Told of every answer of the hubs' own addresses, for who looks at their clocks and quotas. */
  readonly onAnswer?: (seen: SeenAnswer) => void
  /** Replaces the network in tests. */
  readonly dispatcher?: Dispatcher
}
