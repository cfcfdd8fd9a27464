import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { promisify } from 'node:util'
import { gitEnvironment } from '../../../stand-ins/core/git-repo.ts'
import type { Pointer } from '../../../stand-ins/core/pointer.ts'
import type { GitCodeStandIn } from '../../../stand-ins/gitcode/index.ts'

export const repo = { type: 'model', owner: 'alice', name: 'tiny' } as const
export const bytes = Buffer.from('some bytes of a model')
export const object = pointerTo(bytes)

export function pointerTo(content: Buffer): Pointer {
  return { oid: createHash('sha256').update(content).digest('hex'), size: content.length }
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // The tests know what they ask for; a wrong shape fails their assertions.
  readonly json: Record<string, unknown>
}

/** One call with the user's token as Bearer, unless told otherwise. No redirect is followed. */
export async function call(
  hub: GitCodeStandIn,
  method: string,
  path: string,
  given: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  const { body, headers = { authorization: `Bearer ${hub.token}` } } = given
  const answer = await fetch(path.startsWith('http') ? path : hub.endpoint + path, {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.includes('json') === true
  const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : {}
  return { status: answer.status, headers: answer.headers, text, json }
}

/** Status of a GET whose path goes out as it is, without a User-Agent unless one is given. */
export function rawGet(hub: GitCodeStandIn, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(hub.endpoint)
    const sent = request({ hostname, port, path, headers }, (answer) => {
      answer.resume()
      answer.once('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.once('error', reject)
    sent.end()
  })
}

/** Uploads an object by LFS, as git-lfs does; answers the status of the batch. */
export async function upload(hub: GitCodeStandIn, name: string, content: Buffer): Promise<number> {
  const batch = await call(hub, 'POST', `/${name}.git/info/lfs/objects/batch`, {
    body: { operation: 'upload', objects: [pointerTo(content)] },
  })
  const [first] = (batch.json.objects ?? []) as { actions?: { upload: { href: string } } }[]
  const href = first?.actions?.upload.href
  if (href !== undefined) await fetch(href, { method: 'PUT', body: new Uint8Array(content) })
  return batch.status
}

export function ndjson(summary: string, rows: readonly object[], parentCommit?: string): string {
  const header = { key: 'header', value: { summary, ...(parentCommit ? { parentCommit } : {}) } }
  return [header, ...rows].map((row) => JSON.stringify(row)).join('\n')
}

/** Address of a repo with the token in it, for stock git. */
export function gitUrl(hub: GitCodeStandIn, name: string): string {
  return `${hub.endpoint.replace('://', `://anybody:${hub.token}@`)}/${name}.git`
}

/** Stock git, away from any configuration; answers stdout and stderr together. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.invalid']
  const { stdout, stderr } = await promisify(execFile)('git', [...who, ...args], { cwd, env: gitEnvironment })
  return stdout + stderr
}
