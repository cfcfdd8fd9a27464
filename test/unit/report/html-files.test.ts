import { describe, expect, test } from 'vitest'
import type { FileResult } from '../../../src/model/report.ts'
import { filesData } from '../../../src/report/html-files.ts'
import { filesByItem } from '../../../src/report/latest-attempts.ts'
import { file, hostile, reportOf, sampleJob, sampleResult } from './sample-plan.ts'

interface Data {
  readonly kinds: readonly (readonly [string, string])[]
  readonly rows: readonly { readonly f: readonly (number | string)[]; readonly n: number }[]
}

/** Reads the data as the page's script does. */
function read(json: string): { path: string; verification: string | undefined }[][] {
  const { kinds, rows } = JSON.parse(json) as Data
  return rows.map(({ f }) => {
    let path = ''
    return Array.from({ length: f.length / 3 }, (_, index) => {
      path = path.slice(0, Number(f[index * 3])) + String(f[index * 3 + 1])
      return { path, verification: kinds[Number(f[index * 3 + 2])]?.[0] }
    })
  })
}

const report = reportOf([sampleResult('a'), sampleResult('b')])
const some = (files: readonly FileResult[]) => new Map([['b', files]])

describe('filesData', () => {
  test('what must be looked at comes first, then by path; rows without files have no key', () => {
    const files = [
      file('b/2', 'verified'),
      file('b/1', 'verified'),
      file('s', 'sampled'),
      file('z', 'mismatch'),
    ]
    const { json, keys } = filesData(report, some(files))
    expect(read(json)).toEqual([
      [
        { path: 'z', verification: 'mismatch' },
        { path: 's', verification: 'sampled' },
        { path: 'b/1', verification: 'verified' },
        { path: 'b/2', verification: 'verified' },
      ],
    ])
    expect([...keys].map(([item, key]) => [item.id, key])).toEqual([['b', 0]])
  })

  test('ends no script element, whatever a path is', () => {
    const { json } = filesData(report, some([file(`</script><!--${hostile}`, 'verified')]))
    expect(json).not.toContain('<')
    expect(read(json)[0]?.[0]?.path).toContain('</script>')
    expect(read(json)[0]?.[0]?.path).toContain('\\x1b')
  })

  test('never grows over its limit, and says how many files there are', () => {
    const files = Array.from({ length: 5000 }, (_, index) => file(`${index}/${'x'.repeat(100)}`, 'verified'))
    const { json } = filesData(report, some([...files, file('bad', 'mismatch')]), 20_000)
    expect(json.length).toBeLessThan(21_000)
    expect((JSON.parse(json) as Data).rows[0]?.n).toBe(5001)
    expect(read(json)[0]?.[0]).toEqual({ path: 'bad', verification: 'mismatch' })
  })
})

test('of a file in several results the publish job has the last word, and of a job its highest attempt', () => {
  const results = [
    sampleJob('publish', [sampleResult('a', { files: [file('x', 'mismatch')] })]),
    sampleJob('a-1', [sampleResult('a', { files: [file('x', 'verified'), file('y', 'verified')] })], {
      attempt: 2,
    }),
    sampleJob('a-1', [sampleResult('a', { files: [file('old', 'verified')] })]),
  ]
  expect(filesByItem(results).get('a')).toEqual([file('x', 'mismatch'), file('y', 'verified')])
})
