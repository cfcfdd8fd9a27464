import type { Context } from '../../src/context.ts'
import type { Hub } from '../../src/hubs/hub.ts'
import { SyncError } from '../../src/model/errors.ts'
import { formatRepo, type RepoRef } from '../../src/model/repo.ts'
import { retry } from '../../src/net/retry.ts'
import { createHubRepo } from '../../src/repos/hub-repo.ts'
import type { Hubs } from '../../src/repos/hubs.ts'
import type { Repo } from '../../src/repos/repo.ts'
import { createMemoryHub } from '../contract/memory-hub.ts'
import type { Traffic, Weather } from './weather.ts'
import { type HubName, hubNames, type World } from './world.ts'

/** What the hubs of a year tell who watches them. */
export interface Watch {
  /** Before a request is answered; throws where who asks is dead. */
  onRequest(): void
  /** After it, when the answer is on its way. */
  onAnswer(): void
  /** A commit that landed, or a repo that was made, by the engine. */
  onWritten(repo: string): void
  readonly traffic: () => Traffic
}

/** The hubs in memory as a run opens them: what a client retries of real ones is retried, and all that the weather does happens. */
export function openUnrulyHubs(
  context: Context,
  world: World,
  weather: Weather,
  watch: Watch,
  pass: (milliseconds: number) => void,
): Hubs {
  const parts = { context, world, weather, watch, pass }
  const hubs = new Map<string, Hub>(hubNames.map((name) => [name, unrulyHub(name, parts)]))
  const repos = new Map<string, Repo>()
  const hub = (id: string): Hub => {
    const found = hubs.get(id)
    if (found === undefined) throw new SyncError('config', `There is no hub called ${id}.`)
    return found
  }
  const repo = (ref: RepoRef): Repo => {
    const key = formatRepo(ref)
    const opened = repos.get(key) ?? createHubRepo(context, hub(ref.hub), ref, noGit, 'auto')
    repos.set(key, opened)
    return opened
  }
  return {
    hub: (id) => ({ ...hub(id), findRepo: (ref) => repo(ref).info() }),
    repo,
    identity: async (id) => hub(id).whoAmI?.(),
    hasToken: () => true,
    reach: async (id) => id,
  }
}

function noGit(): never {
  throw new Error('there is no git behind a hub in memory')
}

interface Parts {
  readonly context: Context
  readonly world: World
  readonly weather: Weather
  readonly watch: Watch
  readonly pass: (milliseconds: number) => void
}

type MemoryHub = ReturnType<typeof createMemoryHub>

function unrulyHub(name: HubName, parts: Parts): Hub {
  const { world, watch } = parts
  // As Hugging Face tells head and access at once; as ModelScope, which takes a commit on any head.
  const profile = { infoHead: true as const, compareAndSwap: name !== 'modelscope' }
  const hub = createMemoryHub(world.stores[name], { id: name, profile })
  const ask = asking(name, parts)
  const read = <T>(label: string, ref: RepoRef, act: () => Promise<T>) =>
    retry(parts.context, () => ask(act, ref), { label: `${label} ${formatRepo(ref)}` })
  return {
    ...hub,
    // Each is a site of its own.
    remote: ({ owner, name: repo }) => {
      const gitUrl = `https://${name}.invalid/${owner}/${repo}.git`
      return { gitUrl, lfsUrl: `${gitUrl}/info/lfs` }
    },
    findRepo: (ref) => read('look up', ref, () => hub.findRepo(ref)),
    resolveRevision: (ref, revision) => read('resolve', ref, () => hub.resolveRevision(ref, revision)),
    history: (ref, branch, limit) => read('history of', ref, () => hub.history(ref, branch, limit)),
    listRepos: (owner, type) => pagesOf(name, parts, () => hub.listRepos(owner, type)),
    async *listFiles(at) {
      yield* await read('list', at.repo, () => allOf(hub.listFiles(at)))
    },
    openFile: (at, file, range) => ask(() => hub.openFile(at, file, range), at.repo),
    whoAmI: () => retry(parts.context, () => ask(() => hub.whoAmI()), { label: `whoami ${name}` }),
    createRepo: (ref, wanted) => ask(() => create(hub, ref, wanted, watch), ref),
    commit: (ref, commit) =>
      ask(async () => {
        const id = await hub.commit(ref, commit)
        world.remember(formatRepo(ref))
        watch.onWritten(formatRepo(ref))
        return id
      }, ref).then((id) => answered(name, parts, id)),
    http: unrulyHttp(hub, parts, ask),
  }
}

async function create(
  hub: MemoryHub,
  ...[ref, wanted, watch]: [...Parameters<MemoryHub['createRepo']>, Watch]
) {
  const info = await hub.createRepo(ref, wanted)
  watch.onWritten(formatRepo(ref))
  return info
}

function answered(name: HubName, { weather, watch }: Parts, id: string): string {
  if (!takeOne(weather, 'lostAnswers', name)) return id
  watch.traffic().failed += 1
  throw new SyncError('network', `${name} closed the connection.`)
}

function unrulyHttp(hub: MemoryHub, { context }: Parts, ask: Ask): Hub['http'] {
  const { http } = hub
  return {
    send: (request) => retry(context, () => ask(() => http.send(request)), { label: 'lfs batch' }),
    pages: http.pages,
    open: (request) => ask(() => http.open(request)),
    put: (request) => ask(() => http.put(request)),
  }
}

/** One request and its answer, in the weather of the moment. */
type Ask = <T>(act: () => Promise<T>, ref?: RepoRef) => Promise<T>

function asking(name: HubName, { weather, watch, pass }: Parts): Ask {
  return async (act, ref) => {
    watch.onRequest()
    const traffic = watch.traffic()
    traffic.all += 1
    if (ref !== undefined) {
      const repo = formatRepo(ref)
      traffic.byRepo.set(repo, (traffic.byRepo.get(repo) ?? 0) + 1)
    }
    pass(weather.slow.get(name) ?? 20)
    try {
      assertUp(name, weather)
      const answer = await act()
      watch.onAnswer()
      return answer
    } catch (thrown) {
      traffic.failed += 1
      throw thrown
    }
  }
}

function assertUp(name: HubName, weather: Weather): void {
  const code = weather.down.get(name)
  if (code !== undefined) throw new SyncError(code, `${name} is down.`)
  if (takeOne(weather, 'limited', name))
    throw new SyncError('rate-limited', `${name} asks to slow down.`, { retryAfter: 30 })
}

function takeOne(weather: Weather, what: 'limited' | 'lostAnswers', name: HubName): boolean {
  const count = weather[what].get(name) ?? 0
  if (count === 0) return false
  weather[what].set(name, count - 1)
  weather.changes += 1
  return true
}

/** Two pages, each a request that is retried. */
async function* pagesOf<T>(name: HubName, parts: Parts, rows: () => AsyncIterable<T>): AsyncGenerator<T> {
  const { context, weather } = parts
  const ask = asking(name, parts)
  const page = (number: 1 | 2) =>
    retry(
      context,
      () =>
        ask(async () => {
          if (number === 2 && weather.brokenPages.has(name))
            throw new SyncError('unavailable', `${name} lost page 2.`)
          const all = await allOf(rows())
          const half = Math.ceil(all.length / 2)
          return number === 1 ? all.slice(0, half) : all.slice(half)
        }),
      { label: `page ${number} of ${name}` },
    )
  yield* await page(1)
  yield* await page(2)
}

async function allOf<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const row of rows) all.push(row)
  return all
}
