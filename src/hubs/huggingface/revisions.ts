import { z } from 'zod'
import { type CommitInfo, formatRepo, type RepoRef } from '../../model/repo.ts'
import { parseAnswer } from '../parse-answer.ts'
import { denied, noRoute, tryAnswer, tryPages } from './ask.ts'
import { isNoRoute, saysAbsent } from './errors.ts'
import { readInfo } from './find-repo.ts'
import type { HuggingFaceSite } from './site.ts'
import { apiUrl } from './urls.ts'

const revisionSchema = z.object({ sha: z.hex().length(40).nullish() })

/** Commit that a revision points to. Where the server has no route for that, the repo's own answer tells the head. */
export async function resolveRevision(
  site: HuggingFaceSite,
  repo: RepoRef,
  revision: string,
): Promise<string | undefined> {
  const url = `${apiUrl(site.endpoint, repo)}/revision/${encodeURIComponent(revision)}?expand=sha`
  const answer = await tryAnswer(site, { url, accept: [401, 403] })
  if (answer !== undefined && saysAbsent(answer)) return undefined
  if (answer !== undefined && answer.status < 300) {
    const { sha } = parseAnswer(revisionSchema, answer, formatRepo(repo))
    if (sha) return sha
  } else if (answer !== undefined && !isNoRoute(answer)) {
    throw denied(site, repo, answer)
  }
  const info = await readInfo(site, repo)
  if (info === undefined) return undefined
  if (info.sha && [site.profile.defaultBranch, info.sha].includes(revision)) return info.sha
  throw noRoute(site, repo, `tell which commit ${JSON.stringify(revision)} is`)
}

const historySchema = z.array(
  z.object({ id: z.string(), title: z.string().default(''), message: z.string().default('') }),
)

/** Newest first; none for an absent branch. The hub's `message` is what follows the title. */
export async function history(
  site: HuggingFaceSite,
  repo: RepoRef,
  branch: string,
  limit: number,
): Promise<CommitInfo[]> {
  const url = `${apiUrl(site.endpoint, repo)}/commits/${encodeURIComponent(branch)}?limit=${limit}`
  const commits: CommitInfo[] = []
  for await (const page of tryPages(site, url)) {
    if (page === undefined) {
      if ((await readInfo(site, repo)) === undefined) break
      throw noRoute(site, repo, `tell the history of ${JSON.stringify(branch)}`)
    }
    if (saysAbsent(page)) break
    for (const { id, title, message } of parseAnswer(historySchema, page, `History of ${formatRepo(repo)}`)) {
      commits.push({ id, message: message === '' ? title : `${title}\n\n${message}` })
    }
    if (commits.length >= limit) break
  }
  return commits.slice(0, limit)
}
