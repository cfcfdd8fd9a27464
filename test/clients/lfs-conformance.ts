import { createHash, randomBytes } from 'node:crypto'
import type { StandIn } from '../stand-ins/core/stand-in.ts'
import { startGitCode } from '../stand-ins/gitcode/index.ts'
import { startGitHub } from '../stand-ins/github/index.ts'
import { startHuggingFace } from '../stand-ins/huggingface/index.ts'
import { startModelers } from '../stand-ins/modelers/index.ts'
import { startModelScope } from '../stand-ins/modelscope/index.ts'
import { startPlainGit } from '../stand-ins/plain-git/index.ts'
import { type Checks, expectSame } from './checks.ts'

/** A server of git LFS that has one repo to try things in. */
export interface LfsServer {
  readonly name: string
  /** What `/objects/batch` is appended to. */
  readonly lfsUrl: string
  readonly authorization: string | undefined
  /** Where it is known to answer otherwise: what it says of each object then. */
  readonly exceptions?: Readonly<Record<string, readonly string[]>>
}

interface Case {
  readonly name: string
  readonly operation: 'upload' | 'download'
  readonly objects: readonly Pointer[]
  /** Per object: the actions offered, or `error CODE`. */
  readonly expected: readonly string[]
}

interface Pointer {
  readonly oid: string
  readonly size: number
}

/** The cases of git-lfs's own server tests (git-lfs t/git-lfs-test-server-api) against one server. */
export async function checkLfsServer(checks: Checks, server: LfsServer): Promise<void> {
  const contents = [1, 2, 3].map((index) => randomBytes(1000 * index))
  const there = contents.map(pointerTo)
  const missing = [4, 5, 6].map((index) => pointerTo(randomBytes(1000 * index)))
  const about = `git-lfs server cases, ${server.name}:`
  const stored = await checks.run(`${about} takes uploads by the basic transfer`, async () => {
    for (const content of contents) await upload(server, content)
  })
  if (!stored) return
  for (const one of casesOf(there, missing)) {
    await checks.run(`${about} ${one.name}`, async () => {
      const answered = await ask(server, one.operation, one.objects)
      expectSame(answered, server.exceptions?.[one.name] ?? one.expected, 'what is offered')
    })
  }
}

interface LfsStandIn {
  readonly name: string
  readonly start: () => Promise<StandIn>
  /** User name for git, where not the account's own. */
  readonly username?: string
  readonly exceptions?: LfsServer['exceptions']
}

/** Those without exceptions answer as git-lfs's own tests want it; hosts that were seen to do otherwise are ways of the plain one. */
const standIns: readonly LfsStandIn[] = [
  { name: 'huggingface', start: startHuggingFace },
  { name: 'modelscope', start: startModelScope, username: 'oauth2' },
  { name: 'modelers', start: startModelers },
  { name: 'gitcode', start: startGitCode },
  { name: 'github', start: startGitHub },
  { name: 'plain git', start: startPlainGit },
  {
    name: 'plain git that offers what it has',
    start: () => startPlainGit({ storedObject: 'offered-again' }),
    exceptions: {
      'upload, all there': ['upload', 'upload', 'upload'],
      'upload, some there': ['upload', 'upload', 'upload', 'upload', 'upload', 'upload'],
    },
  },
  {
    name: 'plain git that refuses whole batches',
    start: () => startPlainGit({ invalidObject: 'batch-400', missingObject: 'whole-batch' }),
    exceptions: {
      'oid too short': ['error 400'],
      'oid not hexadecimal': ['error 400'],
      'negative size': ['error 400'],
    },
  },
  {
    name: 'plain git that takes everything',
    start: () => startPlainGit({ invalidObject: 'offered' }),
    exceptions: {
      'oid too short': ['upload'],
      'oid not hexadecimal': ['upload'],
      'negative size': ['upload'],
    },
  },
]

/** All stand-ins with LFS. */
export async function checkLfsStandIns(checks: Checks): Promise<void> {
  for (const { name, start, username, exceptions = {} } of standIns) {
    const hub = await start()
    try {
      const repo = { type: 'model', owner: hub.username, name: 'tiny' } as const
      await hub.seed({ ...repo, files: { 'a.txt': 'a' } })
      const user = username ?? hub.username
      await checkLfsServer(checks, {
        name,
        lfsUrl: `${hub.endpoint}/${repo.owner}/${repo.name}.git/info/lfs`,
        authorization: `Basic ${Buffer.from(`${user}:${hub.token}`).toString('base64')}`,
        exceptions,
      })
    } finally {
      await hub.close()
    }
  }
}

