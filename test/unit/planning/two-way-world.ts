import { createHash } from 'node:crypto'
import type { Rule } from '../../../src/config/rule.ts'
import type { Context } from '../../../src/context.ts'
import type { Hub } from '../../../src/hubs/hub.ts'
import { SyncError } from '../../../src/model/errors.ts'
import type { LfsObject } from '../../../src/model/file.ts'
import { formatRepo, type RepoRef } from '../../../src/model/repo.ts'
import type { Outcome } from '../../../src/model/report.ts'
import { deriveBoth } from '../../../src/planning/derive-both.ts'
import { deriveRest } from '../../../src/planning/derive-rest.ts'
import type { DerivedPair } from '../../../src/planning/derived.ts'
import { createFirstWriter } from '../../../src/planning/first-writer.ts'
import { createHubRepo } from '../../../src/repos/hub-repo.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import { runJob } from '../../../src/sync/run-job.ts'
import { besideGit } from '../../contract/beside-git.ts'
import { ruleBetween } from '../../contract/bring.ts'
import { createMemoryHub } from '../../contract/memory-hub.ts'
import {
  createMemoryStore,
  type MemoryCommit,
  type MemoryFile,
  type MemoryStore,
} from '../../contract/memory-store.ts'
import { testContext } from '../hubs/settings.ts'

export type Name = 'a' | 'b' | 'c'

/** What people do with a repo in one commit; `undefined` deletes. */
export type Edit = Readonly<Record<string, string | undefined>>

/** What happens at the n-th call of a run, counted from 1 over all hubs; `call`: only those of this name count. */
export interface Incident {
  readonly at: number
  readonly call?: 'commit'
  /** The machine is gone before the call, or after it, when its answer is lost; or somebody writes in that moment. */
  readonly what: 'dies-before' | 'dies-after' | (() => void)
}

/** A pair as one run left it. */
export interface Ended {
  readonly kind: DerivedPair['kind'] | 'threw'
  readonly outcomes: readonly Outcome[]
  readonly derived?: DerivedPair
}

export interface World {
  edit(name: Name, edit: Edit): void
  /** Text of every file by path; undefined: the repo is absent. */
  files(name: Name): Readonly<Record<string, string>> | undefined
  commits(name: Name): readonly MemoryCommit[]
  textOf(name: Name, file: MemoryFile): string
  /** One run over these rules, each a pair, as `run` does it: compare all, then write. */
  run(pairs: readonly Pairing[], incident?: Incident): Promise<readonly Ended[]>
}

export interface Pairing {
  readonly ends: readonly [Name, Name]
  readonly rule?: Partial<Rule>
}

/** Digests that hubs list of plain files; of one that is not named, both. */
export type Lists = Partial<Record<Name, 'sha256' | 'gitBlob'>>

/**
 * Three hubs in memory with one repo each. Files whose names end in `.bin` are LFS objects. `withoutSwap`: hubs whose API takes a
 * commit on any head, and which have git beside it.
 */
export function createWorld(withoutSwap: readonly Name[] = [], lists: Lists = {}): World {
  const stores = { a: createMemoryStore(), b: createMemoryStore(), c: createMemoryStore() }
  const repoOf = (name: Name) => stores[name].repos.get(formatRepo(refOf(name)))
  const textOf = (name: Name, file: MemoryFile) => contentOf(stores[name], file)
  let runs = 0
  return {
    edit: (name, edit) => commitEdit(stores[name], refOf(name), edit),
    files: (name) => {
      const repo = repoOf(name)
      if (repo === undefined) return undefined
      const files = [...(repo.commits[0]?.files ?? [])].sort(([x], [y]) => (x < y ? -1 : 1))
      return Object.fromEntries(files.map(([path, file]) => [path, textOf(name, file)]))
    },
    commits: (name) => repoOf(name)?.commits ?? [],
    textOf,
    run: (pairs, incident) => {
      runs += 1
      return oneRun(`run-${runs}`, { stores, withoutSwap, lists }, pairs, incident)
    },
  }
}

function refOf(name: Name): RepoRef {
  return { hub: name, type: 'model', owner: 'alice', name: 'x' }
}

interface HubsOfWorld {
  readonly stores: Readonly<Record<Name, MemoryStore>>
  readonly withoutSwap: readonly Name[]
  readonly lists: Lists
}

