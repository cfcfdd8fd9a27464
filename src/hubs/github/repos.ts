import { z } from 'zod'
import { isBranchName } from '../../model/branch.ts'
import { asSyncError, SyncError } from '../../model/errors.ts'
import { formatRepo, type NewRepo, type RepoInfo, type RepoRef } from '../../model/repo.ts'
import { createExactly } from '../create-exactly.ts'
import { parseData } from '../parse-answer.ts'
import { loginOf } from './account.ts'
import { parseRepoRow, type RepoRow } from './repo-row.ts'
import type { GitHubSite } from './site.ts'
import { pageUrl } from './urls.ts'

/**
 * The repo as it is now, under its present name; undefined if there is none of this type that the token may see: GitHub answers
 * 404 for what is hidden, too.
 */
export async function findRepo(site: GitHubSite, repo: RepoRef): Promise<RepoInfo | undefined> {
  const found = await readRepo(site, repo)
  return found?.row.type === repo.type ? found.info : undefined
}

interface Found {
  readonly row: RepoRow
  readonly info: RepoInfo
}

const infoSchema = z.object({
  // No default: what is not said to be public must not be taken for public.
  visibility: z.enum(['public', 'internal', 'private']),
  default_branch: z.string().max(255).refine(isBranchName),
  // Of the account; a token may have less. Anonymous answers have none.
  permissions: z.object({ push: z.boolean() }).nullish().catch(undefined),
  license: z.object({ spdx_id: z.string().nullish() }).nullish().catch(undefined),
})

async function readRepo(site: GitHubSite, repo: RepoRef): Promise<Found | undefined> {
  const what = formatRepo(repo)
  const data = await orNothing(site.octokit.rest.repos.get({ owner: repo.owner, repo: repo.name }))
  if (data === undefined) return undefined
  const row = parseRepoRow(data, what)
  const info = parseData(infoSchema, data, what)
  const license = licenseOf(info.license?.spdx_id)
  const ref = { ...repo, owner: row.owner, name: row.name }
  return {
    row,
    info: {
      ref,
      visibility: info.visibility,
      gated: false,
      defaultBranch: info.default_branch,
      ...(license === undefined ? {} : { license }),
      ...(info.permissions?.push === false && { canWrite: false as const }),
      url: pageUrl(site.endpoint, ref),
    },
  }
}

/** `NOASSERTION`: there is a license file of which GitHub knows nothing. Hubs of models write ids in lower case. */
function licenseOf(id: string | null | undefined): string | undefined {
  return id === null || id === 'NOASSERTION' ? undefined : id?.toLowerCase()
}

async function orNothing(call: Promise<{ readonly data: unknown }>): Promise<unknown> {
  try {
    return (await call).data
  } catch (thrown) {
    if (asSyncError(thrown).code === 'not-found') return undefined
    throw thrown
  }
}

/**
 * Creates the repo with exactly this visibility, empty, and with its type as a topic. An empty one that says nothing of its type
 * becomes one of this type: a run may have died in between. Throws `refused` if it is there as the other type.
 */
export function createRepo(site: GitHubSite, repo: RepoRef, wanted: NewRepo): Promise<RepoInfo> {
  return createExactly(
    repo,
    wanted,
    (ref) => findRepo(site, ref),
    async () => {
      const there = await readRepo(site, repo)
      if (there === undefined) await postRepo(site, repo, wanted)
      else if (there.row.type === repo.type) return
      else if (saysType(there.row) || !(await isEmpty(site, there.row))) throw otherType(repo, there)
      const { owner, name, topics } = there?.row ?? { ...repo, topics: [] }
      await site.octokit.rest.repos.replaceAllTopics({ owner, repo: name, names: [...topics, repo.type] })
    },
  )
}

async function postRepo(site: GitHubSite, repo: RepoRef, wanted: NewRepo): Promise<void> {
  const { repos } = site.octokit.rest
  const given = { name: repo.name, private: wanted.visibility === 'private', auto_init: false }
  const login = await loginOf(site)
  if (login?.toLowerCase() === repo.owner.toLowerCase()) {
    await repos.createForAuthenticatedUser(given)
    return
  }
  try {
    await repos.createInOrg({ ...given, org: repo.owner })
  } catch (thrown) {
    const error = asSyncError(thrown)
    if (error.code !== 'not-found') throw error
    const message = `${site.id} has no organisation ${repo.owner} that this token belongs to.`
    throw new SyncError('forbidden', message, { cause: error, status: 404 })
  }
}

function saysType({ topics }: RepoRow): boolean {
  return topics.includes('model') || topics.includes('dataset')
}

async function isEmpty(site: GitHubSite, { owner, name }: RepoRow): Promise<boolean> {
  const { data } = await site.octokit.rest.repos.listBranches({ owner, repo: name, per_page: 1 })
  return parseData(z.array(z.unknown()), data, `Branches of ${owner}/${name} on ${site.id}`).length === 0
}

function otherType(repo: RepoRef, { row, info }: Found): SyncError {
  const next =
    row.type === 'model'
      ? `If it is a dataset, give it the topic "dataset" on ${info.url}.`
      : `If it is a model, take the topic "dataset" from it on ${info.url}.`
  return new SyncError('refused', `${formatRepo(repo)} is there as a ${row.type}.`, { next })
}
