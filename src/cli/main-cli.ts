import { configCommand } from '../commands/config.ts'
import { planCommand } from '../commands/plan.ts'
import { reportCommand } from '../commands/report.ts'
import { runCommand } from '../commands/run.ts'
import { syncCommand } from '../commands/sync.ts'
import { runCli } from './run-cli.ts'

/** The command line, with the process's own environment and streams. `argv` is without node and script; returns the exit status. */
export function cli(argv: readonly string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe)
  return runCli(argv, {
    commands: {
      run: runCommand,
      plan: planCommand,
      sync: syncCommand,
      report: reportCommand,
      config: configCommand,
    },
    environment: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
  })
}

/** A reader that has seen enough (`| head`) must not end a sync half-way, nor leave its work folder behind. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