async function oneRun(
  runId: string,
  hubs: HubsOfWorld,
  pairs: readonly Pairing[],
  incident: Incident | undefined,
): Promise<Ended[]> {
  const context = testContext()
  const watch = createWatch(incident)
  const repos = {
    a: repoAt(context, hubs, 'a', watch),
    b: repoAt(context, hubs, 'b', watch),
    c: repoAt(context, hubs, 'c', watch),
  }
  const isTaken = createFirstWriter()
  const planned: { derived: DerivedPair | undefined }[] = []
  for (const { ends, rule } of pairs) {
    const [source, target] = [repos[ends[0]], repos[ends[1]]]
    const whole: Rule = {
      ...ruleBetween(source, target),
      direction: 'two-way',
      name: ends.join('-'),
      ...rule,
    }
    const others = (['a', 'b', 'c'] as const)
      .filter((name) => !ends.includes(name) && pairs.some((one) => one.ends.includes(name)))
      .map((name) => repos[name])
    const derived = await deriveBoth({ rule: whole, source, target, others }).catch((thrown: unknown) => {
      if (thrown instanceof SyncError) return undefined
      throw thrown
    })
    const isSecond = derived?.kind === 'works' && isTaken(derived) !== undefined
    planned.push({ derived: isSecond ? { kind: 'skipped', reason: 'written by another rule' } : derived })
  }
  const works = planned.flatMap(({ derived }) => (derived?.kind === 'works' ? derived.works : []))
  const order = { job: '1', attempt: 1, works, refused: [], deriveRest }
  const { items } = await runJob(context, order, { runId, version: '0.0.0' })
  return planned.map(({ derived }) => {
    const ids = derived?.kind === 'works' ? derived.works.map(({ id }) => id) : []
    const outcomes = items.filter(({ id }) => ids.includes(id)).map(({ outcome }) => outcome)
    return { kind: derived?.kind ?? 'threw', outcomes, ...(derived && { derived }) }
  })
}

interface Watch {
  before(call: string): void
  after(): void
}

function createWatch(incident: Incident | undefined): Watch {
  let calls = 0
  let isDead = false
  const gone = () => new SyncError('stopped', 'The machine is gone.')
  return {
    before(call) {
      if (isDead) throw gone()
      if (incident?.call !== undefined && incident.call !== call) return
      calls += 1
      if (calls !== incident?.at) return
      if (incident.what === 'dies-before') isDead = true
      else if (incident.what !== 'dies-after') incident.what()
      if (isDead) throw gone()
    },
    after() {
      if (calls === incident?.at && incident.what === 'dies-after') isDead = true
      if (isDead) throw gone()
    },
  }
}

function repoAt(context: Context, { stores, ...hubs }: HubsOfWorld, name: Name, watch: Watch): Repo {
  const compareAndSwap = !hubs.withoutSwap.includes(name)
  const lists = hubs.lists[name]
  const options = { id: name, profile: { compareAndSwap }, ...(lists && { lists }) }
  const hub = watched(createMemoryHub(stores[name], options), watch)
  const noGit = () => {
    throw new Error('there is no git behind a hub in memory')
  }
  const http = watched(hub.http, watch)
  const repo = createHubRepo(context, { ...hub, http }, refOf(name), noGit, 'auto')
  if (compareAndSwap) return repo
  const git = watched(createMemoryHub(stores[name], { id: name }), watch)
  return besideGit(context, hub, repo, (commit) => git.commit(refOf(name), commit))
}

/** Every call that is answered by a promise is seen twice: when it is made, and when its answer comes. */
function watched<T extends Hub | Hub['http']>(hub: T, watch: Watch): T {
  const wrapped = Object.entries(hub).map(([key, value]) => {
    if (typeof value !== 'function') return [key, value] as const
    return [
      key,
      (...args: readonly unknown[]) => {
        if (!isAsked.has(key)) return Reflect.apply(value, hub, args)
        watch.before(key)
        const answer: unknown = Reflect.apply(value, hub, args)
        if (!(answer instanceof Promise)) return answer
        return answer.then((result: unknown) => {
          watch.after()
          return result
        })
      },
    ] as const
  })
  return { ...hub, ...Object.fromEntries(wrapped) }
}

/** Those that a hub would have to answer over a network. */
const isAsked: ReadonlySet<string> = new Set([
  ...['findRepo', 'createRepo', 'resolveRevision', 'listFiles', 'openFile', 'commit', 'history', 'whoAmI'],
  ...['send', 'open', 'put'],
])

function contentOf(store: MemoryStore, file: MemoryFile): string {
  if (Buffer.isBuffer(file)) return file.toString()
  const content = store.objects.get(file.oid)
  if (content === undefined) throw new Error(`a pointer without its object: ${file.oid}`)
  return content.toString()
}

function commitEdit(store: MemoryStore, ref: RepoRef, edit: Edit): void {
  const key = formatRepo(ref)
  const repo = store.repos.get(key) ?? { ref, visibility: 'public' as const, gated: false, commits: [] }
  store.repos.set(key, repo)
  const files = new Map(repo.commits[0]?.files)
  for (const [path, text] of Object.entries(edit)) {
    if (text === undefined) files.delete(path)
    else files.set(path, path.endsWith('.bin') ? keptObject(store, text) : Buffer.from(text))
  }
  const text = `${key} ${repo.commits.length} ${JSON.stringify(edit)}`
  const id = createHash('sha1').update(text).digest('hex')
  repo.commits.unshift({ id, message: 'By hand', files })
}

function keptObject(store: MemoryStore, text: string): LfsObject {
  const content = Buffer.from(text)
  const oid = createHash('sha256').update(content).digest('hex')
  store.objects.set(oid, content)
  return { oid, size: content.length }
}
