import { z } from 'zod'
import { asSyncError, SyncError } from '../../model/errors.ts'
import type { RepoSummary, RepoType } from '../../model/repo.ts'
import { ofOwner } from '../of-owner.ts'
import { parseData } from '../parse-answer.ts'
import { loginOf } from './account.ts'
import { parseRepoRow } from './repo-row.ts'
import type { GitHubSite } from './site.ts'

/**
 * Every repo of the owner that the token may see and that is of this type, archived ones included; none if there is no such
 * owner. Source: docs.github.com, REST API, "Repositories".
 */
export async function* listRepos(
  site: GitHubSite,
  owner: string,
  type: RepoType,
): AsyncGenerator<RepoSummary> {
  const what = `Repos of ${owner} on ${site.id}`
  const kind = await ownerKind(site, owner, what)
  if (kind === undefined) return
  const summaryOf = ofOwner(site.id, owner, type)
  for await (const page of checked(pagesOf(site, owner, kind), what)) {
    for (const row of page) {
      const repo = parseRepoRow(row, what)
      const summary = repo.type === type ? summaryOf(repo) : undefined
      if (summary !== undefined) yield summary
    }
  }
}

type OwnerKind = 'organization' | 'user' | 'self'

const ownerSchema = z.object({ type: z.string() })

async function ownerKind(site: GitHubSite, owner: string, what: string): Promise<OwnerKind | undefined> {
  try {
    const { data } = await site.octokit.rest.users.getByUsername({ username: owner })
    if (parseData(ownerSchema, data, what).type === 'Organization') return 'organization'
  } catch (thrown) {
    if (asSyncError(thrown).code === 'not-found') return undefined
    throw thrown
  }
  const login = site.hasToken ? await loginOf(site) : undefined
  return login?.toLowerCase() === owner.toLowerCase() ? 'self' : 'user'
}

/** Private repos of a user are in the user's own listing only. Oldest first, so that what is added meanwhile comes last. */
function pagesOf(site: GitHubSite, owner: string, kind: OwnerKind): AsyncIterable<Page> {
  const { paginate, rest } = site.octokit
  const order = { per_page: 100, sort: 'created', direction: 'asc' } as const
  switch (kind) {
    case 'organization':
      return paginate.iterator(rest.repos.listForOrg, { ...order, org: owner, type: 'all' })
    case 'self':
      return paginate.iterator(rest.repos.listForAuthenticatedUser, {
        ...order,
        affiliation: 'owner',
        visibility: 'all',
      })
    case 'user':
      return paginate.iterator(rest.repos.listForUser, { ...order, username: owner, type: 'owner' })
  }
}

/** Pages until there is no next one: a page seen before, or one that is no list, is an error. */
async function* checked(pages: AsyncIterable<Page>, what: string): AsyncGenerator<readonly unknown[]> {
  const seen = new Set<string>()
  for await (const { url, data } of pages) {
    // Octokit takes a 409 for the end of a list, and makes up a page without an address.
    if (url === undefined)
      throw new SyncError('busy', `${what}: the hub ended the list with 409.`, { status: 409 })
    if (seen.has(url) || seen.size === maxPages)
      throw new SyncError('bad-answer', `${what}: the paging does not end.`)
    seen.add(url)
    yield parseData(z.array(z.unknown()), data, what)
  }
}

interface Page {
  readonly url: string | undefined
  readonly data: unknown
}

const maxPages = 10_000
