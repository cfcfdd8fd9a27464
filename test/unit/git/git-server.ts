import { execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from '../../../src/context.ts'

export interface GitServer {
  readonly url: string
  readonly gitDir: string
  /** What a test may change between requests. */
  readonly behaviour: {
    authorization: string | undefined
    redirectTo: string | undefined
    status: number | undefined
    /** Never answers. */
    hang: boolean
    /** Runs before a push is passed on. */
    beforePush: (() => void) | undefined
  }
  readonly requests: { readonly url: string; readonly authorization: string | undefined }[]
  git(args: readonly string[], input?: string | Buffer): string
  close(): Promise<void>
}

/** `git http-backend` over one bare repo, on this machine only. */
export async function startGitServer(settings: Readonly<Record<string, string>> = {}): Promise<GitServer> {
  const root = await mkdtemp(join(tmpdir(), 'git-server-'))
  const gitDir = join(root, 'repo.git')
  const environment = {
    PATH: process.env.PATH,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@example.invalid',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@example.invalid',
  }
  const run = (args: readonly string[], input?: string | Buffer) =>
    execFileSync('git', args, {
      cwd: gitDir,
      env: environment,
      input,
      maxBuffer: 1 << 28,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
      .toString()
      .trimEnd()
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', gitDir], { env: environment })
  const defaults = { 'http.receivepack': 'true', 'uploadpack.allowFilter': 'true' }
  for (const [key, value] of Object.entries({ ...defaults, ...settings })) run(['config', key, value])

  const behaviour: GitServer['behaviour'] = {
    authorization: undefined,
    redirectTo: undefined,
    status: undefined,
    hang: false,
    beforePush: undefined,
  }
  const requests: GitServer['requests'] = []
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', authorization: request.headers.authorization })
    if (behaviour.hang) return
    if (behaviour.redirectTo !== undefined) {
      response.writeHead(302, { location: behaviour.redirectTo + request.url }).end()
    } else if (behaviour.status !== undefined) {
      response.writeHead(behaviour.status).end()
    } else if (
      behaviour.authorization !== undefined &&
      request.headers.authorization !== behaviour.authorization
    ) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end()
    } else {
      if (request.method === 'POST' && request.url?.endsWith('/git-receive-pack')) behaviour.beforePush?.()
      backend(root, request, response)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}/repo.git`,
    gitDir,
    behaviour,
    requests,
    git: run,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(root, { recursive: true, force: true })
    },
  }
}

function backend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      REMOTE_USER: 'test',
    },
  })
  child.stdin.on('error', () => undefined)
  request.pipe(child.stdin)
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.on('close', () => {
    const output = Buffer.concat(chunks)
    const end = output.indexOf('\r\n\r\n')
    const headers = output
      .toString('latin1', 0, end)
      .split('\r\n')
      .map((line) => line.split(': '))
    const status = headers.find(([name]) => name === 'Status')?.[1]
    response.statusCode = Number(status?.slice(0, 3) ?? 200)
    for (const [name = '', value = ''] of headers)
      if (name !== 'Status' && name !== '') response.setHeader(name, value)
    response.end(output.subarray(end + 4))
  })
}

/** A context for tests, with a work folder of its own. */
export async function testContext(): Promise<Context> {
  return {
    clock: { now: () => 1_700_000_000_000, sleep: async () => undefined },
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined },
    progress: () => undefined,
    signal: new AbortController().signal,
    workDir: await mkdtemp(join(tmpdir(), 'git-work-')),
    proxy: {},
    inherited: { PATH: process.env.PATH ?? '' },
  }
}
