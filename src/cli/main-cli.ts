import { checkCommand } from '../commands/check.ts'
import { configCommand } from '../commands/config.ts'
import { planCommand } from '../commands/plan.ts'
import { repairCommand } from '../commands/repair.ts'
import { reportCommand } from '../commands/report.ts'
import { runCommand } from '../commands/run.ts'
import { syncCommand } from '../commands/sync.ts'
import { verifyCommand } from '../commands/verify.ts'
import { type Commands, runCli } from './run-cli.ts'

/** Every command of the command line. */
export const commands: Commands = {
  run: runCommand,
  plan: planCommand,
  sync: syncCommand,
  report: reportCommand,
  verify: verifyCommand,
  repair: repairCommand,
  check: checkCommand,
  config: configCommand,
}

/** The command line, with the process's own environment and streams. `argv` is without node and script; returns the exit status. */
export function cli(argv: readonly string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe)
  return runCli(argv, {
    commands,
    environment: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
  })
}

/** A reader that has seen enough (`| head`) must not end a sync half-way, nor leave its work folder behind. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
