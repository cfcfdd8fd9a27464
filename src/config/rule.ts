import type { HeldBack } from '../model/plan.ts'
import type { HubType } from '../model/profile.ts'
import type { RepoType } from '../model/repo.ts'
import type { Secret } from '../model/secret.ts'

/** Where repos come from: an owner with all of its repos (`name` undefined), or a name or glob. */
export interface RepoPattern {
  readonly hub: string
  /** On hubs of type git it may be a path of groups. */
  readonly owner: string
  /** A name, or a picomatch glob. */
  readonly name: string | undefined
  /** Set where the text said `datasets/` or `models/`. */
  readonly type: RepoType | undefined
  /** A space that the rule takes as a model. */
  readonly space?: true
  /** Origin of a hub that is no known one: the text was the address of a clone. */
  readonly endpoint?: string
}

/** Where repos go: `owner` undefined keeps the source's owner; `name` may hold `{name}`, undefined keeps the name. */
export interface TargetPattern {
  readonly hub: string
  readonly owner: string | undefined
  readonly name: string | undefined
  /** Set where the text said `datasets/` or `models/`; every source of the rule is of this type then. */
  readonly type: RepoType | undefined
  /** Origin of a hub that is no known one: the text was the address of a clone. */
  readonly endpoint?: string
}

/** How much of a repo may be deleted at once; over one of them nothing is. */
export interface DeleteGuards {
  readonly maxFiles: number
  /** Of the files that both sides had at the base, from 0 to 1. */
  readonly maxRatio: number
}

/** One rule with every default filled in. Keys as in the configuration, camel-cased. */
export interface Rule {
  readonly name: string
  readonly description: string | undefined
  readonly from: RepoPattern
  readonly to: TargetPattern
  readonly types: readonly RepoType[]
  /** True where `from` is a single name and nothing says its type: looked up as each of `types` in turn; found as both is an error. */
  readonly lookup: boolean
  readonly repos: { readonly include: readonly string[]; readonly exclude: readonly string[] }
  readonly requires: string | undefined
  readonly revision: string | undefined
  readonly files: { readonly include: readonly string[]; readonly exclude: readonly string[] }
  readonly direction: 'one-way' | 'two-way'
  /** `scheduled`, `manual`, or a cron line. */
  readonly trigger: string
  readonly existing: 'update' | 'skip'
  /** A target that is equal and has no base gets one sync commit. */
  readonly adopt: boolean
  /** Undefined: nothing is ever deleted. */
  readonly delete: DeleteGuards | undefined
  readonly visibility: 'keep' | 'private' | 'public'
  readonly gated: 'skip' | 'fail' | 'private'
  readonly license: 'keep' | 'require'
  /** Two-way: whose file counts where both sides changed it differently; `fail` holds the repo. */
  readonly conflict: 'fail' | 'source' | 'target'
  /** Bytes a second; undefined: no limit. */
  readonly bandwidth: number | undefined
  readonly verify: 'sampled' | 'full'
  readonly transport: 'auto' | 'git' | 'import'
  /** Seconds without a byte after which a stream counts as failed. */
  readonly stallTimeout: number
  /** True where the user named these repos on the command line or by `model`: overrides trigger, repos and existing: skip. */
  readonly named: boolean
}

/** One hub with everything that is needed to talk to it. */
export interface HubSettings {
  readonly id: string
  readonly type: HubType
  /** Origin, without a trailing slash; for type git with the path that all repos are below, where there is one. */
  readonly endpoint: string
  readonly token: Secret | undefined
  /** The environment variable this hub's token is read from: what to set when it is missing. */
  readonly tokenVariable: string
  readonly username: string | undefined
  /** Requests a second. */
  readonly rateLimit: number | undefined
  readonly concurrency: number | undefined
  /** PEM text. */
  readonly ca: string | undefined
  readonly insecureHttp: boolean
  /** Type git: where LFS is, with `{owner}` and `{name}`, if not at `REPO.git/info/lfs`. */
  readonly lfsEndpoint?: string
  /** Type git: how the token goes along; Basic unless said otherwise. */
  readonly auth?: 'basic' | 'bearer'
  /** `allow` undefined takes any license. */
  readonly licenses:
    | { readonly allow?: readonly string[]; readonly map: Readonly<Record<string, string>> }
    | undefined
}

export interface Config {
  readonly hubs: ReadonlyMap<string, HubSettings>
  /** Those that take part in this run, narrowed to what was asked for. */
  readonly rules: readonly Rule[]
  /** What was named and cannot take part, with the reason (spaces). */
  readonly skipped: readonly HeldBack[]
}

/** True for the name of a rule that stands in no file, but was made of what a command line or an action's inputs said. */
export function isAdHoc(ruleName: string): boolean {
  return /^ad-hoc(-\d+)?$/.test(ruleName)
}
