import { z } from 'zod'
import { SyncError } from '../../model/errors.ts'
import type { FileEntry, OpenFile, Range } from '../../model/file.ts'
import { parseRepoPath } from '../../model/path.ts'
import {
  type CommitInfo,
  formatRepo,
  type Identity,
  type NewRepo,
  type RepoInfo,
  type RepoRef,
  type RepoSummary,
  type RepoType,
  type Snapshot,
} from '../../model/repo.ts'
import type { Answer } from '../../net/http.ts'
import { createExactly } from '../create-exactly.ts'
import type { Hub } from '../hub.ts'
import { openEmpty } from '../open-empty.ts'
import { parseAnswer } from '../parse-answer.ts'
import { parseRepoId } from '../repo-name.ts'
import type { Site } from '../site.ts'
import { publishCommit } from './commit.ts'
import { type Account, huggingFaceError, saysAbsent } from './errors.ts'
import { apiUrl, pageUrl, resolveUrl } from './urls.ts'

export interface HuggingFaceSite extends Site {
  readonly account: Account
}

/** Hugging Face's REST API as a hub. Source of every call: huggingface_hub hf_api.py, hub-docs api.md. */
export function huggingFaceHub(site: HuggingFaceSite): Hub {
  return {
    id: site.id,
    profile: site.profile,
    http: site.http,
    findRepo: (repo) => findRepo(site, repo),
    remote: (repo) => {
      const gitUrl = pageUrl(site.endpoint, repo)
      return { gitUrl, lfsUrl: `${gitUrl}.git/info/lfs` }
    },
    listRepos: (owner, type) => listRepos(site, owner, type),
    createRepo: (repo, wanted) => createRepo(site, repo, wanted),
    resolveRevision: (repo, revision) => resolveRevision(site, repo, revision),
    listFiles: (at) => listFiles(site, at),
    openFile: (at, file, range) => openFile(site, at, file, range),
    commit: (repo, commit) => publishCommit(site, repo, commit),
    history: (repo, branch, limit) => history(site, repo, branch, limit),
    whoAmI: () => whoAmI(site),
  }
}

const infoSchema = z.object({
  id: z.string(),
  // No default: what is not said to be public must not be taken for public.
  private: z.boolean(),
  gated: z.union([z.boolean(), z.string()]).optional(),
  sha: z.hex().length(40).nullish(),
  cardData: z.object({ license: z.unknown().optional() }).nullish().catch(undefined),
})

/** Asks for these fields only: the full answer holds every file's name. */
const infoFields = 'expand=private&expand=gated&expand=sha&expand=cardData'

async function findRepo(site: HuggingFaceSite, repo: RepoRef): Promise<RepoInfo | undefined> {
  const answer = await readRepo(site, repo, `${apiUrl(site.endpoint, repo)}?${infoFields}`)
  if (answer === undefined) return undefined
  const info = parseAnswer(infoSchema, answer, formatRepo(repo))
  const ref = { ...repo, ...parseRepoId(info.id, formatRepo(repo)) }
  const license = info.cardData?.license
  return {
    ref,
    visibility: info.private ? 'private' : 'public',
    gated: info.gated !== undefined && info.gated !== false,
    defaultBranch: site.profile.defaultBranch,
    ...(info.sha ? { head: info.sha } : {}),
    ...(typeof license === 'string' ? { license } : {}),
    url: pageUrl(site.endpoint, ref),
  }
}

/** The answer, or undefined if the hub says that repo or revision do not exist; a 404 without its word for that is an error. */
async function readRepo(site: HuggingFaceSite, repo: RepoRef, url: string): Promise<Answer | undefined> {
  const answer = await site.http.send({ url, accept: [401, 403, 404] })
  if (answer.status < 300) return answer
  if (saysAbsent(answer)) return undefined
  const what = formatRepo(repo)
  const code = answer.status === 403 ? 'forbidden' : 'not-found'
  throw (
    huggingFaceError(answer, what, site.account) ??
    new SyncError(code, `${what}: the hub answered ${answer.status} without saying that it does not exist.`, {
      status: answer.status,
      next: 'Check the endpoint and what the token may read.',
    })
  )
}

const rowsSchema = z.array(
  z.object({
    id: z.string(),
    sha: z.hex().length(40).nullish(),
  }),
)

async function* listRepos(site: Site, owner: string, type: RepoType): AsyncGenerator<RepoSummary> {
  const query = `author=${encodeURIComponent(owner)}&limit=500&expand=sha`
  const what = `Repos of ${owner} on ${site.id}`
  for await (const page of site.http.pages({ url: `${site.endpoint}/api/${type}s?${query}` })) {
    for (const row of parseAnswer(rowsSchema, page, what)) {
      const { owner: found, name } = parseRepoId(row.id, what)
      if (found.toLowerCase() !== owner.toLowerCase()) continue
      yield {
        ref: { hub: site.id, type, owner: found, name },
        ...(row.sha ? { head: row.sha } : {}),
      }
    }
  }
}

