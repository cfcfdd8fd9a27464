import { z } from 'zod'
import { type CommitChange, commitMessage, type NewCommit } from '../../model/commit.ts'
import { formatRepo, type RepoRef } from '../../model/repo.ts'
import { readInline } from '../read-inline.ts'
import type { Site } from '../site.ts'
import { parseData } from './envelope.ts'
import { writeUrl } from './urls.ts'

const headersTimeout = 300_000

const doneSchema = z.object({ oid: z.hex().length(40).nullish().catch(undefined) }).nullish()

/**
 * One commit through the REST API; returns its id where the answer tells it. The hub takes no parent: only the caller's own
 * look at the head guards it, and a failure may have landed. Source: modelscope_hub _upload.py, Cloudreve's driver.
 */
export async function publishCommit(
  site: Site,
  repo: RepoRef,
  commit: NewCommit,
): Promise<string | undefined> {
  const actions: Action[] = []
  for (const change of commit.changes) actions.push(await actionOf(change))
  const answer = await site.http.send({
    url: `${writeUrl(site.endpoint, repo)}/commit/${encodeURIComponent(commit.branch)}`,
    method: 'POST',
    json: { commit_message: commitMessage(commit), actions },
    headersTimeout,
  })
  return parseData(doneSchema, answer, `Commit to ${formatRepo(repo)}`)?.oid ?? undefined
}

interface Action {
  readonly action: 'create' | 'update' | 'delete'
  readonly path: string
  readonly type: 'normal' | 'lfs'
  readonly size: number
  readonly sha256: string
  readonly content: string
  readonly encoding: '' | 'base64'
}

async function actionOf(change: CommitChange): Promise<Action> {
  const { path } = change
  switch (change.kind) {
    case 'lfs': {
      const { oid: sha256, size } = change.object
      return { action: verbOf(change), path, type: 'lfs', size, sha256, content: '', encoding: '' }
    }
    case 'plain': {
      const content = await readInline(change)
      const { size } = change
      return { action: verbOf(change), path, type: 'normal', size, sha256: '', content, encoding: 'base64' }
    }
    case 'delete':
      return { action: 'delete', path, type: 'normal', size: 0, sha256: '', content: '', encoding: '' }
  }
}

function verbOf(change: { readonly isNew: boolean }): 'create' | 'update' {
  return change.isNew ? 'create' : 'update'
}
