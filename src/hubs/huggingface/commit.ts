import { z } from 'zod'
import type { CommitChange, NewCommit } from '../../model/commit.ts'
import { formatRepo, type RepoRef } from '../../model/repo.ts'
import { parseAnswer } from '../parse-answer.ts'
import { readInline } from '../read-inline.ts'
import { denied, noRoute, tryAnswer } from './ask.ts'
import { isNoRoute } from './errors.ts'
import { readInfo } from './find-repo.ts'
import type { HuggingFaceSite } from './site.ts'
import { apiUrl } from './urls.ts'

/** The hub works up to a minute on a commit; past its own 504 nothing more will come. */
const headersTimeout = 180_000

/**
 * One commit through the REST API; returns its id. Throws `conflict` (412) if the parent is no longer the head. A 5xx may
 * have landed all the same (datasets#7708): the caller reads the head again. `unsupported` where the server shows the repo, and has
 * no route for commits. Source: huggingface_hub _commit_api.py.
 */
export async function publishCommit(
  site: HuggingFaceSite,
  repo: RepoRef,
  commit: NewCommit,
): Promise<string> {
  const answer = await tryAnswer(site, {
    url: `${apiUrl(site.endpoint, repo)}/commit/${encodeURIComponent(commit.branch)}`,
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: await commitBody(commit),
    headersTimeout,
  })
  if (answer !== undefined && answer.status < 300) {
    return parseAnswer(commitSchema, answer, `Commit to ${formatRepo(repo)}`).commitOid
  }
  const isOther = answer === undefined || isNoRoute(answer)
  if (isOther && (await readInfo(site, repo)) !== undefined) throw noRoute(site, repo, 'take commits')
  throw denied(site, repo, answer)
}

const commitSchema = z.object({ commitOid: z.hex().length(40) })

/** One JSON value a line: the header, then each change; contents are read one after the other. */
async function commitBody(commit: NewCommit): Promise<Buffer> {
  const header = {
    summary: commit.title,
    // The hub puts it below the summary, so that the trailers end the message.
    description: commit.trailers.join('\n'),
    ...(commit.parent === undefined ? {} : { parentCommit: commit.parent }),
  }
  const lines = [lineOf('header', header)]
  for (const change of commit.changes) lines.push(await changeLine(change))
  return Buffer.concat(lines)
}

async function changeLine(change: CommitChange): Promise<Buffer> {
  const { path } = change
  switch (change.kind) {
    case 'lfs':
      return lineOf('lfsFile', { path, algo: 'sha256', oid: change.object.oid, size: change.object.size })
    case 'plain':
      return lineOf('file', { path, content: await readInline(change), encoding: 'base64' })
    case 'delete':
      return lineOf('deletedFile', { path })
  }
}

function lineOf(key: string, value: object): Buffer {
  return Buffer.from(`${JSON.stringify({ key, value })}\n`)
}
