import type { ProgressEvent } from '../context.ts'

/** One repo that is being worked on. Bytes and milliseconds. */
export interface ActiveItem {
  readonly label: string
  readonly bytes: number
  done: number
  step: string
  readonly samples: Sample[]
}

export interface Sample {
  readonly at: number
  readonly done: number
}

/** What the events of a run have added up to; changed by `applyEvent` only. */
export interface TransferState {
  stage: string
  readonly active: Map<string, ActiveItem>
  finished: number
  done: number
  readonly samples: Sample[]
}

/** The state before the first event. */
export function createTransferState(): TransferState {
  return { stage: '', active: new Map(), finished: 0, done: 0, samples: [] }
}

/** Takes one event into the state; returns the item it was about, if that one is (or was just) active. `now` in milliseconds. */
export function applyEvent(state: TransferState, event: ProgressEvent, now: number): ActiveItem | undefined {
  if (event.kind === 'stage') {
    state.stage = event.text
    return undefined
  }
  if (event.kind === 'planned') return undefined
  if (event.kind === 'item-started') {
    const item: ActiveItem = {
      label: event.label,
      bytes: event.bytes,
      done: 0,
      step: '',
      samples: [{ at: now, done: 0 }],
    }
    state.active.set(event.item, item)
    return item
  }
  const item = state.active.get(event.item)
  if (event.kind === 'bytes') {
    state.done += event.bytes
    sample(state.samples, now, state.done)
    if (item !== undefined) {
      item.done += event.bytes
      sample(item.samples, now, item.done)
    }
  } else if (event.kind === 'item-step') {
    if (item !== undefined) item.step = event.text
  } else {
    state.active.delete(event.item)
    state.finished += 1
  }
  return item
}

/** Bytes a second over the last ten seconds or so; 0 where too little is known. */
export function speed(samples: readonly Sample[], done: number, now: number): number {
  const first = samples[0]
  if (first === undefined || now - first.at < 500) return 0
  return ((done - first.done) * 1000) / (now - first.at)
}

/** Seconds until the rest is there at this speed; undefined where it cannot be told. */
export function secondsLeft(item: ActiveItem, now: number): number | undefined {
  const rate = speed(item.samples, item.done, now)
  return rate <= 0 || item.bytes <= item.done ? undefined : (item.bytes - item.done) / rate
}

/** 0 to 100; more bytes than planned (a part sent twice) are still 100. */
export function percent(item: ActiveItem): number {
  return item.bytes === 0 ? 100 : Math.min(100, Math.floor((item.done * 100) / item.bytes))
}

/** Keeps at most one sample a second, and ten of them. */
function sample(samples: Sample[], at: number, done: number): void {
  const last = samples.at(-1)
  if (last !== undefined && at - last.at < 1000) return
  samples.push({ at, done })
  if (samples.length > 10) samples.shift()
}
