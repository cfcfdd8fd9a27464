import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fitSections, type Section } from '../../../src/report/fit-sections.ts'

const pointer = (left: number) => `${left} more`

function section(head: string, rows: readonly string[], tail: readonly string[] = []): Section {
  return { head: [head], rows: rows.map((row) => () => row), tail }
}

describe('fitSections', () => {
  test('what fits is there whole, and what has no rows is not', () => {
    const text = fitSections(
      [section('A', ['a', 'b'], ['end']), section('B', []), section('C', ['c'])],
      1000,
      pointer,
    )
    expect(text).toBe('A\na\nb\nend\n\nC\nc\n\n')
  })

  test('the longest is cut, with a pointer before its end; the others are whole', () => {
    const long = section('LONG', Array(1000).fill('x'.repeat(50)), ['</details>'])
    const text = fitSections([section('A', ['first']), long, section('C', ['last'])], 2000, pointer)
    expect(text).toContain('A\nfirst\n')
    expect(text).toContain('C\nlast\n')
    expect(text).toMatch(/\n9\d\d more\n<\/details>\n/)
    expect(text.length).toBeGreaterThan(1800)
  })

  test('rows that cannot fit are never made', () => {
    let made = 0
    const rows = Array.from({ length: 100_000 }, () => () => {
      made += 1
      return 'x'.repeat(1000)
    })
    fitSections([{ head: [], rows, tail: [] }], 10_000, pointer)
    expect(made).toBeLessThan(20)
  })

  test('never more bytes than told, whatever is in it', () => {
    const anySection = fc.record({
      head: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }),
      rows: fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }), { maxLength: 40 }),
      tail: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 2 }),
    })
    fc.assert(
      fc.property(fc.array(anySection, { maxLength: 6 }), fc.nat(4000), (sections, maxBytes) => {
        const text = fitSections(
          sections.map(({ head, rows, tail }) => ({ head, rows: rows.map((row) => () => row), tail })),
          maxBytes,
          pointer,
        )
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes)
      }),
    )
  })
})
