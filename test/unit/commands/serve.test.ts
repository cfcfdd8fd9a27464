import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openRunDirectory } from '../../../src/commands/run-directory.ts'
import { SyncError } from '../../../src/model/errors.ts'
import type { ItemResult } from '../../../src/model/report.ts'
import { sampleItem, samplePlan, sampleResult } from '../report/sample-plan.ts'
import { type Call, hour, midnight, ownFolder, runIdAt, runService, serviceClock } from './service-run.ts'

describe('the grid', () => {
  test('cycles of any length leave no drift', async () => {
    const clock = serviceClock()
    const { hours } = await runService({
      clock,
      cycles: 200,
      work: (_call, _stop, index) => clock.pass((index % 11) * hour + index * 1234),
    })
    expect(hours).toEqual(Array.from({ length: 200 }, (_, index) => index * 12))
  })

  test('a cycle longer than the distance leaves starts out; none overlaps another', async () => {
    const clock = serviceClock()
    let running = 0
    const { hours } = await runService({
      clock,
      cycles: 4,
      work: async (_call, _stop, index) => {
        expect(++running).toBe(1)
        clock.pass(index === 1 ? 30 * hour : hour)
        await new Promise((resolve) => setImmediate(resolve))
        running -= 1
      },
    })
    expect(hours).toEqual([0, 12, 48, 60])
  })

  test('a machine that slept through several starts does one of them, at once', async () => {
    const clock = serviceClock()
    clock.jumpAfter(13 * hour, 40 * hour)
    const { hours } = await runService({ clock, cycles: 5 })
    expect(hours.map(Math.round)).toEqual([0, 12, 53, 60, 72])
  })

  test('a clock that is set back means neither a storm nor silence', async () => {
    const clock = serviceClock()
    clock.jumpAfter(13 * hour, -100 * hour)
    const { hours, calls } = await runService({ clock, cycles: 4 })
    expect(hours.map(Math.round)).toEqual([0, 12, -75, -60])
    expect(calls).toHaveLength(4)
  })

  test('a time server that corrects the clock by seconds again and again changes nothing', async () => {
    const clock = serviceClock()
    for (let day = 1; day < 60; day++) clock.jumpAfter(day * 24 * hour, day % 2 === 0 ? 5000 : -5000)
    const { hours } = await runService({ clock, cycles: 100, work: () => clock.pass(hour) })
    expect(hours.map((at) => Math.round(at * 10) / 10)).toEqual(Array.from({ length: 100 }, (_, n) => n * 12))
  })

  test('a clock that goes back during the cycle: the next start is one distance away', async () => {
    const clock = serviceClock()
    const { hours } = await runService({
      clock,
      cycles: 3,
      work: (_call, _stop, index) => clock.jump(index === 0 ? -3 * hour : 0),
    })
    expect(hours).toEqual([0, 9, 21 + 3])
  })
})

describe('what goes wrong', () => {
  test('a cycle that throws is one line with its cause, and the next one comes', async () => {
    const outage = new SyncError('network', 'hf does not answer:\nconnection refused.')
    const { hours, log, result } = await runService({
      cycles: 3,
      work: (_call, _stop, index) => {
        if (index === 1) throw outage
      },
    })
    expect(hours).toEqual([0, 12, 24])
    expect(log.filter((line) => line.includes('Cycle'))).toEqual([
      'Cycle 2026-01-01T00:00:00Z, run 20260101000000-0123456789: success, 1 synced, 100 B moved, 0s; next at 2026-01-01T12:00:00Z',
      '! Cycle 2026-01-01T12:00:00Z, no run: hf does not answer: connection refused. [network], 0s; next at 2026-01-02T00:00:00Z',
      expect.stringContaining('Cycle 2026-01-02T00:00:00Z, run 20260102000000-0123456789: success'),
    ])
    expect(result).toMatchObject({ exitStatus: 0, json: { cycles: 3 } })
  })

  test('a hub that is down at the very first start is no reason to end', async () => {
    const { hours } = await runService({
      cycles: 2,
      work: (_call, _stop, index) => {
        if (index === 0) throw new SyncError('unavailable', 'down')
      },
    })
    expect(hours).toEqual([0, 12])
  })

  test.each(['usage', 'config'] as const)('wrong %s is thrown at the very first start only', async (code) => {
    const wrong = new SyncError(code, 'rules[0] is wrong')
    const fail = (at: number) => (_call: unknown, _stop: unknown, index: number) => {
      if (index === at) throw wrong
    }
    await expect(runService({ work: fail(0) })).rejects.toBe(wrong)
    expect((await runService({ cycles: 3, work: fail(1) })).hours).toEqual([0, 12, 24])
  })
})

