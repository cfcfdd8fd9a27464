import { context } from '@actions/github'
import { runCommand } from '../commands/run.ts'
import { runAction } from './run-action.ts'

/** The root action: plan, sync and report in one job. Fails the step itself; never throws. */
export function wholeRun(): Promise<void> {
  return runAction(runCommand, context)
}
