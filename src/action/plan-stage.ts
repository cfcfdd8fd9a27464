import { join } from 'node:path'
import { context } from '@actions/github'
import { type PlanResult, planCommand } from '../commands/plan.ts'
import type { WorkflowRun } from './event.ts'
import { type Inputs, readPlanInputs } from './inputs.ts'
import { planSummary } from './job-summary.ts'
import { createLedgerCache, ledgerScope } from './ledger-cache.ts'
import { addToSummary, setPlanOutputs } from './outputs.ts'
import { runStage } from './run-stage.ts'

/** The action `plan/`: compares, and cuts the work into jobs. Fails the step itself; never throws. */
export function plan(run: WorkflowRun = context): Promise<void> {
  return runStage<Inputs, PlanResult>(
    {
      read: readPlanInputs,
      isHarmless: ({ options }) => options.dryRun,
      async work(context, { options, env }) {
        const scope = ledgerScope(env, options.hideNames === true)
        await createLedgerCache(join(options.dir, 'ledger.json'), scope, run).restore()
        return planCommand(context, options, env)
      },
      async leave({ inputs, result, error }) {
        setPlanOutputs(result)
        await addToSummary(result === undefined ? '' : planSummary(result), error, inputs?.options.run)
      },
    },
    run,
  )
}