describe('how it ends', () => {
  test('between two cycles with 0, within a cycle with 3, whether that one throws or not', async () => {
    expect((await runService({ cycles: 1 })).result.exitStatus).toBe(0)
    const inside = await runService({ work: (_call, stop) => stop() })
    expect([inside.result.exitStatus, inside.calls.length]).toEqual([3, 1])
    expect(inside.log.at(-1)).toMatch(/; stopped$/)
    const thrown = await runService({
      work: ({ context }, stop) => {
        stop()
        context.signal.throwIfAborted()
      },
    })
    expect([thrown.result.exitStatus, thrown.calls.length]).toEqual([3, 1])
  })

  test('nothing of a cycle outlives it: its signal, its listeners, its folder', async () => {
    const { calls } = await runService({
      cycles: 3,
      work: ({ context }) => writeFileSync(join(context.workDir, 'left'), 'x'),
    })
    const folders = calls.map(({ context }) => context.workDir)
    expect(new Set(folders).size).toBe(3)
    expect(folders.filter((folder) => existsSync(folder))).toEqual([])
    expect(readdirSync(join(folders[0] ?? '', '..'))).toEqual([])
    // Connections end with it.
    const reasons = calls.map(({ context }) => String(context.signal.reason))
    expect(reasons).toEqual(Array.from({ length: 3 }, () => expect.stringContaining('The cycle is over.')))
  })

  test('a deadline counts for each cycle, and the service goes on after it', async () => {
    const codes: unknown[] = []
    const { hours, calls } = await runService({
      cycles: 2,
      options: { deadline: hour },
      work: async ({ context }) => {
        while (!context.signal.aborted) await new Promise((resolve) => setImmediate(resolve))
        codes.push(context.signal.reason)
      },
    })
    expect(codes).toEqual([
      expect.objectContaining({ code: 'stopped' }),
      expect.objectContaining({ code: 'stopped' }),
    ])
    expect(hours).toEqual([1, 13])
    // What the first did not come to, the second answers for as well.
    const since = calls.map(({ options: { event } }) => (event.kind === 'cycle' ? event.after : undefined))
    expect(since).toEqual([midnight - 60_000, midnight - 60_000])
  })

  test('a cycle does not tell its stages: one that finds nothing to do is one line', async () => {
    const { log } = await runService({
      cycles: 2,
      work: ({ context }) => context.progress({ kind: 'stage', text: 'Comparing source and target' }),
    })
    expect(log).toHaveLength(2)
  })
})

