/** One part of a page: as many of its rows as fit are shown, whole. */
export interface Section {
  readonly head: readonly string[]
  /** Made when they are needed: those that do not fit never are. */
  readonly rows: readonly (() => string)[]
  readonly tail: readonly string[]
}

/**
 * The sections one after another in at most `maxBytes` bytes of UTF-8. Where they do not all fit, the longest are cut: each ends with
 * what `pointer` says of the number of rows left out. Sections without rows are left out.
 */
export function fitSections(
  sections: readonly Section[],
  maxBytes: number,
  pointer: (left: number) => string,
): string {
  const some = sections.filter((section) => section.rows.length > 0)
  const made = some.map((section) => makeRows(section, maxBytes))
  const budgets = shares(
    some.map((section, index) => sizeOf(made[index] ?? []) + fixedSize(section, pointer)),
    maxBytes,
  )
  return some
    .map((section, index) => render(section, made[index] ?? [], budgets[index] ?? 0, pointer))
    .join('')
}

/** The rows that fit even if the page were theirs alone. */
function makeRows(section: Section, maxBytes: number): string[] {
  const rows: string[] = []
  let left = maxBytes
  for (const make of section.rows) {
    const row = make()
    rows.push(row)
    left -= sizeOf([row])
    if (left < 0) break
  }
  return rows
}

/** What each may have of the whole: small wants are met, and the largest ones share what is left. */
function shares(wanted: readonly number[], total: number): number[] {
  const given = new Array<number>(wanted.length).fill(0)
  const smallestFirst = wanted.map((size, index) => ({ size, index })).sort((a, b) => a.size - b.size)
  let left = total
  smallestFirst.forEach(({ size, index }, done) => {
    const share = Math.min(size, Math.floor(left / (wanted.length - done)))
    given[index] = share
    left -= share
  })
  return given
}

function render(
  section: Section,
  rows: readonly string[],
  budget: number,
  pointer: (left: number) => string,
): string {
  let left = budget - fixedSize(section, pointer)
  if (left < 0) return ''
  const kept: string[] = []
  for (const row of rows) {
    left -= sizeOf([row])
    if (left < 0) break
    kept.push(row)
  }
  const more = section.rows.length - kept.length
  const cut = more > 0 ? ['', pointer(more)] : []
  return `${[...section.head, ...kept, ...cut, ...section.tail].join('\n')}\n\n`
}

/** Everything but the rows, also if the section must be cut. */
function fixedSize(section: Section, pointer: (left: number) => string): number {
  return sizeOf([...section.head, ...section.tail, '', pointer(section.rows.length), ''])
}

function sizeOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
}
