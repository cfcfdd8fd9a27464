import { shownRules } from '../config/configure.ts'
import { printConfig } from '../config/print.ts'
import type { Context } from '../context.ts'
import type { CommandResult } from '../report/command-result.ts'
import type { Environment, RunOptions } from './options.ts'
import { readConfig } from './session.ts'

/** `config`: the rules with every default filled in, as a configuration of its own, without secrets. */
export async function configCommand(
  _: Context,
  options: RunOptions,
  env: Environment,
): Promise<CommandResult> {
  const { document } = readConfig(options, env)
  const text = printConfig(document, shownRules(document, options))
  return { exitStatus: 0, text, json: { config: text } }
}
