import type { ProgressEvent } from '../context.ts'
import { formatBytes } from './phrases.ts'

/** What happened, as one line for a log; undefined for what is too much to tell. `label` names the item for people. */
export function eventLine(event: ProgressEvent, label: string): string | undefined {
  switch (event.kind) {
    case 'stage':
      return event.text
    case 'item-started':
      return `${event.label}: started, ${formatBytes(event.bytes)} to move`
    case 'item-step':
      return `${label}: ${event.text}`
    case 'item-finished':
      return `${label}: ${event.outcome}${event.text === '' ? '' : `, ${event.text}`}`
    case 'planned':
    case 'bytes':
      return undefined
  }
}
