import { blobOf, filesAt } from '../core/files.ts'
import { type Account, fullName, headOf, type StoredRepo } from '../core/store.ts'
import { type Hub, type RepoName, toRead, visibilities } from './hub.ts'
import { type JsonAnswer, ok, openFailed, openOk } from './wire.ts'

/** `GET /api/v1/{type}s/{owner}/{name}`. */
export async function repoInfo(
  hub: Hub,
  account: Account | undefined,
  wanted: RepoName,
): Promise<JsonAnswer> {
  const access = toRead(hub, account, wanted)
  if (access.kind === 'denied') return access.answer
  return ok({ ...legacyItem(access.repo), ReadMeContent: await readmeOf(hub, access.repo) })
}

/** `GET /openapi/v1/{type}s/{owner}/{name}`. */
export async function openRepoInfo(
  hub: Hub,
  account: Account | undefined,
  wanted: RepoName,
): Promise<JsonAnswer> {
  const access = toRead(hub, account, wanted)
  if (access.kind === 'denied') return openFailed(404, 'ResourceNotFound', `${fullName(wanted)} not found`)
  return openOk({ ...openItem(access.repo), readme: await readmeOf(hub, access.repo) })
}

/** A repo in the words of `/api/v1`. */
export function legacyItem(repo: StoredRepo): Record<string, unknown> {
  return {
    Id: repo.number,
    Path: repo.owner,
    ...(repo.type === 'dataset' ? { Namespace: repo.owner, Type: 1 } : {}),
    Name: repo.name,
    ChineseName: repo.details.get('ChineseName') ?? '',
    Visibility: visibilities[repo.visibility],
    ProtectedMode: repo.gated ? 1 : 2,
    ApprovalMode: 1,
    License: repo.details.get('License') ?? '',
    Description: repo.details.get('Description') ?? '',
    Downloads: 0,
    Stars: 0,
    Tasks: [],
    CreatedTime: seconds(repo.createdAt),
    LastUpdatedTime: seconds(repo.updatedAt),
    Organization: null,
    IsAccessible: 1,
    IsPublished: 1,
    IsOnline: 1,
    Revision: 'master',
  }
}

/** A repo in the words of `/openapi/v1`. */
export function openItem(repo: StoredRepo): Record<string, unknown> {
  const license = repo.details.get('License') ?? ''
  return {
    id: fullName(repo),
    display_name: repo.details.get('ChineseName') || repo.name,
    description: repo.details.get('Description') ?? '',
    downloads: 0,
    likes: 0,
    license,
    tasks: [],
    tags: license ? [`license:${license}`] : [],
    created_at: repo.createdAt.toISOString(),
    last_modified: repo.updatedAt.toISOString(),
    file_size: 0,
    params: 0,
    private: repo.visibility !== 'public',
    gated: repo.gated !== false,
    login_required: false,
  }
}

async function readmeOf(hub: Hub, repo: StoredRepo): Promise<string> {
  const head = await headOf(hub.store, repo)
  const readme = head && (await filesAt(hub.cache, repo, head)).get('README.md')
  return readme ? (await blobOf(hub.cache, repo, readme.oid)).toString('utf8') : ''
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}
