import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import type { CommandResult } from '../report/command-result.ts'
import type { Environment, RunOptions } from './options.ts'

/** `check`: looks at configuration, endpoints, tokens and permissions. */
export async function checkCommand(
  _context: Context,
  _options: RunOptions,
  _env: Environment,
): Promise<CommandResult> {
  throw new SyncError('usage', 'The command check is not available in this version.')
}
