import {
  countHistory,
  type HistoryEntry,
  listHistory,
  listRefs,
  resolveRevision,
  setRef,
} from '../core/git-repo.ts'
import type { StoredRepo } from '../core/store.ts'
import { positive } from './lists.ts'
import { type JsonAnswer, ok, refused } from './wire.ts'

/** `GET …/revisions`: branches and tags. */
export async function revisions(repo: StoredRepo): Promise<JsonAnswer> {
  const refs = await listRefs(repo.gitDir)
  const named = async (prefix: string) => {
    const own = refs.filter(({ ref }) => ref.startsWith(prefix))
    return Promise.all(
      own.map(async ({ ref, commit }) => ({
        Revision: ref.slice(prefix.length),
        CreatedAt: await dateOf(repo, commit),
      })),
    )
  }
  return ok({ RevisionMap: { Branches: await named('refs/heads/'), Tags: await named('refs/tags/') } })
}

async function dateOf(repo: StoredRepo, commit: string): Promise<number> {
  const [entry] = await listHistory(repo.gitDir, commit, { limit: 1 })
  return Math.floor((entry?.date.getTime() ?? 0) / 1000)
}

/** `GET …/commits?Ref=&PageNumber=&PageSize=`: newest first; an unknown ref has `Commit: null`, an unknown key is ignored. */
export async function commits(repo: StoredRepo, query: URLSearchParams): Promise<JsonAnswer> {
  const head = await resolveRevision(repo.gitDir, query.get('Ref') || 'master')
  if (head === undefined) return ok({ Commit: null, TotalCount: 0 })
  const limit = positive(query.get('PageSize'), 10)
  const skip = (positive(query.get('PageNumber'), 1) - 1) * limit
  const history = await listHistory(repo.gitDir, head, { skip, limit })
  return ok({ Commit: history.map(commitItem), TotalCount: await countHistory(repo.gitDir, head) })
}

function commitItem(entry: HistoryEntry): Record<string, unknown> {
  const { id, title, body, author, email, date } = entry
  const time = Math.floor(date.getTime() / 1000)
  return {
    Id: id,
    ShortId: id.slice(0, 8),
    Title: title,
    Message: body ? `${title}\n\n${body}` : title,
    AuthorName: author,
    AuthorEmail: email,
    AuthoredDate: time,
    CommitterName: author,
    CommitterEmail: email,
    CommittedDate: time,
    CreatedAt: time,
  }
}

/** `POST …/repo/tag` with `{TagName, Ref}`. */
export async function createTag(repo: StoredRepo, body: unknown): Promise<JsonAnswer> {
  const { TagName: tag, Ref: from } = (body ?? {}) as Record<string, unknown>
  if (typeof tag !== 'string' || !/^[\w.-]+$/.test(tag)) return refused(400, 'TagName is required')
  const commit = await resolveRevision(repo.gitDir, typeof from === 'string' && from ? from : 'master')
  if (commit === undefined) return refused(400, `unknown Ref ${String(from)}`)
  const isSet = await setRef(repo.gitDir, `refs/tags/${tag}`, commit, '0'.repeat(40))
  return isSet ? ok({ TagName: tag, Commit: commit }) : refused(400, `tag ${tag} already exists`)
}
