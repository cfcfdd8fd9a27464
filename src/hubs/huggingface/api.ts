import { z } from 'zod'
import { SyncError } from '../../model/errors.ts'
import type { NewRepo, RepoInfo, RepoRef, RepoSummary, RepoType } from '../../model/repo.ts'
import { formatRepo } from '../../model/repo.ts'
import { createExactly } from '../create-exactly.ts'
import type { ApiHub } from '../hub.ts'
import { parseAnswer } from '../parse-answer.ts'
import { remoteAt } from '../remote-at.ts'
import { parseRepoId } from '../repo-name.ts'
import type { Site } from '../site.ts'
import { whoAmI } from './account.ts'
import { tryAnswer, tryPages } from './ask.ts'
import { publishCommit } from './commit.ts'
import { isNoRoute } from './errors.ts'
import { listFiles, openFile } from './files.ts'
import { findRepo } from './find-repo.ts'
import { readmeProblems } from './readme-problems.ts'
import { history, resolveRevision } from './revisions.ts'
import { type HuggingFaceSite, isOwnSite } from './site.ts'
import { pageUrl } from './urls.ts'

/** Hugging Face's REST API as a hub. Source of every call: huggingface_hub hf_api.py, hub-docs api.md. */
export function huggingFaceHub(site: HuggingFaceSite): ApiHub {
  return {
    id: site.id,
    profile: site.profile,
    http: site.http,
    findRepo: (repo) => findRepo(site, repo),
    remote: (repo) => remoteAt(pageUrl(site.endpoint, repo)),
    listRepos: (owner, type) => listRepos(site, owner, type),
    createRepo: (repo, wanted) => createRepo(site, repo, wanted),
    resolveRevision: (repo, revision) => resolveRevision(site, repo, revision),
    listFiles: (at) => listFiles(site, at),
    openFile: (at, file, range) => openFile(site, at, file, range),
    commit: (repo, commit) => publishCommit(site, repo, commit),
    history: (repo, branch, limit) => history(site, repo, branch, limit),
    readmeProblems: (repo, readme) => readmeProblems(site, repo, readme),
    whoAmI: () => whoAmI(site),
  }
}

const rowsSchema = z.array(
  z.object({
    id: z.string(),
    sha: z.hex().length(40).nullish().catch(undefined),
    private: z.boolean().nullish().catch(undefined),
    gated: z.union([z.boolean(), z.string()]).nullish().catch(undefined),
  }),
)

async function* listRepos(site: Site, owner: string, type: RepoType): AsyncGenerator<RepoSummary> {
  const query = `author=${encodeURIComponent(owner)}&limit=500&expand=sha&expand=private&expand=gated`
  const what = `Repos of ${owner} on ${site.id}`
  for await (const page of tryPages(site, `${site.endpoint}/api/${type}s?${query}`)) {
    if (page === undefined) {
      throw new SyncError('unsupported', `The API of ${site.id} does not list the ${type}s of ${owner}.`, {
        next: 'Name the repos one by one, and check that this owner exists.',
      })
    }
    for (const row of parseAnswer(rowsSchema, page, what)) {
      // Some servers list every repo whoever was asked for.
      if (!row.id.toLowerCase().startsWith(`${owner.toLowerCase()}/`)) continue
      const ref = { hub: site.id, type, ...parseRepoId(row.id, what) }
      // Nothing is open because nothing was said of it.
      const isOpen = row.private === false && row.gated === false
      yield { ref, ...(row.sha ? { head: row.sha } : {}), ...(isOpen && { isOpen }) }
    }
  }
}

async function createRepo(site: HuggingFaceSite, repo: RepoRef, wanted: NewRepo): Promise<RepoInfo> {
  return createExactly(
    repo,
    wanted,
    (ref) => findRepo(site, ref),
    () => create(site, repo, wanted),
  )
}

/** One that exists is an error on some servers and none on others: the caller looks. */
async function create(site: HuggingFaceSite, repo: RepoRef, { visibility }: NewRepo): Promise<void> {
  const { type, owner, name } = repo
  // The license is left to the README that follows: naming it here makes the hub write a README of its own.
  const asked = { name, organization: owner, type, visibility }
  // Older servers know `private` only, and would make everything public.
  const json = isOwnSite(site.endpoint) ? asked : { ...asked, private: visibility === 'private' }
  const answer = await tryAnswer(site, { url: `${site.endpoint}/api/repos/create`, method: 'POST', json })
  if (answer !== undefined && !isNoRoute(answer)) return
  throw new SyncError('unsupported', `${formatRepo(repo)}: the API of ${site.id} did not create it.`, {
    next: 'Check that the owner exists there, or create the repo on the hub.',
  })
}
