import { Document } from 'yaml'
import { builtInHubs } from './built-in-hubs.ts'
import type { ConfiguredHub } from './hubs.ts'
import type { ConfigDocument } from './load.ts'
import { formatPattern } from './names.ts'
import type { Rule } from './rule.ts'
import type { RuleEntry } from './schema.ts'
import { formatBandwidth } from './units.ts'
import { hasVariable, isOnlyVariables } from './variables.ts'

/**
 * The expanded configuration as YAML, itself a valid configuration that expands to the same rules. Variables are shown by their
 * names; a token that stands in the file itself is left out.
 */
export function printConfig(document: ConfigDocument, rules: readonly Rule[]): string {
  const hubs = [...document.hubs].map(([id, hub]) => [id, printedHub(id, hub)] as const)
  const value = {
    version: 1,
    ...(hubs.length === 0 ? {} : { hubs: Object.fromEntries(hubs) }),
    rules: rules.map(printedRule),
  }
  return new Document(value, { aliasDuplicateObjects: false }).toString({ lineWidth: 0 })
}

function printedHub(id: string, { written }: ConfiguredHub): object {
  const { type, endpoint, token, 'insecure-http': insecureHttp, ...rest } = written
  const known = type ?? builtInHubs.get(id)?.type
  const isShown = token !== undefined && hasVariable(token) && isOnlyVariables(token.trim())
  return {
    type: known,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(isShown ? { token } : {}),
    ...(known === 'git' ? { auth: 'basic' } : {}),
    ...rest,
    'insecure-http': insecureHttp ?? false,
  }
}

function printedRule(rule: Rule): RuleEntry {
  return {
    name: rule.name,
    ...(rule.description === undefined ? {} : { description: rule.description }),
    from: formatPattern(rule.from),
    to: formatPattern(rule.to),
    // Types of a name that is looked up are not a choice anybody made: written down they would be one.
    ...(rule.lookup ? {} : { types: [...rule.types] }),
    repos: { include: [...rule.repos.include], exclude: [...rule.repos.exclude] },
    ...(rule.requires === undefined ? {} : { requires: rule.requires }),
    ...(rule.revision === undefined ? {} : { revision: rule.revision }),
    files: { include: [...rule.files.include], exclude: [...rule.files.exclude] },
    direction: rule.direction,
    trigger: rule.trigger,
    existing: rule.existing,
    adopt: rule.adopt,
    delete: printedGuards(rule),
    visibility: rule.visibility,
    gated: rule.gated,
    license: rule.license,
    conflict: rule.conflict,
    bandwidth: formatBandwidth(rule.bandwidth),
    verify: rule.verify,
    transport: rule.transport,
    'stall-timeout': `${rule.stallTimeout}s`,
  }
}

function printedGuards({ delete: guards }: Rule): RuleEntry['delete'] {
  return guards === undefined ? false : { 'max-files': guards.maxFiles, 'max-ratio': guards.maxRatio }
}
