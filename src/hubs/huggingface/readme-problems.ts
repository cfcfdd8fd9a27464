import { z } from 'zod'
import { printable } from '../../model/printable.ts'
import type { RepoRef } from '../../model/repo.ts'
import type { Site } from '../site.ts'
import { tryAnswer } from './ask.ts'

const verdictSchema = z.object({ errors: z.array(z.object({ message: z.string() })) })

/** Statuses of servers that take this from nobody, or not from us: then the commit shows it. */
const notTold: readonly number[] = [401, 403]

/**
 * What the hub has against the front matter of a README: the same check that a commit goes through, so its list of languages,
 * licenses and fields is always today's. Source: huggingface_hub hf_api.py (`_validate_yaml`, asked before every commit).
 */
export async function readmeProblems(site: Site, repo: RepoRef, readme: Buffer): Promise<readonly string[]> {
  const answer = await tryAnswer(site, {
    url: `${site.endpoint}/api/validate-yaml`,
    method: 'POST',
    json: { content: readme.toString('utf8'), repoType: repo.type },
    accept: [400, ...notTold],
    idempotent: true,
  })
  // Servers that speak this API in part have no such check, or one of their own form.
  if (answer?.status !== 400) return []
  const verdict = verdictSchema.safeParse(jsonOf(answer.body))
  return verdict.data?.errors.map(({ message }) => printable(message.slice(0, 500))) ?? []
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}
