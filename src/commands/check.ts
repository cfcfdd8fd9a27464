import { checkHub } from '../checking/check-hub.ts'
import { usesOf } from '../checking/check-uses.ts'
import type { Context, SeenAnswer } from '../context.ts'
import type { Check } from '../model/check.ts'
import { checkText, checkValue, publicChecks } from '../report/check-text.ts'
import type { CommandResult } from '../report/command-result.ts'
import { counted } from '../report/phrases.ts'
import { checkMachine } from './check-machine.ts'
import type { Environment, RunOptions } from './options.ts'
import { openSession, readConfig, type Session } from './session.ts'

/**
 * `check`: looks at configuration, machine, endpoints, clocks, tokens, permissions and quotas, and sends no request that writes. All
 * hubs are asked at the same time; one that does not answer is a line, not the end. Throws `config` or `usage` for a wrong configuration.
 */
export async function checkCommand(
  context: Context,
  options: RunOptions,
  env: Environment,
): Promise<CommandResult> {
  const seen: SeenAnswer[] = []
  const listening: Context = { ...context, onAnswer: (answer) => seen.push(answer) }
  const session = await openSession(listening, withEveryRule(options, env), env)
  const uses = usesOf(session.rules)
  const machine = await checkMachine(listening, session.rules)
  const answersOf = (hub: string) => seen.filter((answer) => answer.hub === hub)
  // Through a proxy without an address nothing goes anywhere: that is one line, not one for each hub.
  const hubs = machine.some(({ check, status }) => check === 'proxy' && status === 'fail')
    ? []
    : await Promise.all(uses.map((use) => checkHub(listening, session.hubs, use, () => answersOf(use.hub))))
  const all = [configuration(session, uses.length), ...machine, ...hubs.flat()]
  const checks = session.hideNames ? publicChecks(all) : all
  const value = checkValue(checks)
  return { exitStatus: value.ok ? 0 : 1, text: checkText(checks), json: value }
}

/** Whatever starts a rule, it is looked at. */
function withEveryRule(options: RunOptions, env: Environment): RunOptions {
  const { rules, from, to } = options
  if (rules.length > 0 || from !== undefined || to !== undefined) return options
  const { document } = readConfig(options, env)
  return { ...options, rules: document.rules.map(({ name }) => name) }
}

function configuration({ rules, skipped }: Session, hubs: number): Check {
  const text = `${counted(rules.length, 'rule')} about ${counted(hubs, 'hub')}`
  const [first] = skipped
  if (first === undefined) return { check: 'configuration', status: 'ok', text }
  const left = `${text}; ${counted(skipped.length, 'repo')} cannot take part: ${first.repo}: ${first.reason}`
  return { check: 'configuration', status: 'warn', text: left }
}
