import type { Check } from '../model/check.ts'
import { logLine } from './escape.ts'
import { counted } from './phrases.ts'
import { fitColumns, textWidth } from './text-width.ts'

/** What `check --json` prints. */
export interface CheckValue {
  readonly version: 1
  /** Nothing failed. */
  readonly ok: boolean
  readonly checks: readonly Check[]
}

/** The checks as a value for programs. */
export function checkValue(checks: readonly Check[]): CheckValue {
  return { version: 1, ok: checks.every(({ status }) => status !== 'fail'), checks }
}

/** One line each, what it is about in a column, what to do behind an arrow; a last line counts. */
export function checkText(checks: readonly Check[]): string {
  const about = ({ hub, check }: Check) => (hub === undefined ? check : `${hub} ${check}`)
  const width = Math.max(0, ...checks.map((one) => textWidth(about(one))))
  const lines = checks.map((one) => {
    const next = one.next === undefined ? '' : ` → ${one.next}`
    return logLine(`${one.status.padEnd(4)}  ${fitColumns(about(one), width)}  ${one.text}${next}`)
  })
  return `${[...lines, '', total(checks)].join('\n')}\n`
}

function total(checks: readonly Check[]): string {
  const [fails, warnings] = ['fail', 'warn'].map(
    (word) => checks.filter(({ status }) => status === word).length,
  )
  const warned = warnings ? `, ${counted(warnings, 'warning')}` : ''
  return fails ? `${counted(fails, 'check')} failed${warned}.` : `Nothing failed${warned}.`
}

/** What everybody may read: hub, kind and status, and a fixed text; names, owners and hubs' own words are left out. */
export function publicChecks(checks: readonly Check[]): Check[] {
  return checks.map(({ hub, check, status }) => ({
    ...(hub !== undefined && { hub }),
    check,
    status,
    text: status === 'ok' ? 'in order' : 'not in order',
    ...(status !== 'ok' && {
      next: 'Names and reasons are left out since everybody can read this: run `check` on a command line to see them.',
    }),
  }))
}
