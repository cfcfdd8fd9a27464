import { z } from 'zod'
import { SyncError } from '../../model/errors.ts'
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
import { cutList, ofOwner } from '../of-owner.ts'
import { parseName } from '../repo-name.ts'
import type { Site } from '../site.ts'
import { parseData, parseWhole, throwIfFailed } from './envelope.ts'
import { saysAbsent } from './errors.ts'
import { modelScopeLicenses } from './licenses.ts'
import { apiUrl, pageUrl } from './urls.ts'

/** Source: modelscope hub/constants.py (ModelVisibility, DatasetVisibility). */
const visibilities: ReadonlyMap<number, Visibility> = new Map([
  [1, 'private'],
  [3, 'internal'],
  [5, 'public'],
])
const visibilityNumber = { private: 1, public: 5 } as const

/** `ProtectedMode` of a repo that readers must ask for ("申请制"); 2 is off. */
const gatedMode = 1

const detailSchema = z.object({
  // No default: what is not said to be public must not be taken for public.
  Visibility: z.number(),
  ProtectedMode: z.number().nullish(),
  License: z.string().nullish(),
})

/** The repo; undefined if the hub says that it has no record of it. All other 404s throw: this hub hides behind them. */
export async function findRepo(site: Site, repo: RepoRef): Promise<RepoInfo | undefined> {
  const what = formatRepo(repo)
  const answer = await site.http.send({ url: apiUrl(site.endpoint, repo), accept: [403, 404] })
  if (saysAbsent(answer)) return undefined
  const detail = parseData(detailSchema, answer, what)
  return {
    // There is no renaming on this hub.
    ref: repo,
    visibility: visibilityOf(detail.Visibility, what),
    gated: detail.ProtectedMode === gatedMode,
    defaultBranch: site.profile.defaultBranch,
    ...(detail.License ? { license: detail.License } : {}),
    url: pageUrl(site.endpoint, repo),
  }
}

function visibilityOf(number: number, what: string): Visibility {
  const visibility = visibilities.get(number)
  if (visibility !== undefined) return visibility
  throw new SyncError('bad-answer', `${what}: the hub told an unknown visibility: ${number}.`)
}

/** The legacy lists answer at most 50 a page whatever is asked. */
const pageSize = 50
/** More pages than any owner has: a list that does not end is an error. */
const maxPages = 2000

const rowSchema = z.object({
  Path: z.string().nullish(),
  Namespace: z.string().nullish(),
  Owner: z.string().nullish(),
  Name: z.string(),
})
const rowsSchema = z.array(rowSchema).nullish()
const modelPage = z
  .object({ Data: z.object({ Models: rowsSchema, TotalCount: z.number() }) })
  .transform(({ Data }) => ({ rows: Data.Models ?? [], total: Data.TotalCount }))
const datasetPage = z
  .object({ Data: rowsSchema, TotalCount: z.number() })
  .transform(({ Data, TotalCount }) => ({ rows: Data ?? [], total: TotalCount }))

/** Every repo of the owner that the hub lists, private ones of the token's account included; throws if pages are missing. */
export async function* listRepos(site: Site, owner: string, type: RepoType): AsyncGenerator<RepoSummary> {
  const what = `Repos of ${owner} on ${site.id}`
  const summaryOf = ofOwner(site.id, owner, type)
  let seen = 0
  let total = Number.POSITIVE_INFINITY
  for (let page = 1; seen < total; page += 1) {
    const found = await (type === 'model' ? readModels : readDatasets)(site, owner, page, what)
    total = found.total
    seen += found.rows.length
    if ((found.rows.length === 0 || page === maxPages) && seen < total)
      throw cutList(what, `after ${seen} of ${total}`)
    for (const { Path, Namespace, Owner, Name } of found.rows) {
      const told = parseName(Path ?? Namespace ?? Owner ?? owner, what)
      const summary = summaryOf({ owner: told, name: parseName(Name, what) })
      if (summary !== undefined) yield summary
    }
  }
}

/** A search by PUT; without the slash at the end it is redirected. */
async function readModels(site: Site, owner: string, page: number, what: string) {
  const json = { Path: owner, PageNumber: page, PageSize: pageSize }
  const url = `${site.endpoint}/api/v1/models/`
  const answer = await site.http.send({ url, method: 'PUT', json, idempotent: true })
  return parseWhole(modelPage, answer, what)
}

async function readDatasets(site: Site, owner: string, page: number, what: string) {
  const query = new URLSearchParams({ owner, PageNumber: `${page}`, PageSize: `${pageSize}` })
  const answer = await site.http.send({ url: `${site.endpoint}/api/v1/datasets?${query}` })
  return parseWhole(datasetPage, answer, what)
}

/** Creates the repo with exactly this visibility. A model is asked for by JSON, a dataset by a form. */
export async function createRepo(site: Site, repo: RepoRef, wanted: NewRepo): Promise<RepoInfo> {
  return createExactly(
    repo,
    wanted,
    (ref) => findRepo(site, ref),
    async () => {
      const request = repo.type === 'model' ? modelForm(repo, wanted) : await datasetForm(repo, wanted)
      const url = `${site.endpoint}/api/v1/${repo.type}s`
      const headers = { ...languageOf(site.endpoint), ...request.headers }
      const answer = await site.http.send({ ...request, url, method: 'POST', headers })
      throwIfFailed(answer, formatRepo(repo))
    },
  )
}

function modelForm(repo: RepoRef, wanted: NewRepo) {
  return { json: { Path: repo.owner, ...formFields(repo, wanted) }, headers: {} }
}

async function datasetForm(repo: RepoRef, wanted: NewRepo) {
  const form = new FormData()
  form.set('Owner', repo.owner)
  for (const [key, value] of Object.entries(formFields(repo, wanted))) form.set(key, `${value}`)
  const encoded = new Response(form)
  return {
    body: new Uint8Array(await encoded.arrayBuffer()),
    headers: { 'content-type': encoded.headers.get('content-type') ?? 'multipart/form-data' },
  }
}

function formFields(repo: RepoRef, wanted: NewRepo) {
  const license = wanted.license?.toLowerCase() ?? 'other'
  return {
    Name: repo.name,
    Visibility: visibilityNumber[wanted.visibility],
    License: modelScopeLicenses.has(license) ? license : 'other',
  }
}

/** The international site wants it said. Source: modelscope hub/api.py (create_model). */
function languageOf(endpoint: string): Record<string, string> {
  return new URL(endpoint).hostname.endsWith('modelscope.ai')
    ? { 'x-modelscope-accept-language': 'en_US' }
    : {}
}
