import { z } from 'zod'
import { isBranchName } from '../../model/branch.ts'
import { asSyncError, SyncError } from '../../model/errors.ts'
import {
  formatRepo,
  type NewRepo,
  type RepoInfo,
  type RepoRef,
  type RepoSummary,
  type RepoType,
  type Visibility,
} from '../../model/repo.ts'
import { createExactly } from '../create-exactly.ts'
import { ofOwner } from '../of-owner.ts'
import { parseName } from '../repo-name.ts'
import { saysAbsent } from './errors.ts'
import { parseV5, throwIfFailed } from './parse-v5.ts'
import { readRows } from './read-rows.ts'
import type { GitCodeSite } from './site.ts'
import { pageUrl, repoUrl } from './urls.ts'

/** 0 and 1 on some calls. */
const flag = z.union([z.boolean(), z.literal(0), z.literal(1)]).nullish()

const repoSchema = z.object({
  full_name: z.string(),
  default_branch: z
    .string()
    .refine((name) => name === '' || isBranchName(name), 'is no branch name')
    .nullish(),
  private: flag,
  public: flag,
  internal: flag,
  visibility: z.unknown().optional(),
  repo_type: z.string().nullish(),
  license: z.unknown().optional(),
  permission: z.object({ push: z.boolean() }).nullish().catch(undefined),
})
type Repo = z.infer<typeof repoSchema>

const rowSchema = repoSchema.pick({ full_name: true, repo_type: true })
type Row = z.infer<typeof rowSchema>

/** The repo of this type; undefined if the hub says that there is none, or has one of the other type: names are one space. */
export async function findRepo(site: GitCodeSite, ref: RepoRef): Promise<RepoInfo | undefined> {
  const repo = await readRepo(site, ref)
  if (repo === undefined || typeOf(repo) !== ref.type) return undefined
  const what = formatRepo(ref)
  const found = { ...ref, ...nameOf(repo.full_name, what) }
  return {
    ref: found,
    visibility: visibilityOf(repo, what),
    // No readers to ask for: the platform knows no such thing.
    gated: false,
    defaultBranch: repo.default_branch || site.profile.defaultBranch,
    ...(typeof repo.license === 'string' && repo.license !== '' ? { license: repo.license } : {}),
    ...(repo.permission?.push === false && { canWrite: false as const }),
    url: pageUrl(site.endpoint, found),
  }
}

async function readRepo(site: GitCodeSite, ref: RepoRef): Promise<Repo | undefined> {
  const answer = await site.v5.send({ url: repoUrl(site.api, ref), accept: [400, 403, 404] })
  return saysAbsent(answer) ? undefined : parseV5(repoSchema, answer, formatRepo(ref))
}

/** A code repo is a model to us: what was made by git or without a type is one, and files are all we look at. */
function typeOf({ repo_type: type }: Row): RepoType | 'space' {
  return type === 'dataset' || type === 'space' ? type : 'model'
}

/** `owner/name`, or `org/namespace/name`. */
function nameOf(fullName: string, what: string): { owner: string; name: string } {
  const parts = fullName.split('/').map((part) => parseName(part, what))
  return { owner: parts.slice(0, -1).join('/'), name: parts.at(-1) ?? '' }
}

/** The only visibility that no field speaks against: none is taken for public because nothing was said. */
function visibilityOf(repo: Repo, what: string): Visibility {
  const all = ['private', 'public', 'internal'] as const
  const said = all.filter((one) => repo[one])
  const left = all.filter(
    (one) =>
      (repo[one] === undefined || repo[one] === null || Boolean(repo[one])) &&
      said.every((other) => other === one) &&
      (typeof repo.visibility !== 'string' || repo.visibility === one),
  )
  const [only, ...others] = left
  if (only !== undefined && others.length === 0) return only
  throw new SyncError('bad-answer', `${what}: the hub does not tell one visibility.`)
}

