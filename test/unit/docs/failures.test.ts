import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorCodes } from '../../../src/model/errors.ts'
import { reportOf } from '../report/sample-plan.ts'

const page = readFileSync('docs/failures.md', 'utf8')
const firstCells = (heading: string) =>
  (page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, word]) => word))

describe('docs/failures.md', () => {
  it('says of every error code what to do, and of no other', () => {
    expect(firstCells('By error code')).toEqual(Object.keys(errorCodes))
  })

  it('says of every outcome what to do, and of no other', () => {
    expect(firstCells('By outcome').sort()).toEqual(Object.keys(reportOf([]).totals.outcomes).sort())
  })
})

describe('links between the pages', () => {
  const pages = ['README.md', ...readdirSync('docs').filter((name) => name.endsWith('.md'))]
  const all = pages.map((name) => (name === 'README.md' ? name : join('docs', name)))

  it.each(all)('%s: every file and heading that it points to is there', (path) => {
    const links = [...readFileSync(path, 'utf8').matchAll(/\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)/g)]
    const broken = links.filter(([, file = '', heading]) => {
      const target = file === '' ? path : join(dirname(path), file)
      return !existsSync(target) || (heading !== undefined && !headingsOf(target).includes(heading))
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })
})

/** Anchors as GitHub makes them of headings. */
function headingsOf(path: string): string[] {
  return [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
