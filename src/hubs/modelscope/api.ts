import { z } from 'zod'
import { SyncError } from '../../model/errors.ts'
import { type CommitInfo, formatRepo, type Identity, type RepoRef } from '../../model/repo.ts'
import type { ApiHub } from '../hub.ts'
import { parseAnswer } from '../parse-answer.ts'
import type { Site } from '../site.ts'
import { publishCommit } from './commit.ts'
import { parseData } from './envelope.ts'
import { hubWords, saysAbsent } from './errors.ts'
import { listFiles, openFile } from './files.ts'
import { createRepo, findRepo, listRepos } from './repos.ts'
import { apiUrl, gitUrl, writeUrl } from './urls.ts'

/** ModelScope's REST API as a hub. Source of every call: modelscope_hub _legacy_api.py, modelscope hub/api.py. */
export function modelScopeHub(site: Site): ApiHub {
  return {
    id: site.id,
    profile: site.profile,
    http: site.http,
    findRepo: (repo) => findRepo(site, repo),
    remote: (repo) => ({
      gitUrl: gitUrl(site.endpoint, repo),
      lfsUrl: `${writeUrl(site.endpoint, repo)}/info/lfs`,
    }),
    listRepos: (owner, type) => listRepos(site, owner, type),
    createRepo: (repo, wanted) => createRepo(site, repo, wanted),
    resolveRevision: (repo, revision) => resolveRevision(site, repo, revision),
    listFiles: (at) => listFiles(site, at),
    openFile: (at, file, range) => openFile(site, at, file, range),
    commit: async (repo, commit) =>
      (await publishCommit(site, repo, commit)) ?? (await headAfterCommit(site, repo, commit.branch)),
    history: (repo, branch, limit) => history(site, repo, branch, limit),
    whoAmI: () => whoAmI(site),
  }
}

const commitsSchema = z.object({
  Commit: z
    .array(z.object({ Id: z.hex().length(40), Title: z.string().nullish(), Message: z.string().nullish() }))
    .nullish(),
})

/** One page of the commits of a ref, newest first; undefined if the hub knows no such ref or repo. */
async function readCommits(site: Site, repo: RepoRef, ref: string, page: number, size: number) {
  const query = new URLSearchParams({ Ref: ref, PageNumber: `${page}`, PageSize: `${size}` })
  const answer = await site.http.send({
    url: `${apiUrl(site.endpoint, repo)}/commits?${query}`,
    accept: [404],
  })
  if (saysAbsent(answer)) return undefined
  return parseData(commitsSchema, answer, formatRepo(repo)).Commit ?? undefined
}

/** A commit id stands for itself only: this call answers for the default branch if it does not understand the ref. */
async function resolveRevision(site: Site, repo: RepoRef, revision: string): Promise<string | undefined> {
  const id = (await readCommits(site, repo, revision, 1, 1))?.[0]?.Id
  const isCommit = /^[0-9a-f]{40}$/.test(revision)
  return isCommit && id !== revision ? undefined : id
}

/** For the commit that was accepted without an id in the answer. */
async function headAfterCommit(site: Site, repo: RepoRef, branch: string): Promise<string> {
  const head = await resolveRevision(site, repo, branch)
  if (head !== undefined) return head
  throw new SyncError(
    'bad-answer',
    `${formatRepo(repo)}: the hub took the commit, but shows none on ${branch}.`,
    {
      next: 'Run again: what is there already is not sent twice.',
    },
  )
}

const historyPage = 100

async function history(site: Site, repo: RepoRef, branch: string, limit: number): Promise<CommitInfo[]> {
  const commits: CommitInfo[] = []
  const size = Math.min(limit, historyPage)
  for (let page = 1; commits.length < limit; page += 1) {
    const rows = (await readCommits(site, repo, branch, page, size)) ?? []
    commits.push(...rows.map((row) => ({ id: row.Id, message: row.Message || row.Title || '' })))
    if (rows.length < size) break
  }
  return commits.slice(0, limit)
}

const userSchema = z.object({ data: z.object({ username: z.string() }) })

/** Proves the identity only, not the right to write. The legacy login refuses tokens of a narrow scope, so it is not used. */
async function whoAmI(site: Site): Promise<Identity> {
  const answer = await site.http.send({ url: `${site.endpoint}/openapi/v1/users/me` })
  const { success } = parseAnswer(z.looseObject({ success: z.boolean().optional() }), answer, site.id)
  if (success === false) {
    throw new SyncError('unauthorized', `${site.id}: ${hubWords(answer)}`, {
      next: 'Check the token of this hub.',
    })
  }
  return { username: parseAnswer(userSchema, answer, `Account on ${site.id}`).data.username }
}