/** Every repo of the owner, private ones as far as the token sees them. A user's other than the token's shows public ones only. */
export async function* listRepos(
  site: GitCodeSite,
  owner: string,
  type: RepoType,
): AsyncGenerator<RepoSummary> {
  const what = `Repos of ${owner} on ${site.id}`
  const summaryOf = ofOwner(site.id, owner, type)
  for await (const repo of rowsOf(site, owner, type, what)) {
    const found = nameOf(repo.full_name, what)
    const summary = typeOf(repo) === type ? summaryOf(found) : undefined
    if (summary !== undefined) yield summary
  }
}

/** Organisations and users have lists of their own, and only the former knows types (without one it lists code). */
async function* rowsOf(site: GitCodeSite, owner: string, type: RepoType, what: string): AsyncGenerator<Row> {
  const read = (path: string, query: Readonly<Record<string, string>>) =>
    readRows(site, `${site.api}/${path}`, query, rowSchema, what)
  const name = encodeURIComponent(owner)
  if ((await site.login()).toLowerCase() === owner.toLowerCase()) {
    yield* read('user/repos', { repo_type: type })
    return
  }
  try {
    yield* read(`orgs/${name}/repos`, { type: 'all', repo_type: type })
  } catch (thrown) {
    if (asSyncError(thrown).code !== 'not-found') throw thrown
    yield* read(`users/${name}/repos`, {})
  }
}

/** Creates the repo with exactly this visibility; one that exists is never changed. */
export async function createRepo(site: GitCodeSite, ref: RepoRef, wanted: NewRepo): Promise<RepoInfo> {
  return createExactly(
    ref,
    wanted,
    (one) => findRepo(site, one),
    () => create(site, ref, wanted, {}),
  )
}

/** The hub's own import: the repo is there with the answer, its content comes later (seen live: docs/hubs.md). */
export async function importRepo(
  site: GitCodeSite,
  ref: RepoRef,
  cloneUrl: string,
  wanted: NewRepo,
): Promise<RepoInfo> {
  await create(site, ref, wanted, { import_url: cloneUrl })
  return createExactly(
    ref,
    wanted,
    (one) => findRepo(site, one),
    async () => undefined,
  )
}

/** Hubs answered creates with another visibility than asked for, so it is read and corrected: only here, where the repo is ours and empty. */
async function create(site: GitCodeSite, ref: RepoRef, wanted: NewRepo, more: object): Promise<void> {
  const isPrivate = wanted.visibility === 'private'
  const isOwn = (await site.login()).toLowerCase() === ref.owner.toLowerCase()
  const url = isOwn ? `${site.api}/user/repos` : `${site.api}/orgs/${encodeURIComponent(ref.owner)}/repos`
  const json = {
    name: ref.name,
    path: ref.name,
    private: isPrivate,
    // The organisations' route has a word of its own, and takes the other one as well.
    ...(isOwn ? {} : { public: isPrivate ? 0 : 1 }),
    // Without it a repo of code is made, which the model pages do not show.
    repository_type: ref.type,
    auto_init: false,
    ...more,
  }
  try {
    throwIfFailed(await site.v5.send({ url, method: 'POST', json }), formatRepo(ref))
  } catch (thrown) {
    throw (await nameTaken(site, ref, thrown)) ?? thrown
  }
  const made = await readRepo(site, ref)
  if (made === undefined || visibilityOf(made, formatRepo(ref)) === wanted.visibility) return
  const change = { name: ref.name, private: isPrivate }
  throwIfFailed(
    await site.v5.send({ url: repoUrl(site.api, ref), method: 'PATCH', json: change }),
    formatRepo(ref),
  )
}

/** A name is taken by a repo of whatever type, which is not what "already exists" makes one think of. */
async function nameTaken(site: GitCodeSite, ref: RepoRef, thrown: unknown): Promise<SyncError | undefined> {
  if (asSyncError(thrown).code !== 'conflict') return undefined
  const there = await readRepo(site, ref)
  if (there === undefined || typeOf(there) === ref.type) return undefined
  const kind = there.repo_type ?? 'code'
  return new SyncError(
    'refused',
    `${formatRepo(ref)}: ${site.profile.label} has a ${kind} repo of this name, and models, datasets and spaces share their names.`,
    { next: 'Choose another name for the target.', cause: thrown },
  )
}