describe('what is kept', () => {
  test('each finished run under its id, as long as --keep says; the latest in the run directory', async () => {
    const dir = ownFolder()
    const logDir = ownFolder()
    for (const name of ['2025-12-27.log', '2025-12-31.log', 'notes.log'])
      writeFileSync(join(logDir, name), '')
    mkdirSync(join(dir, 'runs', 'mine'), { recursive: true })
    await runService({
      dir,
      cycles: 30,
      options: { keep: 72 * hour, logDir },
      work: async ({ at }) => {
        const directory = await openRunDirectory(dir)
        await directory.writePlan(samplePlan([], { runId: runIdAt(at) }))
        await directory.writeFile('report.json', `{"at":${at}}`)
      },
    })
    const last = midnight + 29 * 12 * hour
    const kept = readdirSync(join(dir, 'runs')).sort()
    expect(kept).toEqual([
      ...Array.from({ length: 8 }, (_, n) => runIdAt(last - (7 - n) * 12 * hour)),
      'mine',
    ])
    expect(readdirSync(join(dir, 'runs', runIdAt(last))).sort()).toEqual(['plan.json', 'report.json'])
    expect(readFileSync(join(dir, 'report.json'), 'utf8')).toBe(`{"at":${last}}`)
    expect(readdirSync(logDir)).toEqual(['notes.log'])
  })

  test('only folders of runs and files of logs go: links, other kinds and foreign names stay', async () => {
    const [dir, logDir, elsewhere] = [ownFolder(), ownFolder(), ownFolder()]
    const old = '20200101000000-0123456789'
    writeFileSync(join(elsewhere, 'mine'), '')
    for (const name of [old, '20200102000000-012345', '20200103000000-0123456789ab'])
      mkdirSync(join(dir, 'runs', name), { recursive: true })
    writeFileSync(join(dir, 'runs', '20200104000000-0123456789'), '')
    symlinkSync(elsewhere, join(dir, 'runs', '20200105000000-0123456789'))
    const kept = readdirSync(join(dir, 'runs')).filter((name) => name !== old)
    mkdirSync(join(logDir, '2020-01-01.log'))
    symlinkSync(join(elsewhere, 'mine'), join(logDir, '2020-01-02.log'))
    writeFileSync(join(logDir, '2020-01-03.log'), '')
    await runService({ dir, cycles: 1, options: { keep: hour, logDir } })
    expect(
      readdirSync(join(dir, 'runs'))
        .filter((name) => name.startsWith('2020'))
        .sort(),
    ).toEqual(kept.sort())
    expect(readdirSync(logDir).sort()).toEqual(['2020-01-01.log', '2020-01-02.log'])
    expect(readdirSync(elsewhere)).toEqual(['mine'])
  })

  test('a clock that is ahead for a while takes nothing away', async () => {
    const dir = ownFolder()
    const clock = serviceClock()
    clock.jumpAfter(30 * hour, 365 * 24 * hour)
    clock.jumpAfter(31 * hour, -365 * 24 * hour)
    const { calls } = await runService({
      dir,
      clock,
      cycles: 6,
      options: { keep: 30 * 24 * hour },
      work: async () => {
        await openRunDirectory(dir)
        clock.pass(2 * hour)
      },
    })
    expect(readdirSync(join(dir, 'runs'))).toHaveLength(calls.length)
  })
})

