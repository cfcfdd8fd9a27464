import type { Selection } from '../src/config/select-rules.ts'

const line = '17 */12 * * *'
const [noon, threeHours] = [Date.UTC(2026, 0, 1, 12), 3 * 3_600_000]

/** What can start a run, in words, and as a command is told of it; the rule is called `row`. */
export const starts = {
  'a schedule, `17 */12 * * *`': { event: { kind: 'schedule', cron: line } },
  'a schedule, `0 3 * * *`': { event: { kind: 'schedule', cron: '0 3 * * *' } },
  'a cycle of `run --every 3h`, from 12:00 on': {
    event: { kind: 'cycle', after: noon - 1, until: noon + threeHours },
  },
  'a cycle of `run --every 3h`, from 15:00 on': {
    event: { kind: 'cycle', after: noon + threeHours, until: noon + 2 * threeHours },
  },
  'a dispatch, or a command line': {},
  '`--rule NAME`': { rules: ['row'] },
  'the name of a repo': { repos: ['alice/m'] },
} as const satisfies Readonly<Record<string, Partial<Selection>>>
export type Start = keyof typeof starts

/** Whether a rule takes part in a run that was started so. */
export interface TriggerRow {
  readonly trigger: string
  readonly start: Start
  readonly takesPart: boolean
}

/** Every kind of trigger with everything that starts a run; the same for every hub. */
export function triggerRows(): readonly TriggerRow[] {
  return Object.keys(starts)
    .filter(isStart)
    .flatMap((start) =>
      ['scheduled', 'manual', line].map((trigger) => ({
        trigger,
        start,
        takesPart: takesPart(trigger, start),
      })),
    )
}

function takesPart(trigger: string, start: Start): boolean {
  if (start === '`--rule NAME`' || start === 'the name of a repo') return true
  if (trigger === 'manual') return false
  return trigger === 'scheduled' || !(start.includes('`0 3 * * *`') || start.includes('15:00'))
}

function isStart(text: string): text is Start {
  return Object.hasOwn(starts, text)
}
