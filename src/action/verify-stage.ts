import { context } from '@actions/github'
import { type VerifyResult, verifyCommand } from '../commands/verify.ts'
import type { Context } from '../context.ts'
import { asSyncError } from '../model/errors.ts'
import { findingsMarkdown } from '../report/findings-markdown.ts'
import { findingsHeadline } from '../report/findings-text.ts'
import { publicError } from '../report/private-names.ts'
import type { WorkflowRun } from './event.ts'
import { type IssueInputs, readVerifyInputs } from './inputs.ts'
import { addToSummary, annotateFindings, setVerifyOutputs } from './outputs.ts'
import { runStage } from './run-stage.ts'
import { tellIssue } from './tell-issue.ts'

/** The action `verify/`: looks at both sides, changes no hub, and tells. Fails the step itself; never throws. */
export function verify(run: WorkflowRun = context): Promise<void> {
  return runStage<IssueInputs, VerifyResult>(
    {
      read: readVerifyInputs,
      // It writes nothing, but nobody needs it for a stranger's change, and the change may say where tokens go.
      isHarmless: () => false,
      work: (context, inputs) => verified(context, inputs, run),
      headline: ({ verification }) => findingsHeadline(verification),
      async leave({ inputs, result, error }) {
        setVerifyOutputs(result?.verification, error, result?.file ?? '')
        if (result !== undefined) annotateFindings(result.verification)
        const page = result === undefined ? '' : findingsMarkdown(result.verification)
        await addToSummary(page, error, inputs?.options.run)
      },
    },
    run,
  )
}

async function verified(context: Context, inputs: IssueInputs, run: WorkflowRun): Promise<VerifyResult> {
  try {
    const result = await verifyCommand(context, inputs.options, inputs.env)
    await tellIssue(context, inputs, run, { verification: result.verification, work: 'verify' })
    return result
  } catch (thrown) {
    const error = asSyncError(thrown)
    const told = inputs.options.hideNames ? publicError(error) : error
    await tellIssue(context, inputs, run, { error: told, work: 'verify' })
    throw error
  }
}
