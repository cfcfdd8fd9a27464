import { context } from '@actions/github'
import { type SyncResult, syncCommand } from '../commands/sync.ts'
import type { WorkflowRun } from './event.ts'
import { type Inputs, readSyncInputs } from './inputs.ts'
import { syncSummary } from './job-summary.ts'
import { addToSummary, setSyncOutputs } from './outputs.ts'
import { runStage } from './run-stage.ts'

/** The action `sync/`: does one job of a plan, or all of them. Fails the step itself; never throws. */
export function sync(run: WorkflowRun = context): Promise<void> {
  return runStage<Inputs, SyncResult>(
    {
      read: readSyncInputs,
      isHarmless: () => false,
      work: (context, { options, env }) => syncCommand(context, options, env),
      async leave({ inputs, result, error }) {
        setSyncOutputs(result, error)
        await addToSummary(result === undefined ? '' : syncSummary(result), error, inputs?.options.run)
      },
    },
    run,
  )
}
