import { type ZodType, z } from 'zod'
import { cutList } from '../of-owner.ts'
import { parseV5 } from './parse-v5.ts'
import type { GitCodeSite } from './site.ts'

/** The most that V5 answers (docs.gitcode.com). */
const pageSize = 100
/** More pages than any owner has: a list that does not end is an error. */
const maxPages = 2000

/**
 * Every row of a V5 list, each once. Pages were seen to overlap and to be short, so a list ends with a page that holds nothing
 * new, or with the last one where `total_page` tells it; fewer rows than `total_count` tells throw `bad-answer`.
 */
export async function* readRows<Row>(
  site: Pick<GitCodeSite, 'v5'>,
  url: string,
  query: Readonly<Record<string, string>>,
  schema: ZodType<Row>,
  what: string,
): AsyncGenerator<Row, void, undefined> {
  const seen = new Set<string>()
  for (let page = 1; ; page += 1) {
    const params = new URLSearchParams({ ...query, page: `${page}`, per_page: `${pageSize}` })
    const answer = await site.v5.send({ url: `${url}?${params}` })
    const fresh: Row[] = []
    for (const row of parseV5(z.array(schema), answer, what)) {
      const key = JSON.stringify(row)
      if (seen.has(key)) continue
      seen.add(key)
      fresh.push(row)
    }
    yield* fresh
    const { total_count: total, total_page: last } = answer.headers
    if (fresh.length === 0 || (Number(last) > 0 && page >= Number(last))) {
      if (Number(total) > seen.size) throw cutList(what, `after ${seen.size} of ${total}`)
      return
    }
    if (page === maxPages) throw cutList(what, `not within ${maxPages} pages`)
  }
}
