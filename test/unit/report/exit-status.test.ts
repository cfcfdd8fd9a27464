import { describe, expect, test } from 'vitest'
import { type ErrorCode, SyncError } from '../../../src/model/errors.ts'
import type { ItemResult, Outcome } from '../../../src/model/report.ts'
import { exitStatus, exitStatusOfError, type FailOn } from '../../../src/report/exit-status.ts'
import { blocked, held, reportOf, sampleResult } from './sample-plan.ts'

const withOutcome = (outcome: Outcome, code = 'network'): ItemResult =>
  sampleResult('a', { outcome, ...(outcome === 'failed' && { error: { code, message: 'x' } }) })

describe('exitStatus', () => {
  const cases: [
    name: string,
    outcome: Outcome,
    code: string,
    failOn: FailOn,
    stopped: boolean,
    status: number,
  ][] = [
    ['synced', 'synced', '', 'failed', false, 0],
    ['unchanged', 'unchanged', '', 'blocked', false, 0],
    ['skipped', 'skipped', '', 'blocked', false, 0],
    ['failed', 'failed', 'network', 'failed', false, 1],
    ['failed, fail-on blocked', 'failed', 'network', 'blocked', false, 1],
    ['failed, fail-on never', 'failed', 'network', 'never', false, 0],
    ['conflict', 'conflict', '', 'failed', false, 1],
    ['missing', 'missing', '', 'failed', false, 1],
    ['moved and never published', 'moved', '', 'failed', false, 1],
    ['blocked', 'blocked', '', 'failed', false, 0],
    ['blocked, fail-on blocked', 'blocked', '', 'blocked', false, 1],
    ['blocked, fail-on never', 'blocked', '', 'never', false, 0],
    ['stopped, nothing failed', 'synced', '', 'failed', true, 3],
    ['stopped, the rest missing', 'missing', '', 'failed', true, 3],
    ['stopped in the middle of a repo', 'failed', 'stopped', 'failed', true, 3],
    ['stopped, and something else failed', 'failed', 'network', 'failed', true, 1],
    ['stopped, fail-on never', 'failed', 'network', 'never', true, 3],
  ]
  test.each(cases)('%s', (_name, outcome, code, failOn, stopped, status) => {
    expect(exitStatus(reportOf([withOutcome(outcome, code)]), failOn, stopped)).toBe(status)
  })

  test('repos that the plan blocked count as well', () => {
    const report = reportOf([], {
      blocked: [blocked('b', 'too many files', [])],
      skipped: [held('s', 'gated')],
    })
    expect([exitStatus(report, 'failed', false), exitStatus(report, 'blocked', false)]).toEqual([0, 1])
  })
})

test.each<[ErrorCode, number]>([
  ['usage', 2],
  ['config', 2],
  ['plan', 2],
  ['stopped', 3],
  ['network', 1],
  ['internal', 1],
])('a command that ends with %s has exit status %i', (code, status) => {
  expect(exitStatusOfError(new SyncError(code, 'x'))).toBe(status)
})
