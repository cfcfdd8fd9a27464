import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { alsoInFiles } from '../../../src/cli/log-files.ts'
import { createProgress } from '../../../src/cli/progress.ts'
import { ownFolder } from '../commands/service-run.ts'
import { hasControls, hostile } from '../report/sample-plan.ts'
import { fakeStream } from './fake-stream.ts'

function output(folder: string, quiet = false) {
  const stream = fakeStream()
  let time = Date.UTC(2026, 0, 1, 23, 59, 59)
  const options = { quiet, verbose: false, progress: true, now: () => time }
  const both = alsoInFiles(createProgress(stream, options), folder, options)
  return { both, stream, nextDay: () => (time += 1000) }
}

test('each line goes to the file of its day, with its time; nobody else can read it', () => {
  const folder = join(ownFolder(), 'a', 'b')
  const { both, stream, nextDay } = output(folder)
  both.log.info('first')
  both.log.debug('not asked for')
  nextDay()
  both.log.warn('second\nand more')
  both.progress({ kind: 'item-finished', item: 'x', outcome: 'synced', text: '' })
  both.lastWords?.('the end')
  const read = (day: string) => readFileSync(join(folder, `${day}.log`), 'utf8')
  expect(read('2026-01-01')).toBe('2026-01-01T23:59:59.000Z first\n')
  const time = '2026-01-02T00:00:00.000Z'
  expect(read('2026-01-02')).toBe(
    ['warning: second', 'warning: and more', 'x: synced', 'warning: the end']
      .map((line) => `${time} ${line}\n`)
      .join(''),
  )
  expect(stream.text()).toBe('first\nwarning: second\nwarning: and more\nx: synced\n')
  expect(statSync(join(folder, '2026-01-02.log')).mode & 0o777).toBe(0o600)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

test('what --quiet keeps from the terminal is in the file; no line holds a control', () => {
  const folder = ownFolder()
  const { both, stream } = output(folder, true)
  both.log.info(hostile)
  expect(stream.text()).toBe('')
  expect(hasControls(readFileSync(join(folder, '2026-01-01.log'), 'utf8'))).toBe(false)
})

test('a file that cannot be written is told of once, and again only after it could', () => {
  const folder = ownFolder()
  const { both, stream } = output(folder)
  const file = join(folder, '2026-01-01.log')
  mkdirSync(file)
  both.log.info('a')
  both.log.info('b')
  expect(stream.text().match(/warning: The log cannot be written/g)).toHaveLength(1)
  rmSync(file, { recursive: true })
  both.log.info('c')
  expect(readFileSync(file, 'utf8')).toContain(' c\n')
})

test('a link is not followed, and a pipe not waited for: each is told of', () => {
  const [folder, elsewhere] = [ownFolder(), join(ownFolder(), 'profile')]
  writeFileSync(elsewhere, 'mine\n')
  const linked = output(folder)
  symlinkSync(elsewhere, join(folder, '2026-01-01.log'))
  linked.both.log.info('a')
  expect(readFileSync(elsewhere, 'utf8')).toBe('mine\n')
  expect(linked.stream.text()).toMatch(/warning: The log cannot be written: \S+2026-01-01\.log is a link, /)
  execFileSync('mkfifo', [join(folder, '2026-01-02.log')])
  const piped = output(folder)
  piped.nextDay()
  piped.both.log.info('b')
  expect(piped.stream.text()).toContain('warning: The log cannot be written: ')
})

test('a folder that cannot be made is wrong usage', () => {
  const file = join(ownFolder(), 'file')
  writeFileSync(file, '')
  expect(() => output(join(file, 'log'))).toThrow(expect.objectContaining({ code: 'usage' }))
  expect(existsSync(join(file, 'log'))).toBe(false)
  expect(readdirSync(join(file, '..'))).toEqual(['file'])
})