async function createRepo(site: HuggingFaceSite, repo: RepoRef, wanted: NewRepo): Promise<RepoInfo> {
  const { type, owner, name } = repo
  // The license is left to the README that follows: naming it here makes the hub write a README of its own.
  const json = { name, organization: owner, type, visibility: wanted.visibility }
  return createExactly(
    repo,
    wanted,
    (ref) => findRepo(site, ref),
    async () => {
      await site.http.send({ url: `${site.endpoint}/api/repos/create`, method: 'POST', json })
    },
  )
}

async function resolveRevision(
  site: HuggingFaceSite,
  repo: RepoRef,
  revision: string,
): Promise<string | undefined> {
  const url = `${apiUrl(site.endpoint, repo)}/revision/${encodeURIComponent(revision)}?expand=sha`
  const answer = await readRepo(site, repo, url)
  const shape = z.object({ sha: z.hex().length(40).nullish() })
  return answer && (parseAnswer(shape, answer, formatRepo(repo)).sha ?? undefined)
}

const treeSchema = z.array(
  z.object({
    type: z.enum(['file', 'directory', 'unknown']),
    path: z.string(),
    oid: z.string().optional(),
    size: z.number().int().nonnegative().optional(),
    lfs: z.object({ oid: z.hex().length(64), size: z.number().int().nonnegative() }).nullish(),
  }),
)

async function* listFiles(site: Site, at: Snapshot): AsyncGenerator<FileEntry> {
  const url = `${apiUrl(site.endpoint, at.repo)}/tree/${at.commit}?recursive=true&expand=false`
  for await (const page of site.http.pages({ url })) {
    for (const entry of parseAnswer(treeSchema, page, `Files of ${formatRepo(at.repo)}`)) {
      if (entry.type !== 'directory') yield toFile(entry)
    }
  }
}

function toFile(entry: z.infer<typeof treeSchema>[number]): FileEntry {
  const path = parseRepoPath(entry.path)
  // "unknown" is what is neither blob nor tree: a submodule.
  if (entry.type === 'unknown') return { path, storage: 'git', digests: {}, mode: 'submodule' }
  if (entry.lfs) {
    return { path, size: entry.lfs.size, storage: 'lfs', digests: { sha256: entry.lfs.oid.toLowerCase() } }
  }
  const digests = /^[0-9a-f]{40}$/.test(entry.oid ?? '') ? { gitBlob: entry.oid } : {}
  return { path, ...(entry.size === undefined ? {} : { size: entry.size }), storage: 'git', digests }
}

async function openFile(
  site: HuggingFaceSite,
  at: Snapshot,
  file: FileEntry,
  range?: Range,
): Promise<OpenFile> {
  if (file.size === 0) return openEmpty()
  const url = resolveUrl(site.endpoint, at, file.path)
  try {
    return await site.http.open({ url, ...(range === undefined ? {} : { range }) })
  } catch (error) {
    const gone = error instanceof SyncError && error.code === 'not-found' && file.storage === 'lfs'
    // The commit is still there and lists the file: then it is the object that is not.
    if (!gone || (await resolveRevision(site, at.repo, at.commit)) === undefined) throw error
    throw new SyncError(
      'object-missing',
      `${formatRepo(at.repo)} lists ${JSON.stringify(file.path)}, but its LFS object is not there.`,
      { cause: error, next: 'Upload the file again at the source.' },
    )
  }
}

const historySchema = z.array(
  z.object({ id: z.string(), title: z.string().default(''), message: z.string().default('') }),
)

/** Newest first; none for an absent branch. The hub's `message` is what follows the title. */
async function history(site: Site, repo: RepoRef, branch: string, limit: number): Promise<CommitInfo[]> {
  const url = `${apiUrl(site.endpoint, repo)}/commits/${encodeURIComponent(branch)}?limit=${limit}`
  const commits: CommitInfo[] = []
  for await (const page of site.http.pages({ url, accept: [404] })) {
    if (saysAbsent(page)) break
    for (const { id, title, message } of parseAnswer(historySchema, page, `History of ${formatRepo(repo)}`)) {
      commits.push({ id, message: message === '' ? title : `${title}\n\n${message}` })
    }
    if (commits.length >= limit) break
  }
  return commits.slice(0, limit)
}

const whoSchema = z.object({
  name: z.string(),
  orgs: z.array(z.object({ name: z.string() })).optional(),
  auth: z.object({ accessToken: z.object({ role: z.string() }).optional() }).optional(),
})

async function whoAmI(site: Site): Promise<Identity> {
  const answer = await site.http.send({ url: `${site.endpoint}/api/whoami-v2` })
  const { name, orgs, auth } = parseAnswer(whoSchema, answer, `Account on ${site.id}`)
  return {
    username: name,
    // Hubs that speak this API without organisations in it have said nothing of them.
    ...(orgs === undefined ? {} : { owners: [name, ...orgs.map((org) => org.name)] }),
    ...(auth?.accessToken?.role === 'read' ? { canWrite: false } : {}),
  }
}
