import { describe, expect, test } from 'vitest'
import type { ReportJob } from '../../../src/model/report.ts'
import { lastToFinish, waitsOf } from '../../../src/report/waits.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 0, minute)).toISOString()

function sync(row: number, from: number, to: number, attempt = 1): ReportJob {
  const times = { startedAt: at(from), finishedAt: at(to) }
  return { kind: 'sync', rows: [row], state: 'done', bytes: { moved: 0, reused: 0 }, attempt, ...times }
}

function publish(rows: readonly number[], from: number, to: number): ReportJob {
  return { ...sync(0, from, to), kind: 'publish', rows }
}

/** What each job waited for, as `kind minutes < row of the job that ended it`. */
function told(jobs: readonly ReportJob[]): string[][] {
  const waits = waitsOf(jobs, at(0))
  return jobs.map((job) =>
    (waits.get(job) ?? []).map(({ for: kind, from, to, until }) => {
      const minutes = (Date.parse(to) - Date.parse(from)) / 60_000
      return `${kind} ${minutes}${until === undefined ? '' : ` < ${until.rows[0]}`}`
    }),
  )
}

describe('waitsOf', () => {
  test('jobs that find a place wait for a machine only', () => {
    expect(told([sync(0, 1, 9), sync(1, 0, 3), sync(2, 2, 9)])).toEqual([['machine 1'], [], ['machine 2']])
  })

  test('jobs take places in the order in which they become free', () => {
    const jobs = [sync(0, 0, 4), sync(1, 0, 3), sync(2, 4, 8), sync(3, 6, 9), sync(4, 9, 10)]
    expect(told(jobs)).toEqual([
      [],
      [],
      ['place 3 < 1', 'machine 1'],
      ['place 4 < 0', 'machine 2'],
      ['place 8 < 2', 'machine 1'],
    ])
  })

  test('one job after the other is one place, also where one begins in the moment in which another ends', () => {
    expect(told([sync(0, 0, 2), sync(1, 2, 3), sync(2, 3, 4)])).toEqual([
      [],
      ['place 2 < 0'],
      ['place 3 < 1'],
    ])
  })

  test('a place that is free while fewer run than could was not waited for', () => {
    // Three ran at once in the end: when the first ended, two more could have.
    const jobs = [sync(0, 0, 1), sync(1, 2, 9), sync(2, 3, 9), sync(3, 4, 9)]
    expect(told(jobs)).toEqual([[], ['machine 2'], ['machine 3'], ['machine 4']])
  })

  test('a job that was run again waited for that, and held no place of the first attempt', () => {
    expect(told([sync(0, 0, 5), sync(1, 20, 25, 2), sync(2, 6, 8)])).toEqual([
      [],
      ['again 20'],
      ['place 5 < 0', 'machine 1'],
    ])
  })

  test('publish waits for the jobs that move its objects, then for the last of the others', () => {
    const jobs = [sync(0, 0, 5), sync(0, 0, 7), sync(1, 0, 9), publish([0], 11, 12)]
    expect(told(jobs)[3]).toEqual(['jobs 7 < 0', 'jobs 2 < 1', 'machine 2'])
    expect(told([...jobs.slice(0, 2), publish([0], 7, 8)])[2]).toEqual(['jobs 7 < 0'])
    // In a job array of one's own it need not wait for others.
    expect(told([...jobs.slice(0, 3), publish([0], 8, 9)])[3]).toEqual(['jobs 7 < 0', 'jobs 1 < 1'])
  })

  test('tells nothing where no clock was noted', () => {
    const lost: ReportJob = { kind: 'sync', rows: [1], state: 'missing', bytes: { moved: 0, reused: 0 } }
    expect(waitsOf([sync(0, 1, 2), lost], undefined).size).toBe(0)
    expect(told([sync(0, 1, 2), lost])).toEqual([['machine 1'], []])
    expect(lastToFinish([lost])).toBe(undefined)
  })
})
