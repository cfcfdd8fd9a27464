import type { Rule } from '../config/rule.ts'
import type { Context } from '../context.ts'
import { ruleNotes } from '../planning/rule-notes.ts'

/** Logs what the rules alone show of overlaps, circles and rules that feed each other. */
export function tellRuleNotes({ log }: Context, rules: readonly Rule[]): void {
  for (const { level, text, publicly } of ruleNotes(rules)) log[level](text, publicly)
}
