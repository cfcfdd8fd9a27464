import { z } from 'zod'
import { SyncError } from '../../model/errors.ts'
import { printable } from '../../model/printable.ts'
import type { RepoType } from '../../model/repo.ts'
import { parseRepoId } from '../repo-name.ts'

/** A repo as GitHub tells of it, in the parts we rely on. */
export interface RepoRow {
  readonly owner: string
  readonly name: string
  readonly type: RepoType
  readonly topics: readonly string[]
}

const rowSchema = z.object({ full_name: z.string(), topics: z.array(z.string()).default([]) })

/** One repo of an answer or of a listing. `what` names the question. Throws `bad-answer`. */
export function parseRepoRow(data: unknown, what: string): RepoRow {
  const { full_name: id, topics } = parseData(rowSchema, data, what)
  return { ...parseRepoId(id, what), topics, type: typeOf(topics) }
}

/** GitHub knows no kinds of repos: those with the topic `dataset` are datasets, all others models. */
function typeOf(topics: readonly string[]): RepoType {
  return topics.includes('dataset') ? 'dataset' : 'model'
}

/** What Octokit read, in the shape we rely on; its types are promises of the documentation. Throws `bad-answer`. */
export function parseData<Shape>(schema: z.ZodType<Shape>, data: unknown, what: string): Shape {
  const parsed = schema.safeParse(data)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const place = issue?.path.map(String).join('.') || 'the whole answer'
  throw new SyncError(
    'bad-answer',
    `${what}: the answer does not have the documented shape: ${printable(place)}: ${printable(issue?.message ?? '')}.`,
    { next: 'Check that the endpoint is the right one; if it is, the hub has changed.' },
  )
}
