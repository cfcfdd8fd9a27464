import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hubAdvice } from '../config/hub-advice.ts'
import type { HubSettings, Rule } from '../config/rule.ts'
import type { Context } from '../context.ts'
import type { GitAccess } from '../git/git-environment.ts'
import { hubCredentials } from '../hubs/create-hub-http.ts'
import type { Hub } from '../hubs/hub.ts'
import { createHub } from '../hubs/index.ts'
import { asSyncError, SyncError } from '../model/errors.ts'
import { folderHub, formatRepo, type Identity, type RepoInfo, type RepoRef } from '../model/repo.ts'
import { createHubRepo } from './hub-repo.ts'
import { localProfile } from './local-profile.ts'
import { createLocalRepo } from './local-repo.ts'
import { folderPath } from './real-folder.ts'
import type { Repo } from './repo.ts'

/** What planning asks of a hub itself. Local folders have one too, which lists nothing. */
export type RepoFinder = Pick<Hub, 'id' | 'profile' | 'listRepos'> & {
  findRepo(repo: RepoRef): Promise<RepoInfo | undefined>
}

/** The hubs of a run, each opened once, and their repos. */
export interface Hubs {
  /** Throws `config` for an id that the configuration does not know. */
  hub(id: string): RepoFinder
  /** One value per repo, so that what it has listed is remembered. A local folder's path starts at the working directory. */
  repo(ref: RepoRef, transport?: Rule['transport']): Repo
  /** Who the token of a hub belongs to, asked once; undefined if the hub cannot say, or needs none. Throws `unauthorized` without a good token. */
  identity(id: string): Promise<Identity | undefined>
  /** Whether the configuration and the environment have a token for a hub. */
  hasToken(id: string): boolean
  /** Asks the address of a hub for anything, once: returns its host if there is an answer, whatever it says; else throws, `network` if there is none. */
  reach(id: string): Promise<string>
}

/** Opens hubs and repos as they are asked for; sends nothing by itself. Certificates for git are written into the work folder. */
export async function openHubs(context: Context, settings: ReadonlyMap<string, HubSettings>): Promise<Hubs> {
  const caFiles = await writeCaFiles(context, settings)
  const hubs = new Map<string, Hub>()
  const repos = new Map<string, Repo>()
  const identities = new Map<string, Promise<Identity | undefined>>()
  const settingsOf = (id: string) => known(settings, id)
  const hub = (id: string) => once(hubs, id, () => createHub(context, settingsOf(id)))
  const accessOf = (ref: RepoRef) => gitAccess(hub(ref.hub), settingsOf(ref.hub), caFiles.get(ref.hub), ref)
  const folder = (ref: RepoRef) =>
    // Its name tells no type, and the repo's own `ref` does.
    once(repos, `${formatRepo(ref)} ${ref.type}`, () => createLocalRepo(context, ref, folderPath(ref)))
  const repo = (ref: RepoRef, transport: Rule['transport'] = 'auto') =>
    ref.hub === folderHub
      ? folder(ref)
      : once(repos, `${formatRepo(ref)} by ${transport}`, () =>
          createHubRepo(context, hub(ref.hub), ref, accessOf, transport),
        )
  return {
    hub: (id) => (id === folderHub ? folderFinder(repo) : finder(hub(id), repo)),
    repo,
    hasToken: (id) => settingsOf(id).token !== undefined,
    reach: (id) => reach(hub(id), settingsOf(id)),
    identity: async (id) =>
      id === folderHub ? undefined : asked(identities, id, () => identityOf(hub(id), settingsOf(id))),
  }
}

function finder({ id, profile, listRepos }: Hub, repo: Hubs['repo']): RepoFinder {
  return {
    id,
    profile,
    findRepo: (ref) => repo(ref).info(),
    ...(listRepos === undefined ? {} : { listRepos }),
  }
}

function folderFinder(repo: Hubs['repo']): RepoFinder {
  const profile = { ...localProfile, type: 'dir' as const }
  return { id: folderHub, profile, findRepo: (ref) => repo(ref).info() }
}

function once<T>(memory: Map<string, T>, key: string, make: () => T): T {
  const value = memory.get(key) ?? make()
  memory.set(key, value)
  return value
}

/** As `once`, but a failure is no answer, and the next one asks again. Only what is said of the token itself stays said. */
function asked<T>(memory: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const known = memory.get(key)
  if (known !== undefined) return known
  const answer = ask()
  memory.set(key, answer)
  answer.catch((thrown: unknown) => {
    const { code } = asSyncError(thrown)
    if (code !== 'unauthorized' && code !== 'forbidden') memory.delete(key)
  })
  return answer
}

function known(settings: ReadonlyMap<string, HubSettings>, id: string): HubSettings {
  const found = settings.get(id)
  if (found !== undefined) return found
  throw new SyncError('config', `There is no hub called ${id}.`, {
    next: `Known are ${[...settings.keys()].join(', ')}.`,
  })
}

function gitAccess(hub: Hub, settings: HubSettings, caFile: string | undefined, ref: RepoRef): GitAccess {
  const { gitUrl } = hub.remote(ref)
  return {
    url: gitUrl,
    authorization: hubCredentials(settings, hub.profile).headersFor(new URL(gitUrl), 'git'),
    ...(caFile !== undefined && { caFile }),
    insecureHttp: settings.insecureHttp,
    advice: hubAdvice(settings),
  }
}

async function identityOf(hub: Hub, settings: HubSettings): Promise<Identity | undefined> {
  // A host that knows no accounts may take a push from everybody; if not, it says so itself.
  if (hub.whoAmI === undefined) return undefined
  if (settings.token === undefined) {
    throw new SyncError('unauthorized', `There is no token for ${hub.id}.`, {
      next: `Set ${settings.tokenVariable}, or token: in the configuration.`,
    })
  }
  try {
    return await hub.whoAmI()
  } catch (thrown) {
    // Then the token shows what it may when it is used.
    const { code, message, status, next: said } = asSyncError(thrown)
    if (code === 'unsupported') return undefined
    if (code !== 'unauthorized' || said?.includes(settings.tokenVariable)) throw thrown
    const next = hubAdvice(settings).token
    throw new SyncError(code, message, { ...(status !== undefined && { status }), next, cause: thrown })
  }
}

/** A page of a site, or its word that there is none. */
const anyAnswer: readonly number[] = Array.from({ length: 200 }, (_, index) => 300 + index)

/** Milliseconds; a hub that is well tells who it is at once. */
const patience = 15_000

/** Not retried: whoever asks wants to know how it is now. */
async function reach({ http }: Hub, { endpoint }: HubSettings): Promise<string> {
  const request = { url: endpoint, method: 'HEAD', idempotent: false } as const
  await http.send({ ...request, accept: anyAnswer, headersTimeout: patience })
  return new URL(endpoint).host
}

async function writeCaFiles(
  context: Context,
  settings: ReadonlyMap<string, HubSettings>,
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const { id, ca } of settings.values()) {
    if (ca === undefined) continue
    const file = join(context.workDir, `ca-${files.size}.pem`)
    await writeFile(file, ca, { mode: 0o600 })
    files.set(id, file)
  }
  return files
}
