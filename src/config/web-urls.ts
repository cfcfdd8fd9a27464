import type { HubType } from '../model/profile.ts'
import type { RepoType } from '../model/repo.ts'
import { type AdHocHub, adHocHub } from './ad-hoc-hubs.ts'

/** What an address for people or for git says: a repo or owner, something wrong, or that it is no address at all. */
export type WebUrl =
  | {
      readonly kind: 'repo'
      readonly hub: string
      /** Set where no known hub is there: the address itself says where the hub is. */
      readonly endpoint: string | undefined
      readonly type: RepoType | 'space' | undefined
      readonly owner: string
      readonly name: string | undefined
    }
  | { readonly kind: 'wrong'; readonly why: string }
  | { readonly kind: 'none' }

/** Which hubs there are, as far as addresses go. */
export interface Places {
  /** Hub id by host (with port, where there is one), and by host and path where a hub lies below one. */
  readonly hosts: ReadonlyMap<string, string>
  readonly types: ReadonlyMap<string, HubType>
}

/** Words before owner and name, and what they say of the repo. */
export const repoKinds: ReadonlyMap<string, RepoType | 'space'> = new Map([
  ['models', 'model'],
  ['datasets', 'dataset'],
  ['spaces', 'space'],
  ['studios', 'space'],
])

/**
 * Reads an address of a repo's page or clone, with or without `https://`: huggingface.co/owner/name,
 * huggingface.co/datasets/owner/name, modelscope.cn/models/owner/name, github.com/owner/name.git, each page with `/tree/main` and the
 * like behind it. On a host that is no known hub's, only a whole clone address (`https://…/name.git`) is one.
 */
export function parseWebUrl(text: string, places: Places): WebUrl {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/is.exec(text) ?? []
  const [host = '', ...words] = rest.replace(/[?#].*$/s, '').split('/')
  if (scheme === undefined) {
    const place = words.length === 0 ? undefined : placeOf(host, words, places.hosts)
    return place === undefined ? { kind: 'none' } : repoAt(place, places.types)
  }
  if (!/^https?:\/\/$/i.test(scheme)) return wrong('is no https address')
  if (host.includes('@')) return wrong('an address may not hold a user name or token')
  const place = placeOf(withoutPort(scheme, host), words, places.hosts)
  if (place !== undefined) return repoAt(place, places.types)
  if (!/\.git\/?$/.test(words.join('/'))) {
    const known = [...places.hosts.keys()].join(', ')
    return wrong(
      `is no address of a known hub (known are ${known}); a repo elsewhere is named by its clone address, which ends in .git`,
    )
  }
  const hub = adHocHub(`${scheme}${host}`)
  return hub.kind === 'wrong' ? hub : cloneOf(hub, words)
}

interface Place {
  readonly hub: string
  readonly words: readonly string[]
}

/** The hub that lies the deepest. */
function placeOf(
  host: string,
  words: readonly string[],
  hosts: ReadonlyMap<string, string>,
): Place | undefined {
  for (let depth = words.length; depth >= 0; depth -= 1) {
    const hub = hosts.get([host.toLowerCase(), ...words.slice(0, depth)].join('/'))
    if (hub !== undefined) return { hub, words: words.slice(depth) }
  }
  return undefined
}

function withoutPort(scheme: string, host: string): string {
  return host.replace(/^https:/i.test(scheme) ? /:443$/ : /:80$/, '')
}

function repoAt({ hub, words }: Place, types: ReadonlyMap<string, HubType>): WebUrl {
  const { type, owner, name, tail } = readers[types.get(hub) ?? 'huggingface'](words)
  if (owner === undefined || owner === '') return wrong('is no address of a repo or owner')
  if (!harmless.some((pattern) => pattern.test(tail.filter((word) => word !== '').join('/'))))
    return wrong(
      'points into a repo: leave out what follows the name, and name another revision by `revision`',
    )
  const bare = name?.replace(/\.git$/, '')
  return { kind: 'repo', hub, endpoint: undefined, type, owner, name: bare === '' ? undefined : bare }
}

/** Tabs of a repo's page, and views of its default branch: they name no other content than the repo itself. */
const harmless = [
  /^$/,
  /^(summary|files|discussions|community|settings|viewer|feedback|models|tree|overview|issues|pulls)$/,
  /^(tree|files|src\/branch)\/(main|master)$/,
]

interface Parts {
  readonly type: RepoType | 'space' | undefined
  readonly owner: string | undefined
  readonly name: string | undefined
  /** What follows the name. */
  readonly tail: readonly string[]
}

/** How the addresses of each kind of hub are made. */
const readers: Readonly<Record<HubType, (words: readonly string[]) => Parts>> = {
  huggingface: typed,
  modelscope: typed,
  modelers: typed,
  gitcode: untyped,
  github: untyped,
  git: grouped,
}

function typed(words: readonly string[]): Parts {
  const type = repoKinds.get(words[0] ?? '')
  const [owner, name, ...tail] = type === undefined ? words : words.slice(1)
  return { type, owner, name, tail }
}

function untyped([owner, name, ...tail]: readonly string[]): Parts {
  return { type: typeBeside(owner), owner, name, tail }
}

/** Groups in groups: only `.git`, GitLab's `/-/` or a word of another forge's pages can say where the name ends. */
function grouped(words: readonly string[]): Parts {
  const path = words.at(-1) === '' ? words.slice(0, -1) : words
  const clone = path.findIndex((word) => word.endsWith('.git'))
  const page = path.findIndex((word, at) => at > 1 && /^(-|tree|blob|raw|src|commits?)$/.test(word))
  const end = clone >= 0 ? clone + 1 : page >= 0 ? page : path.length
  const tail = path.slice(path[end] === '-' ? end + 1 : end)
  if (end < 2) return { type: undefined, owner: path[0], name: undefined, tail }
  return {
    type: typeBeside(path[0]),
    owner: path.slice(0, end - 1).join('/'),
    name: path[end - 1],
    tail,
  }
}

/** An owner that is called `datasets` must not be read as the word before one, once it is written down as `hub:owner/name`. */
function typeBeside(owner: string | undefined): 'model' | undefined {
  return repoKinds.has(owner ?? '') ? 'model' : undefined
}

function cloneOf({ hub, endpoint }: AdHocHub, words: readonly string[]): WebUrl {
  const { owner, name } = grouped(words)
  if (name === undefined || owner === undefined) return wrong('names no owner: expected …/owner/name.git')
  return { kind: 'repo', hub, endpoint, type: undefined, owner, name: name.replace(/\.git$/, '') }
}

function wrong(why: string): WebUrl & { kind: 'wrong' } {
  return { kind: 'wrong', why }
}
