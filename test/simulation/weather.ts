import type { HubName } from './world.ts'

/** What is wrong with the hubs now. */
export interface Weather {
  /** Hubs that answer nothing at all, or only that they failed. */
  readonly down: Map<HubName, 'network' | 'unavailable'>
  /** Milliseconds that an answer takes. */
  readonly slow: Map<HubName, number>
  /** Answers to come that say 429. */
  readonly limited: Map<HubName, number>
  /** Hubs whose listings break off after the first page. */
  readonly brokenPages: Set<HubName>
  /** Commits to come that land, and whose answers get lost. */
  readonly lostAnswers: Map<HubName, number>
  /** Grows with every change of it, what is used up included. */
  changes: number
}

export function fairWeather(): Weather {
  return {
    down: new Map(),
    slow: new Map(),
    limited: new Map(),
    brokenPages: new Set(),
    lostAnswers: new Map(),
    changes: 0,
  }
}

/** What the hubs were asked in one cycle. */
export interface Traffic {
  all: number
  failed: number
  /** Commits that landed, and repos that were made. */
  written: number
  /** Requests about one repo, by its name; those for LFS objects name none. */
  readonly byRepo: Map<string, number>
}

export function noTraffic(): Traffic {
  return { all: 0, failed: 0, written: 0, byRepo: new Map() }
}
