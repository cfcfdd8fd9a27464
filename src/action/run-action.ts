import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment, RunOptions } from '../commands/options.ts'
import type { Context } from '../context.ts'
import type { CommandResult } from '../report/command-result.ts'
import type { WorkflowRun } from './event.ts'
import { type Inputs, readInputs } from './inputs.ts'
import { createLedgerCache, ledgerScope } from './ledger-cache.ts'
import { annotate, setReportOutputs, writeSummary } from './outputs.ts'
import { runStage } from './run-stage.ts'

/** One command of the engine. */
export type Command = (context: Context, options: RunOptions, env: Environment) => Promise<CommandResult>

/** Where plan, results and report of a whole run go, below the workspace. */
const runDirectory = '.model-hub-sync'

/** The root action: plan, sync and report in one job, with the ledger of earlier runs. Never throws. */
export function runAction(command: Command, run: WorkflowRun): Promise<void> {
  return runStage<Inputs, CommandResult>(
    {
      read: (event) => readInputs(event, runDirectory),
      isHarmless: ({ options }) => options.dryRun,
      work: (context, inputs) => withLedger(command, context, inputs, run),
      async leave({ inputs, result, error }) {
        const report = result?.report
        setReportOutputs(report, error, join(runDirectory, 'report.json'))
        if (report !== undefined) annotate(report)
        if (report !== undefined || error !== undefined)
          await writeSummary(report, error, inputs?.options.run)
      },
    },
    run,
  )
}

async function withLedger(
  command: Command,
  context: Context,
  { options, env }: Inputs,
  run: WorkflowRun,
): Promise<CommandResult> {
  const file = join(options.dir, 'ledger.json')
  const ledger = createLedgerCache(file, ledgerScope(env, options.hideNames === true), run)
  await ledger.restore()
  const result = await command(context, options, env)
  if (existsSync(file)) await ledger.save()
  return result
}
