import { createHash } from 'node:crypto'
import type { Rule } from './rule.ts'

/** SHA-256 (hex) of the rules as they are spelled out: equal digests, equal rules. Holds no secret, since rules hold none. */
export function configDigest(rules: readonly Rule[]): string {
  return digest(rules)
}

/**
 * SHA-256 (hex) of what in a rule decides the content of a target, whether a repo takes part, and how well it was verified; not
 * of how fast, when, or under which name. A ledger entry of another digest says nothing.
 */
export function ruleDigest(rule: Rule): string {
  const { files, revision, requires, license, verify, existing, visibility, gated } = rule
  const { direction, adopt, delete: deletes, conflict } = rule
  const gates = { requires, license, existing, visibility, gated }
  return digest({ files, revision, verify, ...gates, direction, adopt, deletes, conflict })
}

/**
 * 16 hex digits of what decides which files of a repo take part in a rule: equal digests, equal filters. The order of patterns does not
 * count, since one that matches is enough.
 */
export function filterDigest({ files }: Pick<Rule, 'files'>): string {
  const sorted = (patterns: readonly string[]) => [...new Set(patterns)].sort()
  return digest({ include: sorted(files.include), exclude: sorted(files.exclude) }).slice(0, 16)
}

function digest(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(ordered(value)))
    .digest('hex')
}

/** Keys in one order, so that a digest depends on values alone. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => [key, ordered(inner)])
}
