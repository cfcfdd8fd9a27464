import { shownRules } from '../config/configure.ts'
import { printConfig } from '../config/print.ts'
import type { Context } from '../context.ts'
import type { CommandResult } from '../report/command-result.ts'
import type { Environment, RunOptions } from './options.ts'
import { readConfig } from './session.ts'
import { tellRuleNotes } from './tell-rule-notes.ts'

/** `config`: the rules with every default filled in, as a configuration of its own, without secrets. */
export async function configCommand(
  context: Context,
  options: RunOptions,
  env: Environment,
): Promise<CommandResult> {
  const { document } = readConfig(options, env)
  const rules = shownRules(document, options)
  tellRuleNotes(context, rules)
  const text = printConfig(document, rules)
  return { exitStatus: 0, text, json: { config: text } }
}
