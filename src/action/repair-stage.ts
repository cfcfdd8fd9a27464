import { join } from 'node:path'
import { context } from '@actions/github'
import { type RepairResult, repairCommand } from '../commands/repair.ts'
import { findingsMarkdown } from '../report/findings-markdown.ts'
import { findingsHeadline } from '../report/findings-text.ts'
import { markdown } from '../report/markdown.ts'
import { headline } from '../report/phrases.ts'
import type { WorkflowRun } from './event.ts'
import { type Inputs, readRepairInputs } from './inputs.ts'
import { addToSummary, annotateFindings, setVerifyOutputs } from './outputs.ts'
import { runStage } from './run-stage.ts'

/** Bytes of each half of the summary; GitHub drops one over 1,048,576 bytes whole. */
const halfPage = 500_000

/** The action `repair/`: verifies, makes right, and verifies again. Fails the step itself; never throws. */
export function repair(run: WorkflowRun = context): Promise<void> {
  return runStage<Inputs, RepairResult>(
    {
      read: readRepairInputs,
      // Nobody needs it for a stranger's change, not even as a dry run.
      isHarmless: () => false,
      work: (context, { options, env }) => repairCommand(context, options, env),
      headline: ({ repaired, verification }) =>
        [...(repaired ? [headline(repaired)] : []), findingsHeadline(verification)].join('. '),
      async leave({ inputs, result, error }) {
        setVerifyOutputs(result?.verification, error, join(inputs?.options.dir ?? '', 'verify.json'))
        if (result !== undefined) annotateFindings(result.verification)
        await addToSummary(result === undefined ? '' : page(result), error, inputs?.options.run)
      },
    },
    run,
  )
}

/** What is left stands first, then what was sent. */
function page({ repaired, verification }: RepairResult): string {
  const options = { maxBytes: halfPage }
  const sent = repaired === undefined ? [] : [markdown(repaired, options)]
  return [findingsMarkdown(verification, options), ...sent].join('\n')
}
