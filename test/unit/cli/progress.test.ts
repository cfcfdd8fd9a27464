import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { frameLines } from '../../../src/cli/live-display.ts'
import { createProgress, type ProgressOptions } from '../../../src/cli/progress.ts'
import { applyEvent, createTransferState } from '../../../src/cli/transfer-state.ts'
import type { ProgressEvent, Step } from '../../../src/context.ts'
import { textWidth } from '../../../src/report/text-width.ts'
import { hasControls, hostile } from '../report/sample-plan.ts'
import { fakeStream } from './fake-stream.ts'

const options: ProgressOptions = { quiet: false, verbose: false, progress: true, now: () => Date.now() }
const started: ProgressEvent = {
  kind: 'item-started',
  item: 'a',
  label: 'Qwen/a → modelscope',
  bytes: 10_000_000,
}
const finished: ProgressEvent = { kind: 'item-finished', item: 'a', outcome: 'synced', text: '10 MB moved' }
const someBytes: ProgressEvent = { kind: 'bytes', item: 'a', bytes: 1_000_000 }

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('without a terminal', () => {
  test('one line for each thing that happens, none for bytes', () => {
    const stream = fakeStream()
    const { progress, log, stop } = createProgress(stream, options)
    progress({ kind: 'stage', text: 'Comparing source and target' })
    progress(started)
    for (let index = 0; index < 50; index += 1) progress(someBytes)
    progress({ kind: 'item-step', item: 'a', text: 'publishing' })
    log.info('a note')
    log.warn('careful')
    log.debug('detail')
    progress(finished)
    stop()
    expect(stream.text().split('\n')).toEqual([
      'Comparing source and target',
      'Qwen/a → modelscope: started, 10 MB to move',
      'Qwen/a → modelscope: publishing',
      'a note',
      'warning: careful',
      'Qwen/a → modelscope: synced, 10 MB moved',
      '',
    ])
  })

  test('a long transfer says every 30 seconds how far it is', () => {
    const stream = fakeStream()
    const { progress } = createProgress(stream, options)
    progress(started)
    for (let second = 1; second <= 65; second += 1) {
      vi.setSystemTime(second * 1000)
      progress({ kind: 'bytes', item: 'a', bytes: 100_000 })
    }
    expect(stream.text().split('\n').slice(1)).toEqual([
      'Qwen/a → modelscope: 3 MB of 10 MB (30%), 100 kB/s',
      'Qwen/a → modelscope: 6 MB of 10 MB (60%), 100 kB/s',
      '',
    ])
  })

  test('--quiet keeps warnings only; --verbose adds details; --no-progress leaves the lines about bytes out', () => {
    const lines = (more: Partial<ProgressOptions>): string => {
      vi.setSystemTime(0)
      const stream = fakeStream()
      const { progress, log } = createProgress(stream, { ...options, ...more })
      progress(started)
      vi.setSystemTime(60_000)
      progress(someBytes)
      log.info('info')
      log.warn('warn')
      log.debug('debug')
      return stream.text()
    }
    expect(lines({ quiet: true })).toBe('warning: warn\n')
    expect(lines({ verbose: true })).toContain('debug: debug\n')
    expect(lines({ progress: false })).not.toContain(' of 10 MB')
    expect(lines({})).toContain(' of 10 MB')
  })

  test('text from a hub is one inert line', () => {
    const stream = fakeStream()
    const { progress, log } = createProgress(stream, options)
    progress({ kind: 'item-started', item: 'x', label: `::${hostile}`, bytes: 1 })
    log.info(`::set-output::x\n::add-mask::y`)
    expect(hasControls(stream.text())).toBe(false)
    expect(stream.text()).not.toMatch(/^\s*::/m)
  })
})

describe('on a terminal', () => {
  test('draws at most ten times a second, leaves finished repos as lines, and takes its lines away', () => {
    const stream = fakeStream(80)
    const { progress, log, stop } = createProgress(stream, options)
    progress(started)
    vi.setSystemTime(1000)
    for (let index = 0; index < 1000; index += 1) progress({ kind: 'bytes', item: 'a', bytes: 5000 })
    expect(stream.text()).toBe('')
    vi.advanceTimersByTime(100)
    expect(stripVTControlCharacters(stream.text())).toContain('50%  5 MB of 10 MB')
    const drawn = stream.text().length
    log.warn('careful')
    expect(stripVTControlCharacters(stream.text().slice(drawn))).toBe('warning: careful\n')
    progress(finished)
    vi.advanceTimersByTime(1000)
    stop()
    const length = stream.text().length
    vi.advanceTimersByTime(5000)
    expect(stream.text()).toHaveLength(length)
    expect(stripVTControlCharacters(stream.text())).toContain('synced  Qwen/a → modelscope  10 MB moved\n')
  })

  test('--no-progress and --quiet draw nothing', () => {
    for (const more of [{ progress: false }, { quiet: true }]) {
      const stream = fakeStream(80)
      const { progress, stop } = createProgress(stream, { ...options, ...more })
      progress(started)
      vi.advanceTimersByTime(1000)
      stop()
      expect(hasControls(stream.text())).toBe(false)
    }
  })

  test('speed, time left and total', () => {
    const state = createTransferState()
    applyEvent(state, { kind: 'stage', text: 'Syncing 2 repo(s)' }, 0)
    applyEvent(state, started, 0)
    for (let second = 1; second <= 5; second += 1) applyEvent(state, someBytes, second * 1000)
    expect(frameLines(state, 5000, 100, 24)).toEqual([
      'Qwen/a → modelscope                                  50%  5 MB of 10 MB  1 MB/s  ETA 5s',
      'Syncing 2 repo(s)  ·  0 done, 1 active  ·  5 MB moved  ·  1 MB/s',
    ])
  })

  test.each([20, 40, 80, 200])('no line is wider than %i columns, and all fit on the screen', (columns) => {
    const state = createTransferState()
    for (let index = 0; index < 50; index += 1) {
      const label = index % 2 === 0 ? '通义千问'.repeat(20) : hostile
      applyEvent(state, { kind: 'item-started', item: `${index}`, label, bytes: 1e12 }, 0)
      applyEvent(state, { kind: 'bytes', item: `${index}`, bytes: 1e9 }, 1000)
      applyEvent(state, { kind: 'item-step', item: `${index}`, text: hostile as Step }, 1000)
    }
    const lines = frameLines(state, 2000, columns, 10)
    expect(lines.length).toBeLessThan(10)
    expect(Math.max(...lines.map(textWidth))).toBeLessThan(columns)
    expect(hasControls(lines.join('\n'))).toBe(false)
  })

  test('bytes sent twice never make more than 100 percent', () => {
    const state = createTransferState()
    applyEvent(state, started, 0)
    applyEvent(state, { kind: 'bytes', item: 'a', bytes: 25_000_000 }, 1000)
    expect(frameLines(state, 2000, 120, 24)[0]).toContain('100%')
  })
})
