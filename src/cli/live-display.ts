import { createLogUpdate } from 'log-update'
import type { ProgressEvent } from '../context.ts'
import { logLine } from '../report/escape.ts'
import { formatBytes, formatSeconds } from '../report/phrases.ts'
import { fitColumns, textWidth, truncate } from '../report/text-width.ts'
import type { Display, OutputStream } from './progress.ts'
import {
  type ActiveItem,
  applyEvent,
  createTransferState,
  percent,
  secondsLeft,
  speed,
  type TransferState,
} from './transfer-state.ts'

/** Milliseconds between two pictures. */
const frameEvery = 100

/** A line for each active repo and one for all, redrawn in place at most ten times a second; finished repos stay as lines. */
export function liveDisplay(stream: OutputStream, now: () => number): Display {
  const state = createTransferState()
  // The cursor stays visible: hiding it would write to the real stderr and need a clean-up at any exit.
  const update = createLogUpdate(stream, { showCursor: true })
  let drawn = false
  const draw = (): void => {
    const frame = frameLines(state, now(), stream.columns ?? 80, stream.rows ?? 24)
    if (frame.length === 0 && !drawn) return
    drawn = true
    update(frame.join('\n'))
  }
  const timer = setInterval(draw, frameEvery)
  timer.unref()
  const line = (text: string): void => {
    update.persist(logLine(text))
    drawn = false
  }
  const progress = (event: ProgressEvent): void => {
    const item = applyEvent(state, event, now())
    if (event.kind !== 'item-finished') return
    line(`${event.outcome}  ${item?.label ?? event.item}${event.text === '' ? '' : `  ${event.text}`}`)
  }
  const stop = (): void => {
    clearInterval(timer)
    if (drawn) update.clear()
    drawn = false
  }
  return { progress, line, stop }
}

/** The picture: no line is wider than `columns`, and all of it fits on `rows`. */
export function frameLines(state: TransferState, now: number, columns: number, rows: number): string[] {
  const room = Math.max(1, rows - 3)
  const active = [...state.active.values()]
  const lines = active.slice(0, room).map((item) => itemLine(item, now, columns))
  if (active.length > room) lines.push(truncate(`… and ${active.length - room} more`, columns - 1))
  const last = totalLine(state, now)
  return last === '' ? lines : [...lines, truncate(last, columns - 1)]
}

function itemLine(item: ActiveItem, now: number, columns: number): string {
  const numbers = item.step === '' || item.done < item.bytes ? transferText(item, now) : logLine(item.step)
  const room = Math.max(10, columns - 1 - textWidth(numbers) - 2)
  const label = fitColumns(logLine(item.label), Math.min(room, 50))
  return truncate(`${label}  ${numbers}`, columns - 1)
}

function transferText(item: ActiveItem, now: number): string {
  const rate = speed(item.samples, item.done, now)
  const left = secondsLeft(item, now)
  const parts = [
    `${String(percent(item)).padStart(3)}%`,
    `${formatBytes(item.done)} of ${formatBytes(item.bytes)}`,
    rate > 0 ? `${formatBytes(rate)}/s` : '',
    left === undefined ? '' : `ETA ${formatSeconds(left)}`,
    logLine(item.step),
  ]
  return parts.filter((part) => part !== '').join('  ')
}

function totalLine(state: TransferState, now: number): string {
  const parts = [logLine(state.stage)]
  if (state.finished > 0 || state.active.size > 0) {
    parts.push(`${state.finished} done, ${state.active.size} active`, `${formatBytes(state.done)} moved`)
    const rate = speed(state.samples, state.done, now)
    if (rate > 0) parts.push(`${formatBytes(rate)}/s`)
  }
  return parts.filter((part) => part !== '').join('  ·  ')
}
