import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import type { CommandResult } from '../report/command-result.ts'
import type { Environment, RunOptions } from './options.ts'

/** `repair`: makes right what `verify` finds. */
export async function repairCommand(
  _context: Context,
  _options: RunOptions,
  _env: Environment,
): Promise<CommandResult> {
  throw new SyncError('usage', 'The command repair is not available in this version.')
}
