import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HubSettings } from '../config/rule.ts'
import type { Context } from '../context.ts'
import { hubCredentials } from '../hubs/create-hub-http.ts'
import type { Hub } from '../hubs/hub.ts'
import { createHub } from '../hubs/index.ts'
import { SyncError } from '../model/errors.ts'
import { folderHub, formatRepo, type Identity, type RepoRef } from '../model/repo.ts'
import { createHubRepo } from './hub-repo.ts'
import { localProfile } from './local-profile.ts'
import { createLocalRepo } from './local-repo.ts'
import { folderPath } from './real-folder.ts'
import type { Repo } from './repo.ts'

/** What planning asks of a hub itself. Local folders have one too, which lists nothing. */
export type RepoFinder = Pick<Hub, 'id' | 'profile' | 'findRepo' | 'listRepos'>

/** The hubs of a run, each opened once, and their repos. */
export interface Hubs {
  /** Throws `config` for an id that the configuration does not know. */
  hub(id: string): RepoFinder
  /** One value per repo, so that what it has listed is remembered. A local folder's path starts at the working directory. */
  repo(ref: RepoRef): Repo
  /** Who the token of a hub belongs to, asked once; undefined if the hub cannot say, or needs none. Throws `unauthorized` without a good token. */
  identity(id: string): Promise<Identity | undefined>
}

/** Opens hubs and repos as they are asked for; sends nothing by itself. Certificates for git are written into the work folder. */
export async function openHubs(context: Context, settings: ReadonlyMap<string, HubSettings>): Promise<Hubs> {
  const caFiles = await writeCaFiles(context, settings)
  const hubs = new Map<string, Hub>()
  const repos = new Map<string, Repo>()
  const identities = new Map<string, Promise<Identity | undefined>>()
  const settingsOf = (id: string) => known(settings, id)
  const hub = (id: string) => once(hubs, id, () => createHub(context, settingsOf(id)))
  const folder = (ref: RepoRef) =>
    // Its name tells no type, and the repo's own `ref` does.
    once(repos, `${formatRepo(ref)} ${ref.type}`, () => createLocalRepo(context, ref, folderPath(ref)))
  const repo = (ref: RepoRef) =>
    ref.hub === folderHub
      ? folder(ref)
      : once(repos, formatRepo(ref), () =>
          openRepo(context, hub(ref.hub), settingsOf(ref.hub), caFiles.get(ref.hub), ref),
        )
  return {
    hub: (id) => (id === folderHub ? folderFinder(repo) : hub(id)),
    repo,
    identity: async (id) =>
      id === folderHub ? undefined : once(identities, id, () => identityOf(hub(id), settingsOf(id))),
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

function known(settings: ReadonlyMap<string, HubSettings>, id: string): HubSettings {
  const found = settings.get(id)
  if (found !== undefined) return found
  throw new SyncError('config', `There is no hub called ${id}.`, {
    next: `Known are ${[...settings.keys()].join(', ')}.`,
  })
}

function openRepo(
  context: Context,
  hub: Hub,
  settings: HubSettings,
  caFile: string | undefined,
  ref: RepoRef,
): Repo {
  const { gitUrl } = hub.remote(ref)
  const authorization = hubCredentials(settings, hub.profile).headersFor(new URL(gitUrl), 'git')
  return createHubRepo(context, hub, ref, {
    url: gitUrl,
    authorization,
    ...(caFile !== undefined && { caFile }),
    insecureHttp: settings.insecureHttp,
  })
}

async function identityOf(hub: Hub, settings: HubSettings): Promise<Identity | undefined> {
  if (settings.token === undefined) {
    throw new SyncError('unauthorized', `There is no token for ${hub.id}.`, {
      next: `Set ${settings.tokenVariable}, or token: in the configuration.`,
    })
  }
  return hub.whoAmI?.()
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
