import { SyncError } from '../../src/model/errors.ts'
import type { OpenFile, Range } from '../../src/model/file.ts'
import type { Answer, Http } from '../../src/net/http.ts'
import { digestOf } from './digest.ts'
import type { MemoryStore } from './memory-store.ts'

/** LFS of a hub in memory: the batch of the spec, and objects at `/objects/OID`. Uploads are hashed, and need the right to write. */
export function memoryHttp(store: MemoryStore, canWrite: boolean): Http {
  return {
    send: async ({ url, body }) => answerOf(url, batch(store, canWrite, url, String(body))),
    pages: () => {
      throw new SyncError('internal', 'A hub in memory has no pages.')
    },
    open: async ({ url, range }) => {
      const content = store.objects.get(oidOf(url))
      if (content === undefined) throw new SyncError('object-missing', `No object at ${url}.`)
      return openBytes(content, range)
    },
    put: async ({ url, body, length }) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      const content = Buffer.concat(chunks)
      if (content.length !== length || digestOf(content) !== oidOf(url))
        throw new SyncError('corrupt', 'These are not the bytes of the object.')
      store.objects.set(oidOf(url), content)
      return answerOf(url, {})
    },
  }
}

interface BatchRequest {
  readonly operation: 'upload' | 'download'
  readonly objects: readonly { readonly oid: string; readonly size: number }[]
}

function batch({ objects }: MemoryStore, canWrite: boolean, url: string | URL, body: string): object {
  const request: BatchRequest = JSON.parse(body)
  if (request.operation === 'upload' && !canWrite)
    throw new SyncError('forbidden', 'This token cannot upload.')
  const rows = request.objects.map(({ oid, size }) => {
    const isThere = objects.get(oid)?.length === size
    const action = { href: new URL(`/objects/${oid}`, url).href }
    if (request.operation === 'upload')
      return { oid, size, ...(isThere ? {} : { actions: { upload: action } }) }
    return {
      oid,
      size,
      ...(isThere ? { actions: { download: action } } : { error: { code: 404, message: 'no' } }),
    }
  })
  return { transfer: 'basic', objects: rows }
}

function oidOf(url: string | URL): string {
  return new URL(url).pathname.split('/').at(-1) ?? ''
}

function answerOf(url: string | URL, value: object): Answer {
  const body = Buffer.from(JSON.stringify(value))
  return { status: 200, headers: {}, body, url: new URL(url), json: () => JSON.parse(body.toString()) }
}

/** The bytes of a range, in pieces as a network would bring them. */
export function openBytes(content: Buffer, range: Range | undefined): OpenFile {
  const bytes = content.subarray(range?.start ?? 0, range?.end === undefined ? undefined : range.end + 1)
  async function* body() {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
  }
  return { body: body(), size: content.length, close: () => undefined }
}
