import type { ProgressEvent } from '../context.ts'
import { logLine } from '../report/escape.ts'
import { eventLine } from '../report/event-line.ts'
import { formatBytes } from '../report/phrases.ts'
import type { Display, OutputStream, ProgressOptions } from './progress.ts'
import { type ActiveItem, applyEvent, createTransferState, percent, speed } from './transfer-state.ts'

/** How often a long transfer says that it is alive, in milliseconds. */
const lineEvery = 30_000

/** One line for each thing that happens, and one now and then for a long transfer: for files, pipes and CI logs. */
export function plainDisplay(
  stream: OutputStream,
  options: Pick<ProgressOptions, 'progress' | 'now'>,
): Display {
  const state = createTransferState()
  const lastLines = new Map<string, number>()
  const line = (text: string): void => {
    stream.write(`${logLine(text)}\n`)
  }
  const sayAlive = (id: string, item: ActiveItem, now: number): void => {
    if (now - (lastLines.get(id) ?? now) < lineEvery) return
    lastLines.set(id, now)
    line(transferLine(item, now))
  }
  const progress = (event: ProgressEvent): void => {
    const now = options.now()
    const item = applyEvent(state, event, now)
    if (event.kind === 'item-started') lastLines.set(event.item, now)
    if (event.kind === 'item-finished') lastLines.delete(event.item)
    if (event.kind === 'bytes' && item !== undefined && options.progress) sayAlive(event.item, item, now)
    const text = eventLine(event, item?.label ?? ('item' in event ? event.item : ''))
    if (text !== undefined) line(text)
  }
  return { progress, line, stop: () => {} }
}

function transferLine(item: ActiveItem, now: number): string {
  const rate = speed(item.samples, item.done, now)
  const amount = `${formatBytes(item.done)} of ${formatBytes(item.bytes)} (${percent(item)}%)`
  return `${item.label}: ${amount}, ${formatBytes(rate)}/s`
}
