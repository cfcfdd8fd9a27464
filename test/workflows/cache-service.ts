import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { HttpError, readBody, sendJson, startServer } from '../stand-ins/core/server.ts'

export interface CacheService {
  /** What a runner sets for the client of the cache. */
  readonly env: Readonly<Record<string, string>>
  /** Archives by key, the newest last. An entry never changes. */
  readonly entries: Map<string, Entry>
  /** `<what is asked> <key> <whether it was granted>`, in order. */
  readonly asked: string[]
  close(): Promise<void>
}

interface Entry {
  readonly version: string
  archive: Buffer
  isWhole: boolean
}

const requestSchema = z.object({
  key: z.string(),
  version: z.string(),
  restore_keys: z.array(z.string()).default([]),
})

/** GitHub's cache service of version 2 as @actions/cache 6 asks for it: https://github.com/actions/toolkit, packages/cache. */
export async function startCacheService(): Promise<CacheService> {
  const entries = new Map<string, Entry>()
  const asked: string[] = []
  const places = new Map<string, string>()
  const place = (key: string) => {
    const path = `/devstoreaccount1/cache/${randomUUID()}`
    places.set(path, key)
    return `${server.origin}${path}`
  }
  const answers: Record<string, (request: z.infer<typeof requestSchema>) => object> = {
    CreateCacheEntry: ({ key, version }) => {
      if (entries.has(key)) return { ok: false, message: 'cache entry with the same key exists' }
      entries.set(key, { version, archive: Buffer.alloc(0), isWhole: false })
      return { ok: true, signed_upload_url: place(key) }
    },
    FinalizeCacheEntryUpload: ({ key }) => {
      const entry = entries.get(key)
      if (entry !== undefined) entry.isWhole = true
      return { ok: entry !== undefined, entry_id: '1' }
    },
    GetCacheEntryDownloadURL: ({ key, version, restore_keys: prefixes }) => {
      const whole = [...entries]
        .filter(([, entry]) => entry.isWhole && entry.version === version)
        .toReversed()
      const [found] =
        whole.find(([name]) => name === key) ??
        prefixes.flatMap((prefix) => whole.filter(([name]) => name.startsWith(prefix)))[0] ??
        []
      return found === undefined
        ? { ok: false }
        : { ok: true, matched_key: found, signed_download_url: place(found) }
    },
  }
  const server = await startServer({
    name: 'api',
    log: [],
    handle: async ({ req, res, method, path }) => {
      const body = await readBody(req)
      const entry = entries.get(places.get(path) ?? '')
      if (entry !== undefined && method === 'PUT') {
        entry.archive = body
        res.writeHead(201).end()
        return
      }
      if (entry !== undefined) {
        res.writeHead(200, { 'content-length': entry.archive.length }).end(entry.archive)
        return
      }
      const name = path.replace('/twirp/github.actions.results.api.v1.CacheService/', '')
      const answer = answers[name]
      if (answer === undefined) throw new HttpError(404, {})
      const wanted = requestSchema.parse(JSON.parse(body.toString()))
      const told = answer(wanted)
      asked.push(`${name} ${wanted.key} ${'ok' in told && told.ok}`)
      sendJson(res, 200, told)
    },
  })
  return {
    env: {
      ACTIONS_CACHE_SERVICE_V2: 'true',
      ACTIONS_RESULTS_URL: `${server.origin}/`,
      ACTIONS_RUNTIME_TOKEN: 'runtime-token-of-a-test',
    },
    entries,
    asked,
    close: () => server.close(),
  }
}
