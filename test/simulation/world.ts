import { createHash } from 'node:crypto'
import type { NewRepo, RepoRef } from '../../src/model/repo.ts'
import { formatRepo } from '../../src/model/repo.ts'
import {
  createMemoryStore,
  type MemoryCommit,
  type MemoryFile,
  type MemoryRepo,
  type MemoryStore,
} from '../contract/memory-store.ts'

export const hubNames = ['huggingface', 'modelscope', 'modelers'] as const
export type HubName = (typeof hubNames)[number]

/** A repo as `formatRepo` writes it: `huggingface:alice/m-1`. */
export type RepoName = string

/** Texts by path. */
export type Files = Readonly<Record<string, string>>

/** What people do with a repo in one commit; `undefined` deletes. */
export type Edit = Readonly<Record<string, string | undefined>>

/** Three hubs in memory, with what the test remembers of them. */
export interface World {
  readonly stores: Readonly<Record<HubName, MemoryStore>>
  repo(name: RepoName): MemoryRepo | undefined
  /** Undefined: the repo is absent. */
  files(name: RepoName): Files | undefined
  filesOf(name: RepoName, commit: MemoryCommit): Files
  names(hub: HubName, prefix: string): RepoName[]
  /** A commit of a person; makes the repo if it is absent. */
  edit(name: RepoName, edit: Edit): void
  /** Who may read it from now on. */
  show(name: RepoName, how: 'open' | 'private' | 'gated'): void
  isOpen(name: RepoName): boolean
  /** Whether everybody could read it at some time since then. */
  wasOpenSince(name: RepoName, time: number): boolean
  /** Whether a path had this text there at any time. */
  everHad(name: RepoName, path: string, text: string): boolean
  /** Notes what a commit has brought, whoever made it. */
  remember(name: RepoName): void
}

/** `now`: the time that has really passed. */
export function createWorld(now: () => number): World {
  const stores = {
    huggingface: createMemoryStore(),
    modelscope: createMemoryStore(),
    modelers: createMemoryStore(),
  }
  const had = new Map<RepoName, Set<string>>()
  const closedAt = new Map<RepoName, number>()
  const repo = (name: RepoName) => stores[hubOf(name)].repos.get(name)
  const filesOf = (name: RepoName, commit: MemoryCommit): Files => {
    const { objects } = stores[hubOf(name)]
    const rows = [...commit.files].map(([path, file]) => [path, textOf(objects, file)] as const)
    return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  const files = (name: RepoName) => {
    const head = repo(name)?.commits[0]
    return head === undefined ? undefined : filesOf(name, head)
  }
  const isOpen = (name: RepoName) => {
    const { visibility, gated } = repo(name) ?? {}
    return visibility === 'public' && !gated
  }
  const remember = (name: RepoName) => {
    const all = had.get(name) ?? new Set()
    had.set(name, all)
    for (const [path, text] of Object.entries(files(name) ?? {})) all.add(`${path}: ${text}`)
  }
  return {
    stores,
    repo,
    files,
    filesOf,
    names: (hub, prefix) => [...stores[hub].repos.keys()].filter((name) => name.startsWith(prefix)).sort(),
    edit(name, edit) {
      commitEdit(stores[hubOf(name)], name, edit)
      remember(name)
    },
    show(name, how) {
      const there = repo(name)
      if (there === undefined) return
      if (isOpen(name) && how !== 'open') closedAt.set(name, now())
      const visibility = how === 'private' ? 'private' : 'public'
      stores[hubOf(name)].repos.set(name, { ...there, visibility, gated: how === 'gated' })
    },
    isOpen,
    wasOpenSince: (name, time) => isOpen(name) || (closedAt.get(name) ?? Number.NEGATIVE_INFINITY) >= time,
    everHad: (name, path, text) => had.get(name)?.has(`${path}: ${text}`) === true,
    remember,
  }
}

export function hubOf(name: RepoName): HubName {
  const hub = hubNames.find((one) => name.startsWith(`${one}:`))
  if (hub === undefined) throw new Error(`no hub has ${name}`)
  return hub
}

/** `m-1` of `huggingface:alice/m-1`. */
export function shortName(name: RepoName): string {
  return name.slice(name.indexOf('/') + 1)
}

function refOf(name: RepoName): RepoRef {
  const [hub = '', path = ''] = name.split(':')
  const [owner = '', own = ''] = path.split('/')
  return { hub, type: 'model', owner, name: own }
}

function textOf(objects: ReadonlyMap<string, Buffer>, file: MemoryFile): string {
  const content = Buffer.isBuffer(file) ? file : objects.get(file.oid)
  if (content === undefined) throw new Error('a pointer without its object')
  return content.toString()
}

/** Files whose names end in `.bin` are LFS objects. */
function commitEdit(store: MemoryStore, name: RepoName, edit: Edit): void {
  const visibility: NewRepo['visibility'] = 'public'
  const repo = store.repos.get(name) ?? { ref: refOf(name), visibility, gated: false, commits: [] }
  if (formatRepo(repo.ref) !== name) throw new Error(`${name} is written in another way`)
  store.repos.set(name, repo)
  const files = new Map(repo.commits[0]?.files)
  for (const [path, text] of Object.entries(edit)) {
    if (text === undefined) files.delete(path)
    else files.set(path, path.endsWith('.bin') ? keptObject(store, text) : Buffer.from(text))
  }
  const id = createHash('sha1')
    .update(`${name} ${repo.commits.length} ${JSON.stringify(edit)}`)
    .digest('hex')
  repo.commits.unshift({ id, message: 'By hand', files })
}

function keptObject(store: MemoryStore, text: string): MemoryFile {
  const content = Buffer.from(text)
  const oid = createHash('sha256').update(content).digest('hex')
  store.objects.set(oid, content)
  return { oid, size: content.length }
}
