import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import type { CommandResult } from '../report/command-result.ts'
import type { Environment, RunOptions } from './options.ts'

/** `verify`: compares the content of both sides. */
export async function verifyCommand(
  _context: Context,
  _options: RunOptions,
  _env: Environment,
): Promise<CommandResult> {
  throw new SyncError('usage', 'The command verify is not available in this version.')
}
