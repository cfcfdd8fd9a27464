import { z } from 'zod'
import type { RepoType } from '../../model/repo.ts'
import { parseData } from '../parse-answer.ts'
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
