import { SyncError } from '../model/errors.ts'
import { printable } from '../model/printable.ts'
import { folderHub, type RepoRef, type RepoType } from '../model/repo.ts'
import { globProblem } from './checks.ts'
import { isFolderName, parseFolder } from './folder-path.ts'
import { suggestion } from './nearest.ts'
import type { RepoPattern, TargetPattern } from './rule.ts'
import { type Places, parseWebUrl, repoKinds } from './web-urls.ts'

/** Short names of hubs; interface of the project, "Repo names". */
export const aliases: ReadonlyMap<string, string> = new Map([
  ['hf', 'huggingface'],
  ['ms', 'modelscope'],
])

/** Which hubs a name may speak of. */
export interface KnownHubs extends Places {
  /** Ids of the configuration and the built-in ones. */
  readonly ids: readonly string[]
}

/** A source as a user wrote it. A space is no repo that can be synced, but a reason to tell. */
export type Source =
  | { readonly kind: 'repos'; readonly pattern: RepoPattern }
  | { readonly kind: 'space'; readonly hub: string; readonly owner: string; readonly name: string }

/** A name taken apart, nothing looked up; `hub` undefined: the text names none. */
interface Parts {
  readonly hub: string | undefined
  readonly endpoint?: string
  readonly kind: RepoType | 'space' | undefined
  readonly owner: string | undefined
  readonly name: string | undefined
}

/**
 * Reads a repo name, owner, glob, web address or `dir:` path as a source. `defaultHub` is the hub of names that say none.
 * Throws `usage` with what is wrong and the nearest hub.
 */
export function parseSource(text: string, hubs: KnownHubs, defaultHub?: string): Source {
  const parts = split(text, hubs, defaultHub)
  const hub = parts.hub ?? defaultHub
  if (hub === undefined) throw wrong(text, 'names no hub: write hub:owner/name')
  if (parts.owner === undefined) throw wrong(text, 'names no owner: write hub:owner or hub:owner/name')
  if (parts.hub === folderHub) return folderSource(text, parts.owner, parts.name ?? '')
  checkOwner(text, parts.owner)
  if (parts.name !== undefined) checkName(text, parts.name, isGlob(parts.name))
  if (parts.endpoint !== undefined && isGlob(parts.name ?? ''))
    throw wrong(text, 'the address of a clone names one repo: write its own name')
  if (parts.kind === 'space') {
    if (parts.name === undefined || isGlob(parts.name))
      throw wrong(text, 'names spaces, which are not synced')
    return { kind: 'space', hub, owner: parts.owner, name: parts.name }
  }
  const { owner, name, kind: type, endpoint } = parts
  return { kind: 'repos', pattern: { hub, owner, name, type, ...(endpoint && { endpoint }) } }
}

/** Reads `hub:`, `hub:owner`, `hub:owner/name`, `hub:owner/a-{name}` or a `dir:` path as a target. Throws `usage`. */
export function parseTarget(text: string, hubs: KnownHubs): TargetPattern {
  const parts = split(text, hubs)
  if (parts.hub === undefined) {
    const isHubAlone = hubs.ids.includes(text) || aliases.has(text)
    throw wrong(
      text,
      isHubAlone
        ? `write ${text}:OWNER, or ${text}: to keep owner and name`
        : 'names no hub: write hub:owner or hub:owner/name',
    )
  }
  if (parts.hub === folderHub)
    return { hub: folderHub, owner: parts.owner, name: parts.name, type: undefined }
  if (parts.kind === 'space') throw wrong(text, 'a space is no target')
  if (parts.owner !== undefined) checkOwner(text, parts.owner)
  if (parts.name !== undefined) {
    if (/[*?[\]!]/.test(parts.name))
      throw wrong(text, 'a target may not be a glob: use {name} for the name of the source')
    checkName(text, parts.name.replaceAll('{name}', 'name'), false)
  }
  const { hub, owner, name, kind: type, endpoint } = parts
  return { hub, owner, name, type, ...(endpoint && { endpoint }) }
}

function folderSource(text: string, owner: string, name: string): Source {
  if (isGlob(name)) throw wrong(text, 'a source is one folder: write its own name')
  return { kind: 'repos', pattern: { hub: folderHub, owner, name, type: undefined } }
}

/** Where a source goes: the target pattern with the blanks filled in. Throws `bad-path` for a name that may be no folder. */
export function expandTarget(
  target: TargetPattern,
  source: RepoRef,
): { hub: string; owner: string; name: string } {
  const goesIntoPath = target.hub === folderHub && target.name?.includes('{name}') === true
  if (goesIntoPath && source.hub !== folderHub && !isFolderName(source.name))
    throw new SyncError(
      'bad-path',
      `${quoted(source.name)} of ${source.hub} is no name for a local folder.`,
      {
        next: 'Name its folder in a rule of its own.',
      },
    )
  return {
    hub: target.hub,
    owner: target.owner ?? source.owner,
    name: target.name === undefined ? source.name : target.name.replaceAll('{name}', source.name),
  }
}

/** The name of the source that a target pattern gives this name; undefined: it gives it to none, or whatever the source is called. */
export function sourceNameOf({ name: template = '{name}' }: TargetPattern, name: string): string | undefined {
  const [before = '', ...after] = template.split('{name}')
  const fixed = template.length - after.length * '{name}'.length
  const length = (name.length - fixed) / after.length
  if (!Number.isInteger(length) || length < 1) return undefined
  const source = name.slice(before.length, before.length + length)
  return template.replaceAll('{name}', source) === name ? source : undefined
}

/** True if the name is a pattern for several names. */
export function isGlob(name: string): boolean {
  return /[*?[\]{}!()]/.test(name)
}

