import { z } from 'zod'
import { asSyncError } from '../../model/errors.ts'
import type { Identity } from '../../model/repo.ts'
import { parseData } from '../parse-answer.ts'
import { parseName } from '../repo-name.ts'
import type { GitHubSite } from './site.ts'

/** What git over HTTP calls the bearer of any token. Source: docs.github.com, "Authenticating as a GitHub App installation". */
export const tokenUser = 'x-access-token'

/**
 * Who the token belongs to. Never with owners: GitHub gives rights by repo, and who may write to one of them need not belong to
 * its owner. Throws `unauthorized` for a token that is none.
 */
export async function whoAmI(site: GitHubSite): Promise<Identity> {
  const account = await readAccount(site)
  // An app's token, as a workflow has one, is nobody's.
  if (account === undefined) return { username: tokenUser }
  return { username: account.login, ...(canWrite(account.scopes) ? {} : { canWrite: false }) }
}

/** Login of the token's user; undefined for the token of an app. */
export async function loginOf(site: GitHubSite): Promise<string | undefined> {
  return (await readAccount(site))?.login
}

interface Account {
  readonly login: string
  /** Those of a classic token; undefined where the token has permissions instead. */
  readonly scopes: readonly string[] | undefined
}

async function readAccount(site: GitHubSite): Promise<Account | undefined> {
  const what = `Account on ${site.id}`
  try {
    const { data, headers } = await site.octokit.rest.users.getAuthenticated()
    const { login } = parseData(z.object({ login: z.string() }), data, what)
    return { login: parseName(login, what), scopes: scopesIn(headers['x-oauth-scopes']) }
  } catch (thrown) {
    // 401 would be a token that is none; 403 is one that stands for no user ("Resource not accessible by integration").
    if (asSyncError(thrown).code === 'forbidden') return undefined
    throw thrown
  }
}

/** An empty line says nothing: tokens of apps have one, too. Source: GitHub's cli, `HeaderHasMinimumScopes`. */
function scopesIn(line: unknown): readonly string[] | undefined {
  if (typeof line !== 'string' || line.trim() === '') return undefined
  return line.split(',').map((scope) => scope.trim())
}

/** Source: docs.github.com, "Scopes for OAuth apps". */
function canWrite(scopes: readonly string[] | undefined): boolean {
  return scopes === undefined || scopes.includes('repo') || scopes.includes('public_repo')
}
