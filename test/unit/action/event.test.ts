import { describe, expect, test } from 'vitest'
import {
  eventOf,
  isDefaultBranch,
  ownVisibility,
  refuseUntrusted,
  runAddress,
} from '../../../src/action/event.ts'
import { workflowRun } from './action-run.ts'

test('a schedule carries its cron line; all else is manual', () => {
  expect(eventOf(workflowRun())).toEqual({ kind: 'manual' })
  const scheduled = workflowRun({ eventName: 'schedule', payload: { schedule: '17 */12 * * *' } })
  expect(eventOf(scheduled)).toEqual({ kind: 'schedule', cron: '17 */12 * * *' })
  expect(eventOf(workflowRun({ eventName: 'schedule', payload: {} }))).toEqual({
    kind: 'schedule',
    cron: undefined,
  })
})

describe('refuseUntrusted', () => {
  const repository = { full_name: 'me/sync' }
  const from = (event: string, full_name: string) => ({
    repository,
    workflow_run: { event, head_repository: { full_name } },
  })
  test.each([
    ['pull_request', {}],
    ['pull_request_target', {}],
    ['pull_request_review', {}],
    ['issue_comment', {}],
    ['issues', {}],
    ['discussion_comment', {}],
    ['fork', {}],
    ['watch', {}],
    ['gollum', {}],
    ['workflow_run', from('pull_request', 'me/sync')],
    ['workflow_run', from('issue_comment', 'me/sync')],
    ['workflow_run', from('push', 'stranger/sync')],
    ['workflow_run', from('workflow_run', 'me/sync')],
    ['workflow_run', from('check_run', 'me/sync')],
    ['workflow_run', from('push', '')],
    ['workflow_run', { repository, workflow_run: { event: 'push' } }],
    ['workflow_run', { workflow_run: { event: 'push' } }],
    ['workflow_run', { repository, workflow_run: { head_repository: repository } }],
    ['workflow_run', {}],
    ['check_run', {}],
    ['check_suite', {}],
    ['status', {}],
    ['deployment', {}],
    ['deployment_status', {}],
    ['page_build', {}],
    ['registry_package', {}],
    ['merge_group', {}],
    ['an event of tomorrow', {}],
    ['', {}],
  ])('%s %j may not write, and may do a dry run', (eventName, payload) => {
    const run = workflowRun({ eventName, payload })
    expect(() => refuseUntrusted(run, false)).toThrow(
      expect.objectContaining({ code: 'usage', next: expect.any(String) }),
    )
    expect(() => refuseUntrusted(run, true)).not.toThrow()
  })

  test.each([
    ['schedule', {}],
    ['workflow_dispatch', {}],
    ['push', {}],
    ['repository_dispatch', {}],
    ['release', {}],
    ['workflow_run', from('push', 'me/sync')],
    ['workflow_run', from('schedule', 'me/sync')],
  ])('%s %j may write', (eventName, payload) => {
    expect(() => refuseUntrusted(workflowRun({ eventName, payload }), false)).not.toThrow()
  })
})

test('the default branch is known by name, and nothing else passes for it', () => {
  expect(isDefaultBranch(workflowRun())).toBe(true)
  expect(isDefaultBranch(workflowRun({ ref: 'refs/heads/other' }))).toBe(false)
  expect(isDefaultBranch(workflowRun({ ref: 'refs/tags/main' }))).toBe(false)
  expect(isDefaultBranch(workflowRun({ payload: {} }))).toBe(false)
  const scheduled = { eventName: 'schedule', payload: { schedule: '17 */12 * * *' } }
  expect(isDefaultBranch(workflowRun(scheduled))).toBe(true)
  expect(isDefaultBranch(workflowRun({ ...scheduled, ref: 'refs/tags/main' }))).toBe(false)
  const named = { ...scheduled, payload: { repository: { default_branch: 'other' } } }
  expect(isDefaultBranch(workflowRun(named))).toBe(false)
})

test.each<[object | undefined, string]>([
  [{ private: false, visibility: 'public' }, 'public'],
  [{ private: true, visibility: 'private' }, 'closed'],
  [{ private: true, visibility: 'internal' }, 'closed'],
  [{ private: true }, 'closed'],
  [{ visibility: 'internal' }, 'closed'],
  [{}, 'untold'],
  [undefined, 'untold'],
  [{ private: 'true' }, 'untold'],
  // What contradicts itself hides rather than shows.
  [{ private: false, visibility: 'private' }, 'public'],
  [{ private: true, visibility: 'public' }, 'public'],
])('the repository %j is %s', (repository, expected) => {
  expect(ownVisibility(workflowRun({ payload: { repository } }))).toBe(expected)
})

test('a run has an address wherever its repository is known', () => {
  expect(runAddress(workflowRun(), 'me/sync')).toBe('https://github.com/me/sync/actions/runs/7')
  expect(runAddress(workflowRun(), undefined)).toBeUndefined()
})
