import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { context } from '@actions/github'
import { type ReportResult, reportCommand } from '../commands/report.ts'
import type { Context } from '../context.ts'
import { asSyncError } from '../model/errors.ts'
import { publicError } from '../report/private-names.ts'
import { refuseUntrusted, type WorkflowRun } from './event.ts'
import { type IssueInputs, readReportInputs } from './inputs.ts'
import { createLedgerCache, ledgerScope } from './ledger-cache.ts'
import { annotate, setReportOutputs, writeSummary } from './outputs.ts'
import { runStage } from './run-stage.ts'
import { tellIssue } from './tell-issue.ts'

/** The action `report/`: results → summary, report files, annotations, ledger. Fails the step itself; never throws. */
export function report(run: WorkflowRun = context): Promise<void> {
  return runStage<IssueInputs, ReportResult>(
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

async function reported(context: Context, inputs: IssueInputs, run: WorkflowRun): Promise<ReportResult> {
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
  { options, env }: IssueInputs,
  { plan }: ReportResult,
  run: WorkflowRun,
): Promise<void> {
  const file = join(options.dir, 'ledger.json')
  if (existsSync(file)) await createLedgerCache(file, ledgerScope(env, plan.salt !== undefined), run).save()
}