/** Whether a name that a folder has can be the name of a repo on a hub. */
export function isRepoName(name: string): boolean {
  return isPlain(name)
}

/** `hub:owner/name` of a pattern, or its address, as users write it. */
export function formatPattern(pattern: RepoPattern | TargetPattern): string {
  if (pattern.endpoint !== undefined) return `${pattern.endpoint}/${pattern.owner}/${pattern.name}.git`
  if (pattern.owner === undefined) return `${pattern.hub}:`
  const isSpace = 'space' in pattern && pattern.space === true
  const type = isSpace ? 'spaces/' : pattern.type === undefined ? '' : `${pattern.type}s/`
  return `${pattern.hub}:${type}${pattern.owner}${pattern.name === undefined ? '' : `/${pattern.name}`}`
}

/** Hub part of a name and the rest; understands web addresses with and without `https://`. */
export function splitHub(text: string, hubs: KnownHubs): { hub: string | undefined; rest: string } {
  const colon = text.indexOf(':')
  if (colon < 0) return { hub: undefined, rest: text }
  const written = text.slice(0, colon)
  const hub = hubs.ids.includes(written) ? written : aliases.get(written)
  if (hub === undefined) {
    if (written === folderHub) throw wrong(text, 'a local folder is written as dir:./path')
    if (written.includes('@')) throw wrong(text, 'is an address of ssh: write the one that begins with https')
    if (/^[a-z0-9-]+(\.[a-z0-9-]+)+(_\d+)?$/i.test(written))
      throw wrong(
        text,
        'is no hub: write the whole address of a clone, such as https://git.example.org/owner/name.git',
      )
    throw wrong(
      text,
      `unknown hub ${JSON.stringify(printable(written.slice(0, 40)))}${suggestion(written, [...hubs.ids, ...aliases.keys()])}`,
    )
  }
  return { hub, rest: text.slice(colon + 1) }
}

function split(text: string, hubs: KnownHubs, defaultHub?: string): Parts {
  if (text.length > 300) throw wrong(text, 'is too long')
  if (text.startsWith(`${folderHub}:`)) return splitFolder(text)
  if (/^\.{0,2}\//.test(text)) throw wrong(text, 'names no hub: a local folder is written as dir:./path')
  const web = parseWebUrl(text, hubs)
  if (web.kind === 'wrong') throw wrong(text, web.why)
  if (web.kind === 'repo') {
    const { hub, endpoint, type: kind, owner, name } = web
    return { hub, kind, owner, name, ...(endpoint && { endpoint }) }
  }
  const { hub, rest } = splitHub(text, hubs)
  if (rest === '') return { hub, kind: undefined, owner: undefined, name: undefined }
  const words = rest.split('/')
  const kind = repoKinds.get(words[0] ?? '')
  if (kind !== undefined) words.shift()
  if (words.length > 2 && !hasGroups(hub ?? defaultHub, hubs))
    throw wrong(text, 'expected owner or owner/name')
  const [owner] = words
  if (owner === undefined) throw wrong(text, 'expected owner or owner/name')
  if (words.length === 1) return { hub, kind, owner, name: undefined }
  return { hub, kind, owner: words.slice(0, -1).join('/'), name: words.at(-1) }
}

/** Whether an owner may be a path of groups; an empty id stands for whichever hub fits. */
function hasGroups(hub: string | undefined, { types }: KnownHubs): boolean {
  return hub === '' || (hub !== undefined && types.get(hub) === 'git')
}

function splitFolder(text: string): Parts {
  const folder = parseFolder(text.slice(folderHub.length + 1))
  if (folder.kind === 'wrong') throw wrong(text, folder.why)
  return { hub: folderHub, kind: undefined, owner: folder.owner, name: folder.name }
}

function checkOwner(text: string, owner: string): void {
  if (isGlob(owner)) throw wrong(text, 'only the name may be a glob, not the owner')
  if (!owner.split('/').every(isPlain))
    throw wrong(text, `the owner ${quoted(owner)} is not one: ${plainRule}`)
}

function checkName(text: string, name: string, glob: boolean): void {
  if (!glob) {
    if (!isPlain(name)) throw wrong(text, `the name ${quoted(name)} is not one: ${plainRule}`)
    return
  }
  if (!/^[A-Za-z0-9._*?[\]{},!()@+^|-]{1,200}$/.test(name))
    throw wrong(text, `the glob ${quoted(name)} holds characters that no name has`)
  const problem = globProblem(name)
  if (problem !== undefined) throw wrong(text, problem)
}

const plainRule =
  'letters, digits, dots, dashes and underscores, at most 96; no dot or dash at its start, no dot, .git or .lock at its end, no two dots together'

/**
 * What reaches paths, URLs and git arguments: no leading dash or dot, nothing that means "up", no suffix that git or a hub reads
 * otherwise. Looser than any hub's own rule (a profile's `nameProblem`), which the plan tests for the hub in question.
 */
function isPlain(word: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,95}$/.test(word) && !/\.\.|\.$|\.git$|\.lock$/i.test(word)
}

/** As the user wrote it, without what may be a secret in an address. */
function quoted(text: string): string {
  const safe = text.includes('//') ? text.replace(/\/\/[^/?#]*@/, '//***@').replace(/\?.*$/s, '?***') : text
  return JSON.stringify(printable(safe.slice(0, 100)))
}

function wrong(text: string, why: string): SyncError {
  return new SyncError('usage', `${quoted(text)}: ${why}`, {
    next: 'Write hub:owner/name, hub:owner, or dir:./path; all forms: docs/configuration.md.',
  })
}