function casesOf(there: readonly Pointer[], missing: readonly Pointer[]): Case[] {
  const all = (word: string) => there.map(() => word)
  const mixed = [...there, ...missing]
  const malformed = (object: Pointer) => ({
    operation: 'upload' as const,
    objects: [object],
    expected: ['error 422'],
  })
  return [
    { name: 'download, all there', operation: 'download', objects: there, expected: all('download') },
    { name: 'download, none there', operation: 'download', objects: missing, expected: all('error 404') },
    {
      name: 'download, some there',
      operation: 'download',
      objects: mixed,
      expected: [...all('download'), ...all('error 404')],
    },
    { name: 'upload, all there', operation: 'upload', objects: there, expected: all('nothing') },
    { name: 'upload, none there', operation: 'upload', objects: missing, expected: all('upload') },
    {
      name: 'upload, some there',
      operation: 'upload',
      objects: mixed,
      expected: [...all('nothing'), ...all('upload')],
    },
    { name: 'oid too short', ...malformed({ oid: 'abc', size: 3 }) },
    { name: 'oid not hexadecimal', ...malformed({ oid: 'z'.repeat(64), size: 3 }) },
    { name: 'negative size', ...malformed({ oid: 'a'.repeat(64), size: -1 }) },
    {
      name: 'size zero is allowed',
      operation: 'upload',
      objects: [pointerTo(Buffer.alloc(0))],
      expected: ['upload'],
    },
  ]
}

/** One batch, each of its objects in a word. A status that refuses all of them is that word for each. */
async function ask(
  server: LfsServer,
  operation: Case['operation'],
  objects: readonly Pointer[],
): Promise<string[]> {
  const answer = await post(
    `${server.lfsUrl}/objects/batch`,
    credentials(server),
    batchOf(operation, objects),
  )
  const text = await answer.text()
  if (!answer.ok) return objects.map(() => `error ${answer.status}`)
  const body = JSON.parse(text) as { objects: readonly Answered[] }
  const rows = new Map(body.objects.map((row) => [row.oid, row]))
  return objects.map(({ oid }) => wordOf(rows.get(oid)))
}

interface Answered {
  readonly oid: string
  readonly actions?: Readonly<Record<string, Action>>
  readonly error?: { readonly code: number }
}

interface Action {
  readonly href: string
  readonly header?: Headers
}

type Headers = Readonly<Record<string, string>>

function wordOf(row: Answered | undefined): string {
  if (row === undefined) return 'left out'
  if (row.error !== undefined) return `error ${row.error.code}`
  const offered = Object.keys(row.actions ?? {}).filter((action) => action !== 'verify')
  return offered.length === 0 ? 'nothing' : offered.join()
}

async function upload(server: LfsServer, content: Buffer): Promise<void> {
  const object = pointerTo(content)
  const answer = await post(
    `${server.lfsUrl}/objects/batch`,
    credentials(server),
    batchOf('upload', [object]),
  )
  if (!answer.ok) throw new Error(`batch: ${answer.status} ${await answer.text()}`)
  const body = (await answer.json()) as { objects: readonly Answered[] }
  const { upload: put, verify } = body.objects[0]?.actions ?? {}
  if (put === undefined) throw new Error('no upload is offered')
  const sent = await fetch(put.href, {
    method: 'PUT',
    headers: headersOf(server, put),
    body: new Uint8Array(content),
  })
  if (!sent.ok) throw new Error(`PUT: ${sent.status} ${await sent.text()}`)
  if (verify === undefined) return
  const verified = await post(verify.href, headersOf(server, verify), object)
  if (!verified.ok) throw new Error(`verify: ${verified.status} ${await verified.text()}`)
}

/** An action of the server's own host wants the caller's credentials, unless it brings its own in a header or in its query. */
function headersOf(server: LfsServer, { href, header = {} }: Action): Headers {
  const own = Object.fromEntries(Object.entries(header).map(([name, value]) => [name.toLowerCase(), value]))
  const isOwn = new URL(href).origin === new URL(server.lfsUrl).origin && !href.includes('?')
  return { ...(isOwn ? credentials(server) : {}), ...own }
}

const mediaType = 'application/vnd.git-lfs+json'

function post(url: string, headers: Headers, body: object): Promise<Response> {
  const types = { accept: mediaType, 'content-type': mediaType }
  return fetch(url, { method: 'POST', headers: { ...types, ...headers }, body: JSON.stringify(body) })
}

function batchOf(operation: Case['operation'], objects: readonly Pointer[]): object {
  return { operation, transfers: ['basic'], objects, hash_algo: 'sha256' }
}

function credentials({ authorization }: LfsServer): Headers {
  return authorization === undefined ? {} : { authorization }
}

function pointerTo(content: Buffer): Pointer {
  return { oid: createHash('sha256').update(content).digest('hex'), size: content.length }
}
