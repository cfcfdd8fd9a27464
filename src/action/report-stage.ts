import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { context } from '@actions/github'
import { type ReportResult, reportCommand } from '../commands/report.ts'
import type { Context } from '../context.ts'
import { asSyncError, type SyncError } from '../model/errors.ts'
import type { Report } from '../model/report.ts'
import { publicError } from '../report/private-names.ts'
import { isDefaultBranch, isUntrusted, refuseUntrusted, type WorkflowRun } from './event.ts'
import { issueIdentity, issueScope, updateFailureIssue } from './failure-issue.ts'
import { type ReportInputs, readReportInputs } from './inputs.ts'
import { createLedgerCache, ledgerScope } from './ledger-cache.ts'
import { annotate, setReportOutputs, writeSummary } from './outputs.ts'
import { runStage } from './run-stage.ts'
import { createWorkflowOctokit } from './workflow-octokit.ts'

/** The action `report/`: results → summary, report files, annotations, ledger. Fails the step itself; never throws. */
export function report(run: WorkflowRun = context): Promise<void> {
  return runStage<ReportInputs, ReportResult>(
    {
      read: readReportInputs,
      // Decided when the plan is read: the forecast of a stranger's change may be shown.
      isHarmless: () => true,
      work: (context, inputs) => reported(context, inputs, run),
      async leave({ inputs, result, error }) {
        const file = join(inputs?.options.dir ?? '', 'report.json')
        setReportOutputs(result?.report, error, file)
        if (result !== undefined) annotate(result.report)
        await writeSummary(result?.report, error, inputs?.options.run)
      },
    },
    run,
  )
}

async function reported(context: Context, inputs: ReportInputs, run: WorkflowRun): Promise<ReportResult> {
  try {
    const result = await reportCommand(context, inputs.options, inputs.env)
    refuseUntrusted(run, result.plan.dryRun === true)
    await saveLedger(inputs, result, run)
    await tellIssue(context, inputs, run, { report: result.report, narrowed: result.plan.narrowed })
    return result
  } catch (thrown) {
    const error = asSyncError(thrown)
    await tellIssue(context, inputs, run, { error: inputs.options.hideNames ? publicError(error) : error })
    throw error
  }
}

async function saveLedger(
  { options, env }: ReportInputs,
  { plan }: ReportResult,
  run: WorkflowRun,
): Promise<void> {
  const file = join(options.dir, 'ledger.json')
  if (existsSync(file)) await createLedgerCache(file, ledgerScope(env, plan.salt !== undefined), run).save()
}

/** Opens, updates or closes the issue about failures. Only runs of the default branch that nobody else could start have a say in it. */
async function tellIssue(
  context: Context,
  { options, env, githubToken, issueOnFailure }: ReportInputs,
  run: WorkflowRun,
  { narrowed, ...ending }: { report?: Report; error?: SyncError; narrowed?: string },
): Promise<void> {
  if (!issueOnFailure || !isDefaultBranch(run) || isUntrusted(run)) return
  const [owner, repo] = (env.GITHUB_REPOSITORY ?? '').split('/')
  if (githubToken === undefined || !owner || !repo) {
    const text = 'issue-on-failure needs github-token: no issue was opened or closed.'
    return context.log.warn(text, text)
  }
  const octokit = createWorkflowOctokit(context, env.GITHUB_API_URL || 'https://api.github.com', githubToken)
  await updateFailureIssue(octokit, {
    ...ending,
    ...{ owner, repo, log: context.log, failOn: options.failOn },
    workflow: env.GITHUB_WORKFLOW ?? '',
    identity: issueIdentity(env, options),
    scope: [...issueScope(run, options), ...(narrowed === undefined ? [] : [narrowed])],
    ...(options.run && { run: options.run }),
  })
}
