import { SyncError } from '../model/errors.ts'
import type { RepoType } from '../model/repo.ts'
import { adHocHubs } from './ad-hoc-hubs.ts'
import { collect, type Expansion, expandEntry, expandRules } from './expand.ts'
import { type Environment, type ReadText, resolveHubs } from './hubs.ts'
import type { ConfigDocument } from './load.ts'
import { isGlob, type KnownHubs, parseSource, splitHub } from './names.ts'
import { type OverrideRequest, readOverrides } from './overrides.ts'
import type { Config, Rule } from './rule.ts'
import type { RuleKeys } from './schema.ts'
import { type Selection, selectRules } from './select-rules.ts'

/** What a run was asked for, beside the configuration file. */
export interface RuleRequest extends OverrideRequest, Selection {
  /** Source hub, owner or repo; with `to` the run has a rule of its own. */
  readonly from?: string
  readonly to?: string
}

/**
 * Hubs and the rules of this run: those of the file that the request selects, or with `to` a rule of its own, named `ad-hoc`
 * (`ad-hoc-2` and so on where several repos are named). Throws `usage` or `config`.
 */
export function configure(
  document: ConfigDocument,
  request: RuleRequest,
  env: Environment,
  readText: ReadText,
): Config {
  const hubs = resolveHubs(document.hubs, env, readText)
  const expansion = rulesOf(document, request)
  return { hubs: new Map([...hubs, ...adHocHubs(expansion.rules)]), ...expansion }
}

/**
 * The rules a request speaks of, to be shown: of the file's, manual ones too unless others are named. Reads nothing and needs no
 * token. Throws `usage`.
 */
export function shownRules(document: ConfigDocument, request: RuleRequest): readonly Rule[] {
  const isOpen = request.rules.length === 0 && request.to === undefined && request.from === undefined
  const rules = isOpen ? document.rules.map((rule) => rule.name) : request.rules
  return isOpen && rules.length === 0
    ? []
    : rulesOf(document, { ...request, rules, event: { kind: 'manual' } }).rules
}

function rulesOf(document: ConfigDocument, request: RuleRequest): Expansion {
  const overrides = readOverrides(request)
  if (request.to !== undefined || request.from !== undefined) return adHoc(document, request, overrides)
  if (document.rules.length > 0) return fromFile(document, request, overrides)
  throw new SyncError('usage', 'There is nothing to sync: no rule in a configuration file, and no --to.', {
    next: 'Name a repo and a target, such as: model-hub-sync run Qwen/Qwen3-0.6B --from hf --to ms:my-org',
  })
}

function fromFile(document: ConfigDocument, request: RuleRequest, overrides: RuleKeys): Expansion {
  const { rules, skipped } = expandRules(document, overrides)
  const isChosen = (name: string): boolean => request.rules.length === 0 || request.rules.includes(name)
  const spaces = request.repos.length > 0 ? [] : skipped.filter((one) => isChosen(one.rule))
  const names = request.rules.filter((name) => !skipped.some((one) => one.rule === name))
  // Without this, naming only rules about spaces would mean all rules.
  if (request.rules.length > 0 && names.length === 0) return { rules: [], skipped: spaces }
  const selected = selectRules(rules, { ...request, rules: names }, document.known)
  return { rules: respectingSkip(selected, overrides), skipped: spaces }
}

function adHoc(document: ConfigDocument, request: RuleRequest, overrides: RuleKeys): Expansion {
  const { to } = request
  if (request.rules.length > 0)
    throw new SyncError('usage', '--rule does not go with --from and --to: they are a rule of their own.', {
      next: 'Give either of them.',
    })
  if (to === undefined)
    throw new SyncError('usage', '--from needs --to as well.', { next: 'For example --to ms:my-org.' })
  const base = readBase(request.from, document.known)
  const areNamed = request.repos.length > 0
  const sources = areNamed ? request.repos.map((repo) => below(repo, base)) : [wholeBase(base)]
  const types: { types?: RepoType[] } = request.type === undefined ? {} : { types: [request.type] }
  // Repos that are named are meant, whatever `defaults` says of `repos`.
  const repos: { repos?: RuleKeys['repos'] } = areNamed ? { repos: { include: ['*'], exclude: [] } } : {}
  const expanded = collect(
    [...new Set(sources)].map((from, index) => {
      const name = index === 0 ? 'ad-hoc' : `ad-hoc-${index + 1}`
      return expandEntry({ name, from, to, ...types, ...repos }, document, overrides, base.hub)
    }),
  )
  refuseSharedTargets(expanded)
  const rules = expanded.rules.map((rule) => ({
    ...rule,
    named: areNamed || (rule.from.name !== undefined && !isGlob(rule.from.name)),
  }))
  return { rules: respectingSkip(rules, overrides), skipped: expanded.skipped }
}

/** Naming a repo overrides `existing: skip` of the file, but not one that was asked for in the same breath. */
function respectingSkip(rules: readonly Rule[], overrides: RuleKeys): readonly Rule[] {
  return overrides.existing === 'skip' ? rules.map((rule) => ({ ...rule, named: false })) : rules
}

/** What `--from` says: nothing, a hub alone, or a hub and an owner, repo or glob. */
interface Base {
  readonly text: string
  readonly hub: string | undefined
  readonly owner: string | undefined
  readonly name: string | undefined
}

function readBase(text: string | undefined, hubs: KnownHubs): Base {
  if (text === undefined) return { text: '', hub: undefined, owner: undefined, name: undefined }
  if (/^[a-z0-9-]+:?$/i.test(text)) {
    return { text, hub: splitHub(`${text.replace(/:$/, '')}:`, hubs).hub, owner: undefined, name: undefined }
  }
  const source = parseSource(text, hubs)
  const { hub, owner, name } = source.kind === 'repos' ? source.pattern : source
  return { text, hub, owner, name }
}

/** `--from hf:Qwen` with `Qwen3-0.6B` is `hf:Qwen/Qwen3-0.6B`; a name with an owner or hub stands for itself. */
function below(repo: string, base: Base): string {
  if (base.name !== undefined)
    throw new SyncError(
      'usage',
      '--from names repos already: leave the others out, or give --from a hub or owner.',
    )
  const isBareName = !repo.includes('/') && !repo.includes(':')
  if (isBareName && base.owner === undefined) {
    throw new SyncError('usage', `${JSON.stringify(repo)} is no repo: its owner is missing.`, {
      next: `Write OWNER/${repo}, or --from ${base.hub ?? 'hf'}:${repo} for all repos of an owner called ${repo}.`,
    })
  }
  return isBareName && base.owner !== undefined ? `${base.hub}:${base.owner}/${repo}` : repo
}

function wholeBase(base: Base): string {
  if (base.owner === undefined) {
    throw new SyncError('usage', 'No repo is named.', {
      next: `Name repos before the options (with \`sync\` as --model), or an owner: --from ${base.hub ?? 'hf'}:OWNER.`,
    })
  }
  return base.text
}

/** Two sources must not be written into one repo. */
function refuseSharedTargets({ rules }: Expansion): void {
  const fixed = rules.filter((rule) => rule.to.name !== undefined && !rule.to.name.includes('{name}'))
  if (fixed.length > 1)
    throw new SyncError(
      'usage',
      '--to names one repo, but several sources are named: write {name} in it, or an owner.',
    )
}
