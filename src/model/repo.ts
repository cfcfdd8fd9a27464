export type RepoType = 'model' | 'dataset'

/** Which repo: identity only. `hub` is a key of the configuration's `hubs:` or a built-in id. */
export interface RepoRef {
  readonly hub: string
  readonly type: RepoType
  readonly owner: string
  readonly name: string
  /** A Hugging Face space that a rule takes as a model; sources only. */
  readonly space?: true
}

/** A repo pinned to a commit of a branch. `commit` is 40 hex digits. */
export interface Snapshot {
  readonly repo: RepoRef
  readonly branch: string
  readonly commit: string
}

export type Visibility = 'public' | 'internal' | 'private'

/** What a hub says of an existing repo. */
export interface RepoInfo {
  /** As the hub spells it now: differs from what was asked for when the repo was renamed. */
  readonly ref: RepoRef
  readonly visibility: Visibility
  /** True if readers must ask for access first. */
  readonly gated: boolean
  readonly defaultBranch: string
  /** Head commit of the default branch, where the same answer tells it; undefined says nothing. */
  readonly head?: string
  /** License as the hub's metadata spells it. */
  readonly license?: string
  /** True for a folder of this machine: nobody else sees it, and only its owner's rule can say who may. */
  readonly local?: true
  /** False if the hub says that this token's account may not write to it. */
  readonly canWrite?: false
  /** Address for people. */
  readonly url: string
}

/**
 * Whether everybody may read what comes from this source. A hub says so itself, and no rule can say more. A local folder is nobody
 * else's yet: it counts as private until the rule, its owner's own word, says `visibility: public`.
 */
export function isOpen(source: RepoInfo, ruled: 'keep' | 'private' | 'public'): boolean {
  if (source.local === true) return ruled === 'public'
  return source.visibility === 'public' && !source.gated
}

/**
 * Whether this target shows of a source that is not open what the source itself does not. A gated one shows names and README to
 * everybody, which only a source that everybody can see allows.
 */
export function exposes(target: RepoInfo, source: RepoInfo): boolean {
  return target.visibility !== 'private' && !(target.gated && source.visibility === 'public')
}

/** One row of an owner's listing. */
export interface RepoSummary {
  readonly ref: RepoRef
  /** Head commit of the default branch, where the listing tells it. */
  readonly head?: string
  /** Whether everybody may read it, where the listing tells it. */
  readonly isOpen?: boolean
}

export interface NewRepo {
  /** Exactly this visibility, or an error: never a wider one. */
  readonly visibility: 'public' | 'private'
  /** SPDX-like id; hubs that insist on one get `other` if undefined. */
  readonly license?: string
}

export interface CommitInfo {
  readonly id: string
  readonly message: string
}

export interface Identity {
  readonly username: string
  /** Owners this token is known to belong to (itself and its organisations), where the hub says so. */
  readonly owners?: readonly string[]
  /** False if the token is known to be unable to write anything. */
  readonly canWrite?: boolean
}

/** `hub` of a local folder, whose `owner` is the path above it: `dir:./backup/x` is `./backup` and `x`. */
export const folderHub = 'dir'

/** `hub:owner/name`, `hub:datasets/owner/name`, `dir:./path`: as users write it. */
export function formatRepo(ref: RepoRef): string {
  return `${ref.hub}:${typeWord(ref)}${ref.owner}/${ref.name}`
}

function typeWord({ hub, type, owner, space }: RepoRef): string {
  if (hub === folderHub) return ''
  if (space) return 'spaces/'
  if (type === 'dataset') return 'datasets/'
  // Owners with such a name are left to hosts of git: two repos must not be written alike.
  return /^(models|datasets|spaces|studios)(\/|$)/.test(owner) ? 'models/' : ''
}

/** As everybody may read it: of a folder only its name, since the path tells of a machine and its people. */
export function publicName(ref: RepoRef): string {
  return ref.hub === folderHub ? `${ref.hub}:${ref.name}` : formatRepo(ref)
}

/** `hub:models/owner/name`, `dir:name`: the repo of a snapshot as commit trailers write it. */
export function snapshotName(ref: RepoRef): string {
  if (ref.hub === folderHub) return publicName(ref)
  return `${ref.hub}:${ref.space ? 'spaces' : `${ref.type}s`}/${ref.owner}/${ref.name}`
}
