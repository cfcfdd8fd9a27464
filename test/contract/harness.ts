import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HubSettings } from '../../src/config/rule.ts'
import type { Context } from '../../src/context.ts'
import type { GitAccess } from '../../src/git/git-environment.ts'
import { hubCredentials } from '../../src/hubs/create-hub-http.ts'
import type { Hub } from '../../src/hubs/hub.ts'
import { createHub } from '../../src/hubs/index.ts'
import type { RepoRef, RepoType } from '../../src/model/repo.ts'
import { createHubRepo } from '../../src/repos/hub-repo.ts'
import type { Repo } from '../../src/repos/repo.ts'
import type { StandIn } from '../stand-ins/core/stand-in.ts'
import { settingsOf, testContext } from '../unit/hubs/settings.ts'

/** Ways that a hub may have besides git and LFS, and that the engine does without where they are missing. */
export const fastPaths = [
  'findRepo',
  'resolveRevision',
  'listFiles',
  'openFile',
  'commit',
  'history',
] as const
export type FastPath = (typeof fastPaths)[number]

/** What is seeded: plain bytes, or an LFS object. */
export type Seeds = Readonly<Record<string, Buffer | { readonly lfs: Buffer }>>

export interface Seed {
  readonly private?: boolean
  readonly gated?: boolean
}

/** A file as the hub itself keeps it, seen past its API. */
export interface Kept {
  readonly size: number
  readonly sha256: string
  readonly lfs: boolean
}

/** `nobody` has no token. */
export type Role = 'writer' | 'reader' | 'nobody'

/** A hub of this harness, running. */
export interface RunningHub {
  readonly context: Context
  /** The hub as this role sees it; undefined for a folder, which is none. */
  hub(role?: Role): Hub | undefined
  /** A repo of the owner that the writer may write for, with these ways taken away. Every call is a new value. */
  repo(type: RepoType, name: string, role?: Role, without?: readonly FastPath[]): Repo
  /** Makes the repo if it is absent, and a commit. Answers the head. */
  seed(type: RepoType, name: string, files: Seeds, how?: Seed): Promise<string>
  kept(type: RepoType, name: string): Promise<ReadonlyMap<string, Kept>>
  close(): Promise<void>
}

/** How the suite meets one hub, and what this hub cannot do by its nature: each such fact stands in docs/hubs.md. */
export interface HubHarness {
  start(): Promise<RunningHub>
  /** Those of its ways that git can do without; none where there is no git behind it. */
  readonly optional: readonly FastPath[]
  /** What somebody without a token is told of a private repo: that it may not, or that there is none; or everybody here is its owner. */
  readonly hidden: 'refused' | 'absent' | 'open'
  readonly creation: Repo['creation']
  readonly gates: boolean
  /** False: whoever may look may write. */
  readonly tellsRoles: boolean
  /** Repos of an owner that are more than a page of its listing; 0: it lists none. */
  readonly listed: number
  /** Files that are more than a page of a listing, or as many as make a listing without pages work. */
  readonly manyFiles: number
  /** Whether its stand-in asks to slow down, for repos called `fault-429`. */
  readonly slowsDown: boolean
  /** Names it takes at the edge of its rules, and names beyond them. */
  readonly names: { readonly taken: readonly string[]; readonly refused: readonly string[] }
  /** Sizes of text files at its bounds, and how it keeps each. */
  readonly sizes: readonly { readonly size: number; readonly lfs: boolean }[]
}

/** A folder of the run's own and a clock that skips waits. */
export async function contractContext(): Promise<Context> {
  return { ...testContext(), workDir: await mkdtemp(join(tmpdir(), 'mhs-contract-')) }
}

/** A stand-in with the hub that talks to it, for each role. `type` names the folder of `src/hubs`. */
export async function runStandIn<Server extends StandIn>(
  type: HubSettings['type'],
  starting: Promise<Server>,
): Promise<RunningHub> {
  const [standIn, context] = await Promise.all([starting, contractContext()])
  const tokens = { writer: standIn.token, reader: standIn.readToken, nobody: undefined }
  const settings = (role: Role) => {
    const token = tokens[role]
    return settingsOf(type, standIn.endpoint, token === undefined ? {} : { token })
  }
  const hubs = {
    writer: createHub(context, settings('writer')),
    reader: createHub(context, settings('reader')),
    nobody: createHub(context, settings('nobody')),
  }
  const owner = standIn.username
  return {
    context,
    hub: (role = 'writer') => hubs[role],
    repo: (kind, name, role = 'writer', missing = []) => {
      const ref: RepoRef = { hub: type, type: kind, owner, name }
      const hub = without(hubs[role], missing)
      return createHubRepo(context, hub, ref, (at) => accessTo(hub, settings(role), at), 'auto')
    },
    seed: (kind, name, files, how = {}) => standIn.seed({ type: kind, owner, name, files, ...how }),
    kept: (kind, name) => standIn.files({ type: kind, owner, name }),
    close: async () => {
      await standIn.close()
      await rm(context.workDir, { recursive: true, force: true })
    },
  }
}

function accessTo(hub: Hub, settings: HubSettings, ref: RepoRef): GitAccess {
  const { gitUrl } = hub.remote(ref)
  const authorization = hubCredentials(settings, hub.profile).headersFor(new URL(gitUrl), 'git')
  return { url: gitUrl, authorization, insecureHttp: false }
}

/** The hub as if it had never had these ways. */
export function without(hub: Hub, paths: readonly FastPath[]): Hub {
  return { ...hub, ...Object.fromEntries(paths.map((path) => [path, undefined])) }
}
