import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gitEnvironment } from '../../../stand-ins/core/git-repo.ts'
import type { Pointer } from '../../../stand-ins/core/pointer.ts'
import { isRecord, isRecordList } from '../../../stand-ins/core/server.ts'
import type { ModelersStandIn } from '../../../stand-ins/modelers/index.ts'

export const lfsType = 'application/vnd.git-lfs+json'

export function pointerTo(content: Buffer): Pointer {
  return { oid: createHash('sha256').update(content).digest('hex'), size: content.length }
}

export const blobId = (text: string): string =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex')

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly code: unknown
  readonly msg: unknown
  readonly data: Record<string, unknown>
  /** The whole body, where there is no envelope. */
  readonly body: Record<string, unknown>
}

/** One call of the API; `token` null sends none. */
export async function call(
  hub: ModelersStandIn,
  method: string,
  path: string,
  given: {
    readonly body?: unknown
    readonly token?: string | null
    readonly headers?: Record<string, string>
  } = {},
): Promise<Answer> {
  const { token = hub.token } = given
  const headers = new Headers(given.headers)
  if (token !== null && !headers.has('authorization')) headers.set('authorization', `Bearer ${token}`)
  const init: RequestInit = { method, headers, redirect: 'manual' }
  if (given.body !== undefined) init.body = JSON.stringify(given.body)
  const response = await fetch(hub.endpoint + path, init)
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') === true
  const body: unknown = isJson ? JSON.parse(text) : {}
  if (!isRecord(body)) throw new Error(`no object: ${text}`)
  const data = isRecord(body.data) ? body.data : {}
  return {
    status: response.status,
    headers: response.headers,
    text,
    code: body.code,
    msg: body.msg,
    data,
    body,
  }
}

export function create(
  hub: ModelersStandIn,
  name: string,
  given: Record<string, unknown> = {},
  kind = 'model',
): Promise<Answer> {
  const body = { owner: 'alice', name, license: 'mit', visibility: 'public', ...given }
  return call(hub, 'POST', `/api/v1/${kind}`, { body })
}

/** A commit by the API: text to put it there, null to delete. */
export function commit(
  hub: ModelersStandIn,
  name: string,
  files: Readonly<Record<string, string | null>>,
  title = 'test',
): Promise<Answer> {
  const rows = Object.entries(files).map(([path, text]) =>
    text === null
      ? { operation: 'delete', path }
      : { operation: 'create', path, content: Buffer.from(text).toString('base64') },
  )
  return call(hub, 'POST', `/api/v1/file/alice/${name}/upload`, { body: { files: rows, ref: 'main', title } })
}

export function basic(token: string, user = 'alice'): string {
  return `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`
}

/** One LFS batch by git for one object; answers that object beside the rest. */
export async function batch(
  hub: ModelersStandIn,
  name: string,
  object: Pointer,
  given: { operation?: string; transfers?: string[]; accept?: string; authorization?: string } = {},
): Promise<Answer & { readonly object: Record<string, unknown> }> {
  const { operation = 'upload', transfers = ['basic'], accept = lfsType } = given
  const headers = { accept, authorization: given.authorization ?? basic(hub.token) }
  const path = `/alice/${name}.git/info/lfs/objects/batch`
  const answer = await call(hub, 'POST', path, { headers, body: { operation, transfers, objects: [object] } })
  return { ...answer, object: firstOf(answer.body.objects) }
}

export function firstOf(list: unknown): Record<string, unknown> {
  return isRecordList(list) ? (list[0] ?? {}) : {}
}

/** A value inside of records. */
export function at(value: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value)
}

const run = promisify(execFile)

export async function git(folder: string, ...args: string[]): Promise<string> {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid']
  const { stdout } = await run('git', [...identity, ...args], { cwd: folder, env: gitEnvironment })
  return stdout.trim()
}

/** Commits files in a clone and pushes; answers what went wrong, or an empty text. */
export async function push(
  folder: string,
  files: Readonly<Record<string, string>>,
  message = 'by git',
): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await git(folder, 'add', '.')
  await git(folder, 'commit', '-q', '-m', message)
  try {
    await git(folder, 'push', '-q', 'origin', 'HEAD:main')
    return ''
  } catch (cause) {
    await git(folder, 'reset', '-q', '--hard', 'HEAD~')
    return cause instanceof Error ? cause.message : String(cause)
  }
}
