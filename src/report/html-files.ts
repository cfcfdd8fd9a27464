import { printable } from '../model/printable.ts'
import type { Evidence, FileResult, Report, ReportItem, Verification } from '../model/report.ts'
import { byUrgency } from './phrases.ts'

/** Characters of the data: beyond them a page gets slow to open. */
const mostCharacters = 8_000_000

export interface FilesData {
  /** Goes into a script element of type application/json as it is. */
  readonly json: string
  /** The rows whose files can be shown, with what the script finds them by. */
  readonly keys: ReadonlyMap<ReportItem, number>
}

/**
 * The results of single files for the page's script, small: paths share their beginnings (each says how many characters of the one
 * before it keeps), and what proves a file is a number. Files that a person must look at come first, also when not all have room.
 */
export function filesData(
  report: Report,
  files: ReadonlyMap<string, readonly FileResult[]>,
  limit = mostCharacters,
): FilesData {
  const rows: Row[] = []
  const keys = new Map<ReportItem, number>()
  let left = limit
  for (const item of byUrgency(report.items)) {
    const some = files.get(item.id) ?? []
    if (some.length === 0) continue
    const row = encode(some, left)
    left -= row.characters
    keys.set(item, rows.length)
    rows.push({ f: row.list, n: some.length })
  }
  const words = kinds.map(([verification, how]) => [verification, evidence[how]])
  const data = { kinds: words, rows }
  // Nothing in it can end the element or begin another.
  return { json: JSON.stringify(data).replaceAll('<', '\\u003c'), keys }
}

interface Row {
  /** Per file: characters kept of the path before, the rest of the path, index of its kind. */
  readonly f: readonly (number | string)[]
  readonly n: number
}

function encode(
  files: readonly FileResult[],
  limit: number,
): { readonly list: (number | string)[]; readonly characters: number } {
  const list: (number | string)[] = []
  let characters = 0
  let before = ''
  for (const { path, kind } of files.map(named).sort(byNeed)) {
    const kept = sharedLength(before, path)
    characters += path.length - kept + 10
    if (characters > limit) break
    list.push(kept, path.slice(kept), kind)
    before = path
  }
  return { list, characters: Math.min(characters, limit) }
}

function named({ path, verification, evidence: how }: FileResult): { path: string; kind: number } {
  const kind = kinds.findIndex(([first, second]) => first === verification && second === how)
  return { path: printable(path), kind }
}

function byNeed(a: { path: string; kind: number }, b: { path: string; kind: number }): number {
  const need = ({ kind }: { kind: number }) => order.indexOf(kinds[kind]?.[0] ?? 'verified')
  return need(a) - need(b) || (a.path < b.path ? -1 : 1)
}

function sharedLength(a: string, b: string): number {
  let length = 0
  while (length < a.length && length < b.length && a.charCodeAt(length) === b.charCodeAt(length)) length += 1
  return length
}

const order: readonly Verification[] = ['mismatch', 'unverifiable', 'sampled', 'verified']

/** What the words of a result mean (docs/outcomes.md, "How sure a copy is"). */
const evidence: Readonly<Record<Evidence, string>> = {
  'read-back': 'read back and hashed',
  'listed-digest': 'by what the hub lists',
  'hub-hashed': 'hashed by the hub',
  sample: 'first and last MiB read back',
  present: 'only seen to be there',
}

const evidences: readonly Evidence[] = ['read-back', 'listed-digest', 'hub-hashed', 'sample', 'present']

const kinds: readonly (readonly [Verification, Evidence])[] = order.flatMap((verification) =>
  evidences.map((how) => [verification, how] as const),
)
