import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gitEnvironment } from '../../../stand-ins/core/git-repo.ts'
import type { Pointer } from '../../../stand-ins/core/pointer.ts'
import { isRecord } from '../../../stand-ins/core/server.ts'
import type { PlainGitStandIn } from '../../../stand-ins/plain-git/index.ts'

export const repo = { type: 'model', owner: 'alice', name: 'tiny' } as const
export const bytes = Buffer.from('some bytes of a model')
export const object = pointerTo(bytes)

export function pointerTo(content: Buffer): Pointer {
  return { oid: createHash('sha256').update(content).digest('hex'), size: content.length }
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

export function authOf(host: PlainGitStandIn): string {
  return basic('anybody', host.token)
}

interface BatchAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: Record<string, unknown>
  /** First object of the answer. */
  readonly first: Record<string, unknown>
}

/** One batch; by default for one upload, with good credentials. */
export async function batch(
  host: PlainGitStandIn,
  given: {
    readonly operation?: 'upload' | 'download'
    readonly objects?: readonly Pointer[]
    readonly authorization?: string | undefined
    readonly name?: string
    readonly accept?: string
    readonly body?: object
  } = {},
): Promise<BatchAnswer> {
  const { operation = 'upload', objects = [object], accept = 'application/vnd.git-lfs+json' } = given
  const authorization = 'authorization' in given ? given.authorization : authOf(host)
  const url = `${host.gitUrl({ owner: 'alice', name: given.name ?? 'tiny' })}/info/lfs/objects/batch`
  const answer = await fetch(url, {
    method: 'POST',
    headers: { accept, ...(authorization === undefined ? {} : { authorization }) },
    body: JSON.stringify({ operation, objects, ...given.body }),
  })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.includes('json') === true
  const value: unknown = isJson ? JSON.parse(text) : {}
  const body = isRecord(value) ? value : {}
  const first: unknown = Array.isArray(body.objects) ? body.objects[0] : {}
  return { status: answer.status, headers: answer.headers, text, body, first: isRecord(first) ? first : {} }
}

export interface Action {
  readonly href: string
  readonly header?: Record<string, string> | null
  readonly expires_in?: number
  readonly expires_at?: string
}

/** An action of the first object of a batch. */
export async function actionOf(
  host: PlainGitStandIn,
  operation: 'upload' | 'download',
  name: 'upload' | 'download' | 'verify' = operation,
): Promise<Action> {
  const { first } = await batch(host, { operation })
  const action = isRecord(first.actions) ? first.actions[name] : undefined
  if (!isRecord(action)) throw new Error(`no ${name} in ${JSON.stringify(first)}`)
  return action as unknown as Action
}

/** PUT of an object, with the headers of the action and others. */
export function put(
  action: Action,
  body: Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(action.href, {
    method: 'PUT',
    headers: { ...action.header, ...headers },
    body: new Uint8Array(body),
  })
}

/** Stock git, away from any configuration; answers stdout and stderr together. */
export async function git(args: readonly string[], cwd = '/'): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)('git', [...args], { cwd, env: gitEnvironment })
  return stdout + stderr
}
