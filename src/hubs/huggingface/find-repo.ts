import { z } from 'zod'
import { SyncError } from '../../model/errors.ts'
import { formatRepo, type RepoInfo, type RepoRef, type Visibility } from '../../model/repo.ts'
import type { Answer } from '../../net/http.ts'
import { parseAnswer } from '../parse-answer.ts'
import { parseRepoId } from '../repo-name.ts'
import { denied, noRoute, tryAnswer } from './ask.ts'
import { isNoRoute, saysAbsent } from './errors.ts'
import type { HuggingFaceSite } from './site.ts'
import { apiUrl, pageUrl } from './urls.ts'

const infoSchema = z.object({
  id: z.string(),
  // No default for these two: what is not said to be open must not be taken for open.
  private: z.boolean().nullish(),
  gated: z.union([z.boolean(), z.string()]).nullish(),
  sha: z.hex().length(40).nullish().catch(undefined),
  cardData: z.object({ license: z.unknown().optional() }).nullish().catch(undefined),
})

type Info = z.infer<typeof infoSchema>

/** Asks for these fields only: the full answer holds every file's name. */
const infoFields = 'expand=private&expand=gated&expand=sha&expand=cardData'

/** The repo as the hub says, following a rename. */
export async function findRepo(site: HuggingFaceSite, repo: RepoRef): Promise<RepoInfo | undefined> {
  const info = await readInfo(site, repo)
  if (info === undefined) return undefined
  const ref = { ...repo, ...parseRepoId(info.id, formatRepo(repo)) }
  const license = info.cardData?.license
  return {
    ref,
    ...(await accessOf(site, ref, info)),
    defaultBranch: site.profile.defaultBranch,
    ...(info.sha ? { head: info.sha } : {}),
    ...(typeof license === 'string' ? { license } : {}),
    url: pageUrl(site.endpoint, ref),
  }
}

/** What the hub says of the repo, or undefined if it is known to be absent; a 404 alone can mean anything. */
export async function readInfo(site: HuggingFaceSite, repo: RepoRef): Promise<Info | undefined> {
  const answer = await site.http.send({ url: infoUrl(site, repo), accept: [401, 403, 404, 405, 501] })
  if (answer.status < 300) return parseAnswer(infoSchema, answer, formatRepo(repo))
  if (saysAbsent(answer)) return undefined
  if (isNoRoute(answer)) return assertAbsent(site, repo, answer)
  throw denied(site, repo, answer)
}

function infoUrl(site: HuggingFaceSite, repo: RepoRef): string {
  return `${apiUrl(site.endpoint, repo)}?${infoFields}`
}

/**
 * Servers without `X-Error-Code` answer a plain 404: the repo is absent if git does not serve it, and a listing shows that this is
 * a server of this API. Strangers get 404 for what is hidden from them.
 */
async function assertAbsent(site: HuggingFaceSite, repo: RepoRef, answer: Answer): Promise<undefined> {
  if (await gitServes(site, repo, 'git')) throw noRoute(site, repo, 'tell of repos')
  if (answer.status !== 404 || !(await hasListing(site, repo))) throw denied(site, repo, answer)
  if (site.account.hasToken) return undefined
  throw new SyncError('unauthorized', `${formatRepo(repo)}: the hub answered 404 without a token.`, {
    status: 404,
    next: `It is absent or not public: set ${site.account.tokenVariable} to a token that may read it.`,
  })
}

async function hasListing(site: HuggingFaceSite, repo: RepoRef): Promise<boolean> {
  const url = `${site.endpoint}/api/${repo.type}s?author=${encodeURIComponent(repo.owner)}&limit=1`
  const answer = await tryAnswer(site, { url, accept: [401, 403] })
  return answer !== undefined && answer.status < 300 && Array.isArray(answer.json())
}

/**
 * Who may read it. What the answer leaves out is seen by asking as a stranger: what strangers are told of is public, and what git
 * serves them is not gated. Without proof a repo counts as `internal`: not open as a source, nor closed as a target.
 */
async function accessOf(
  site: HuggingFaceSite,
  repo: RepoRef,
  info: Info,
): Promise<{ visibility: Visibility; gated: boolean }> {
  const isPublic = typeof info.private === 'boolean' ? !info.private : await strangersSee(site, repo)
  if (info.gated !== undefined && info.gated !== null)
    return { visibility: isPublic ? 'public' : 'private', gated: info.gated !== false }
  if (!isPublic) return { visibility: 'private', gated: false }
  return { visibility: (await gitServes(site, repo, 'signed')) ? 'public' : 'internal', gated: false }
}

async function strangersSee(site: HuggingFaceSite, repo: RepoRef): Promise<boolean> {
  if (!site.account.hasToken) return true
  // `signed` goes without credentials.
  const answer = await tryAnswer(site, { url: infoUrl(site, repo), purpose: 'signed', accept: [401, 403] })
  if (answer !== undefined && answer.status < 300) return infoSchema.safeParse(answer.json()).success
  return gitServes(site, repo, 'signed')
}

/** Whether git may be read there. Asks for `upload-pack` only: asking for `receive-pack` makes a repo on some hosts. */
async function gitServes(site: HuggingFaceSite, repo: RepoRef, purpose: 'git' | 'signed'): Promise<boolean> {
  const answer = await tryAnswer(site, {
    url: `${pageUrl(site.endpoint, repo)}/info/refs?service=git-upload-pack`,
    purpose,
    headers: { accept: '*/*' },
    accept: [400, 401, 403],
  })
  const type = answer?.headers['content-type'] ?? ''
  return answer?.status === 200 && type.startsWith('application/x-git-upload-pack-advertisement')
}