describe('a restart', () => {
  const plan = samplePlan([sampleItem('r/models/o/a', 'a'), sampleItem('r/models/o/b', 'b')], {
    runId: '20260101000000-0123456789',
    createdAt: new Date(midnight).toISOString(),
  })
  async function leftBehind(results: readonly ItemResult[], dir = ownFolder()): Promise<string> {
    const directory = await openRunDirectory(dir)
    await directory.writePlan(plan)
    for (const item of results)
      await directory.appendItem({ version: 1, job: 'all', attempt: 1, plan: plan.runId }, item)
    return dir
  }
  const late = () => serviceClock(midnight + 7 * hour)
  const done = [sampleResult('r/models/o/a'), sampleResult('r/models/o/b', { outcome: 'failed' })]

  test('does first what the plan has left, and goes on with the grid of the one before', async () => {
    const dir = ownFolder()
    await runService({ dir, work: (_call, stop) => stop() })
    await leftBehind(done.slice(0, 1), dir)
    const { calls, hours } = await runService({ dir, cycles: 2, clock: late() })
    expect(calls.map(({ kind }) => kind)).toEqual(['resume', 'run', 'run'])
    expect(hours).toEqual([7, 12, 24])
  })

  test('an item that was stopped is as good as none', async () => {
    const stopped = sampleResult('r/models/o/b', {
      outcome: 'failed',
      error: { code: 'stopped', message: 'Stopped by SIGTERM.' },
    })
    const dir = await leftBehind([...done.slice(0, 1), stopped])
    expect((await runService({ dir, cycles: 1, clock: late() })).calls[0]?.kind).toBe('resume')
  })

  test.each([
    ['every item has a result', done, {}, 7],
    ['it is older than a distance', [], {}, 12.1],
    ['it was made for other rules', [], { rules: ['a'] }, 7],
    ['the service is a dry run', [], { dryRun: true }, 7],
  ])('plans anew where %s', async (_, results, options, hours) => {
    const dir = await leftBehind(results)
    const clock = serviceClock(midnight + hours * hour)
    const { calls } = await runService({ dir, cycles: 1, clock, options })
    expect(calls.map(({ kind }) => kind)).toEqual(['run'])
  })

  test('plans anew, at once, where the configuration does not reproduce the plan', async () => {
    const dir = await leftBehind([])
    const { calls, hours } = await runService({
      dir,
      cycles: 2,
      clock: late(),
      work: ({ kind }) => {
        if (kind === 'resume') throw new SyncError('plan', 'there is no rule r')
      },
    })
    expect(calls.map(({ kind }) => kind)).toEqual(['resume', 'run', 'run'])
    expect(hours).toEqual([7, 7, 19])
  })

  test('a damaged plan or memory is no reason not to start', async () => {
    const dir = ownFolder()
    for (const file of ['plan.json', 'service.json']) writeFileSync(join(dir, file), '{"version":')
    expect((await runService({ dir, cycles: 2 })).hours).toEqual([0, 12])
  })
})

describe('the time a cycle answers for', () => {
  async function stoppedInTheSecond(): Promise<string> {
    const dir = ownFolder()
    const directory = await openRunDirectory(dir)
    const work = async ({ at }: Call, stop: () => void, index: number): Promise<void> => {
      if (index === 0) return
      const createdAt = new Date(at).toISOString()
      await directory.writePlan(samplePlan([sampleItem('r/models/o/a', 'a')], { createdAt }))
      stop()
    }
    await runService({ dir, work })
    return dir
  }

  test('is that since the last cycle that was carried out to its end', async () => {
    const { calls } = await runService({
      cycles: 4,
      work: (_call, _stop, index) => {
        if (index === 1) throw new SyncError('network', 'no plan')
      },
    })
    const windows = calls.map(({ options: { event } }) =>
      event.kind === 'cycle' ? [event.after, event.until].map((time) => (time - midnight) / hour) : [],
    )
    expect(windows).toEqual([
      [-1 / 60, 0],
      [0, 12],
      [0, 24],
      [24, 36],
    ])
  })

  test('goes on over a restart', async () => {
    const dir = ownFolder()
    await runService({ dir, cycles: 2 })
    const { calls } = await runService({ dir, cycles: 1, clock: serviceClock(midnight + 20 * hour) })
    expect(calls[0]?.options.event).toEqual({
      kind: 'cycle',
      after: midnight + 12 * hour,
      until: midnight + 20 * hour,
    })
  })

  test('is not over with a plan that was stopped and is too old to be resumed', async () => {
    const dir = await stoppedInTheSecond()
    const { calls } = await runService({ dir, cycles: 1, clock: serviceClock(midnight + 25 * hour) })
    expect(calls.map(({ kind, options: { event } }) => [kind, event])).toEqual([
      ['run', { kind: 'cycle', after: midnight, until: midnight + 25 * hour }],
    ])
  })

  test('is over with a plan that was stopped and is resumed', async () => {
    const dir = await stoppedInTheSecond()
    const { calls } = await runService({ dir, cycles: 1, clock: serviceClock(midnight + 15 * hour) })
    expect(calls.map(({ kind, options: { event } }) => [kind, event])).toEqual([
      ['resume', expect.anything()],
      ['run', { kind: 'cycle', after: midnight + 12 * hour, until: midnight + 24 * hour }],
    ])
  })
})
