import { spawn } from 'node:child_process'
import { pipeline } from 'node:stream/promises'
import { gitEnvironment } from './git-repo.ts'
import type { Exchange } from './server.ts'

/** The three paths of smart HTTP, as they follow the address of a repo. */
export type GitPath = 'info/refs' | 'git-upload-pack' | 'git-receive-pack'

/** True if the request wants to push (so the caller can ask for credentials first). */
export function isPush(path: GitPath, query: URLSearchParams): boolean {
  return path === 'git-receive-pack' || query.get('service') === 'git-receive-pack'
}

/**
 * Serves one smart HTTP request of a bare repo through `git http-backend` (git-http-backend(1)).
 * The caller has checked the rights. Resolves when the answer is sent.
 */
export async function serveGit(
  exchange: Exchange,
  gitDir: string,
  path: GitPath,
  user: string,
): Promise<void> {
  const { req, res, query, method } = exchange
  const child = spawn('git', ['http-backend'], {
    env: {
      ...gitEnvironment,
      GIT_PROJECT_ROOT: gitDir,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: `/${path}`,
      QUERY_STRING: query.toString(),
      REQUEST_METHOD: method,
      REMOTE_USER: user,
      REMOTE_ADDR: '127.0.0.1',
      ...fromHeaders(req.headers),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve())
  })
  res.once('close', () => child.kill())
  // A backend that answers without reading all of the body breaks this pipe; its answer counts.
  void pipeline(req, child.stdin).catch(() => undefined)
  await relayCgi(child.stdout, res)
  await ended
}

function fromHeaders(headers: Exchange['req']['headers']): Record<string, string> {
  const environment: Record<string, string> = {}
  const set = (name: string, value: string | string[] | undefined): void => {
    if (typeof value === 'string') environment[name] = value
  }
  set('CONTENT_TYPE', headers['content-type'])
  set('CONTENT_LENGTH', headers['content-length'])
  set('HTTP_CONTENT_ENCODING', headers['content-encoding'])
  set('HTTP_ACCEPT', headers.accept)
  set('GIT_PROTOCOL', headers['git-protocol'])
  return environment
}

/** CGI output: header lines, an empty line, then the body as it comes. */
async function relayCgi(output: AsyncIterable<Buffer>, res: Exchange['res']): Promise<void> {
  let head: Buffer | undefined = Buffer.alloc(0)
  for await (const chunk of output) {
    if (head === undefined) {
      if (!res.write(chunk) && !res.destroyed) await Promise.race([event(res, 'drain'), event(res, 'close')])
      continue
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) continue
    writeCgiHead(head.toString('latin1', 0, end), res)
    if (head.length > end + 4) res.write(head.subarray(end + 4))
    head = undefined
  }
  if (head !== undefined) res.writeHead(500)
  res.end()
}

function writeCgiHead(text: string, res: Exchange['res']): void {
  let status = 200
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1).trim()
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10)
    else res.setHeader(name, value)
  }
  res.writeHead(status)
}

function event(res: Exchange['res'], name: string): Promise<void> {
  return new Promise((resolve) => res.once(name, () => resolve()))
}
