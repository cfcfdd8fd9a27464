import { code, inCode, table } from './markdown.ts'
import { type EndType, endTypes, hubIdOf } from './rule-ends.ts'
import { type Row, ruleRows, settings } from './rule-rows.ts'
import { starts, triggerRows } from './trigger-rows.ts'

/** A section for each key: every value with every hub as target, and what comes of it. */
export function ruleTable(): string {
  const byKey = Map.groupBy(ruleRows(), ({ key }) => key)
  return [...byKey].map(([key, rows]) => `### ${inCode(key)}\n\n${keyTable(rows)}`).join('\n\n')
}

/** Which rules take part in a run, by what started it. */
export function triggerTable(): string {
  const triggers = [...new Set(triggerRows().map(({ trigger }) => trigger))]
  const rows = Object.keys(starts).map((start) => [
    start,
    ...triggerRows()
      .filter((row) => row.start === start)
      .map(({ takesPart }) => (takesPart ? 'yes' : 'no')),
  ])
  return table(['what starts the run', ...triggers.map((trigger) => inCode(`trigger: ${trigger}`))], rows)
}

function keyTable(rows: readonly Row[]): string {
  const same = Map.groupBy(rows, (row) =>
    JSON.stringify([shownValue(row), row.setting, row.from, wordsOf(row)]),
  )
  const lines = [...same.values()].flatMap((group) => {
    const [row] = group
    if (row === undefined) return []
    return [[shownValue(row), settings[row.setting], targetsOf(group.map(({ to }) => to)), wordsOf(row)]]
  })
  return table(['value', 'before the run', 'target', 'what comes of it'], lines)
}

function shownValue({ key, value, beside }: Row): string {
  const others = Object.entries(beside).map(([name, one]) => code(`${name}: ${one}`))
  const own = value === undefined ? 'none' : inCode(`${key}: ${valueText(value)}`)
  return [own, ...others].join(', ')
}

function valueText(value: unknown): string {
  if (typeof value !== 'object') return String(value)
  return JSON.stringify(value)
    .replace(/"([a-z-]+)":/g, '$1: ')
    .replace('{', '{ ')
    .replace('}', ' }')
}

/** Names of repos and hubs are the same for all rows, so that equal outcomes read alike. */
function wordsOf({ expected, to }: Row): string {
  return expected
    .replace(`${hubIdOf(to)}:my-org/m`, 'TARGET')
    .replace(`the target is ${hubIdOf(to)}`, 'the target is HUB')
    .replace('huggingface:alice/m', 'SOURCE')
    .replace(/[{}|*]/g, (sign) => `\\${sign}`)
}

function targetsOf(types: readonly EndType[]): string {
  const left = endTypes.filter((type) => !types.includes(type))
  if (left.length === 0) return 'any'
  const names = (some: readonly EndType[]) => some.map((type) => inCode(type)).join(', ')
  return left.length < 3 ? `any but ${names(left)}` : names(types)
}
