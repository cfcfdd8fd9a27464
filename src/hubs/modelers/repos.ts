import { z } from 'zod'
import { asSyncError, SyncError } from '../../model/errors.ts'
import {
  formatRepo,
  type NewRepo,
  type RepoInfo,
  type RepoRef,
  type RepoSummary,
  type RepoType,
} from '../../model/repo.ts'
import type { Answer } from '../../net/http.ts'
import { createExactly } from '../create-exactly.ts'
import { cutList, ofOwner } from '../of-owner.ts'
import { parseName } from '../repo-name.ts'
import type { Site } from '../site.ts'
import { parseData } from './envelope.ts'
import { type Account, modelersError, saysRepoAbsent } from './errors.ts'
import { apiUrl, type Kind, pageUrl } from './urls.ts'

export interface ModelersSite extends Site {
  readonly account: Account
}

const infoSchema = z.object({
  owner: z.string(),
  name: z.string(),
  // No default: what is not said to be public must not be taken for public.
  visibility: z.enum(['public', 'private']),
  labels: z
    .object({ license: z.array(z.string()).nullish() })
    .nullish()
    .catch(undefined),
})

/**
 * The repo; undefined if the hub does not know it. With a token that it knows, what it hides is somebody else's: creating it says
 * so. Without one, hidden and absent look the same, and that throws `unauthorized`.
 */
export async function findRepo(site: ModelersSite, repo: RepoRef): Promise<RepoInfo | undefined> {
  const what = formatRepo(repo)
  const answer = await readRepo(site, repo.type, repo)
  if (answer === undefined) return undefined
  const { owner, name, visibility, labels } = parseData(infoSchema, answer, what)
  // Names are found in any case: the hub's own spelling is the one that counts.
  const ref = { ...repo, owner: parseName(owner, what), name: parseName(name, what) }
  const license = toldLicense(labels?.license ?? [])
  return {
    ref,
    visibility,
    gated: false,
    defaultBranch: site.profile.defaultBranch,
    ...(license === undefined ? {} : { license }),
    url: pageUrl(site.endpoint, repo.type, ref),
  }
}

/** A license must be named when a repo is created, so `other` says nothing. */
function toldLicense(labels: readonly string[]): string | undefined {
  const [license, ...more] = labels
  return more.length > 0 || license === '' || license === 'other' ? undefined : license
}

async function readRepo(site: ModelersSite, kind: Kind, repo: RepoRef): Promise<Answer | undefined> {
  const answer = await site.http.send({ url: apiUrl(site.endpoint, kind, repo), accept: [404] })
  if (answer.status < 300) return answer
  const what = formatRepo(repo)
  const refusal = modelersError(answer, what, site.account)
  if (refusal !== undefined) throw refusal
  if (saysRepoAbsent(answer)) return undefined
  throw new SyncError('not-found', `${what}: the hub answered 404 without saying that it does not exist.`, {
    status: 404,
    next: 'Check the endpoint of this hub.',
  })
}

/** The hub cuts larger pages to this size. Source: merlin-server (count_per_page). */
const pageSize = 100
/** More pages than any owner has: a list that does not end is an error. */
const maxPages = 1000

const rowsSchema = z.array(z.object({ owner: z.string(), name: z.string() })).nullish()
const pageSchema = z
  .object({ total: z.number().int().nonnegative().nullish(), models: rowsSchema, datasets: rowsSchema })
  .transform(({ total, models, datasets }) => ({ total: total ?? 0, rows: models ?? datasets ?? [] }))

/** Every repo of the owner that the token may see; throws if some of them did not come. */
export async function* listRepos(
  site: ModelersSite,
  owner: string,
  type: RepoType,
): AsyncGenerator<RepoSummary> {
  const what = `Repos of ${owner} on ${site.id}`
  const summaryOf = ofOwner(site.id, owner, type)
  let seen = 0
  for (let page = 1; ; page += 1) {
    const { total, rows } = await readPage(site, owner, type, page, what)
    seen += rows.length
    for (const row of rows) {
      const summary = summaryOf({ owner: parseName(row.owner, what), name: parseName(row.name, what) })
      if (summary !== undefined) yield summary
    }
    if (rows.length < pageSize && seen >= total) return
    if (rows.length > 0 && page < maxPages) continue
    if (seen + 1 === total && (await hasCard(site, owner, type))) return
    throw cutList(what, `after ${seen} of ${total}`)
  }
}

async function readPage(site: ModelersSite, owner: string, type: RepoType, page: number, what: string) {
  const query = new URLSearchParams({
    ...{ owner, page_num: `${page}`, count_per_page: `${pageSize}` },
    // Without it the total is 0.
    ...{ count: 'true', sort_by: 'alphabetical' },
  })
  const answer = await site.http.send({ url: `${site.endpoint}/api/v1/${type}?${query}` })
  return parseData(pageSchema, answer, what)
}

/** A repo called README is an organisation's card, which lists leave out and may count. */
async function hasCard(site: ModelersSite, owner: string, type: RepoType): Promise<boolean> {
  return (await readRepo(site, type, { hub: site.id, type, owner, name: 'README' })) !== undefined
}

/** Creates the repo with exactly this visibility; the hub gives it a README and `.gitattributes` at once. */
export async function createRepo(site: ModelersSite, repo: RepoRef, wanted: NewRepo): Promise<RepoInfo> {
  const { owner, name } = repo
  const json = { owner, name, license: licenseOf(site, wanted), visibility: wanted.visibility }
  const url = `${site.endpoint}/api/v1/${repo.type}`
  return createExactly(
    repo,
    wanted,
    (ref) => findRepo(site, ref),
    async () => {
      try {
        await site.http.send({ url, method: 'POST', json })
      } catch (thrown) {
        const error = asSyncError(thrown)
        throw error.code === 'conflict' ? await nameTaken(site, repo, error) : error
      }
    },
  )
}

/** Any other license is an error of the request. */
function licenseOf({ profile }: ModelersSite, wanted: NewRepo): string {
  const license = wanted.license?.toLowerCase() ?? 'other'
  return profile.licenses.allow?.includes(license) === false ? 'other' : license
}

const kinds: readonly Kind[] = ['model', 'dataset', 'space']

/** What holds the name: models, datasets and spaces of one owner share them. */
async function nameTaken(site: ModelersSite, repo: RepoRef, refusal: SyncError): Promise<SyncError> {
  const name = `${repo.owner}/${repo.name}`
  for (const kind of kinds.filter((other) => other !== repo.type)) {
    if ((await readRepo(site, kind, repo)) === undefined) continue
    return new SyncError(
      'refused',
      `${name} is a ${kind} on ${site.id}, where one name is one repo: it cannot be a ${repo.type}, too.`,
      {
        next: "Give it another name on the target (the rule's to:), or rename what is there.",
        cause: refusal,
      },
    )
  }
  return new SyncError('refused', `${formatRepo(repo)} exists, and this token may not see it.`, {
    next: `Use a token that may write to it, or give it another name on the target (the rule's to:).`,
    cause: refusal,
  })
}
