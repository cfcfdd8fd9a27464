import { afterEach, describe, expect, test, vi } from 'vitest'
import { updateFailureIssue } from '../../../src/action/failure-issue.ts'
import type { IssueInputs } from '../../../src/action/inputs.ts'
import { tellIssue } from '../../../src/action/tell-issue.ts'
import { Secret } from '../../../src/model/secret.ts'
import { buildVerification } from '../../../src/report/build-verification.ts'
import { defaultOptions } from '../../e2e/harness.ts'
import { testContext } from '../hubs/settings.ts'
import { reportOf } from '../report/sample-plan.ts'
import { workflowRun } from './action-run.ts'

vi.mock('../../../src/action/failure-issue.ts', async (original) => ({
  ...(await original<object>()),
  updateFailureIssue: vi.fn(async () => 'none'),
}))
afterEach(() => void vi.mocked(updateFailureIssue).mockClear())

const inputs: IssueInputs = {
  options: { ...defaultOptions, rules: ['nightly'] },
  env: { GITHUB_REPOSITORY: 'me/sync' },
  ...{ showsPrivate: false, issueToken: new Secret('token-of-test'), issueTokenInput: 'issue-token' },
  issueOnFailure: true,
}
const bySchedule = workflowRun({
  eventName: 'schedule',
  ref: 'refs/heads/main',
  payload: { schedule: '17 3 * * *' },
})

async function scopeOf(told: Parameters<typeof tellIssue>[3]): Promise<readonly string[] | undefined> {
  await tellIssue(testContext(), inputs, bySchedule, told)
  return vi.mocked(updateFailureIssue).mock.lastCall?.[1].scope
}

describe('what narrowed the run of which the issue tells', () => {
  const verification = buildVerification([], { tool: 'model-hub-sync/0', now: 0, hideNames: false })

  test('is the cron line of a sync, which leaves out the rules of other lines', async () => {
    expect(await scopeOf({ report: reportOf([]) })).toEqual(['cron 17 3 * * *', 'rule nightly'])
  })

  test('is no cron line of a verification, which looks at the rules of all of them', async () => {
    expect(await scopeOf({ verification, work: 'verify' })).toEqual(['rule nightly'])
  })
})
