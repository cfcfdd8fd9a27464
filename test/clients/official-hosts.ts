import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import { type AddressInfo, connect, type Server } from 'node:net'
import { startModelers } from '../stand-ins/modelers/index.ts'

/**
 * `node test/clients/official-hosts.ts PEM GITCODE`: what openmind_hub insists on, https at the hubs' own names, before a stand-in
 * for Modelers of its own and the one for GitCode at the address GITCODE. Prints one line of JSON (`OfficialHosts`) and serves
 * until SIGTERM or SIGINT. The client comes by the proxy, which leads every name to the TLS front.
 */
async function main([pem = '', gitcode = '']: readonly string[]): Promise<void> {
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  // Its client deletes repos without a body, which the hub refuses.
  const modelers = await startModelers({ bodylessDelete: 'accepted' })
  const servers: ReadonlyMap<string, string> = new Map([
    ['modelers.cn', modelers.endpoint],
    ['hub.gitcode.com', gitcode],
  ])
  const text = readFileSync(pem)
  const front = https.createServer({ cert: text, key: text }, (req, res) => forward(servers, req, res))
  const frontPort = await listen(front)
  const proxy = http.createServer().on('connect', (_, client) => {
    const server = connect(frontPort, '127.0.0.1', () => client.write('HTTP/1.1 200 OK\r\n\r\n'))
    server.on('error', () => client.destroy())
    client.on('error', () => server.destroy())
    client.pipe(server).pipe(client)
  })
  const proxyUrl = `http://127.0.0.1:${await listen(proxy)}`
  const { endpoint, token, readToken, username } = modelers
  const told = { modelers: { endpoint, token, readToken, username }, proxy: proxyUrl }
  process.stdout.write(`${JSON.stringify(told)}\n`)
  await stopped
  await modelers.close()
  process.exit()
}

/**
 * As the CDN before the live storage, it looks at signatures only: both clients send their token there, which stays here. What is
 * redirected to a stand-in's storage is led through here again, as the clients go nowhere without TLS.
 */
function forward(servers: ReadonlyMap<string, string>, req: IncomingMessage, res: ServerResponse): void {
  const { host = '', authorization, ...headers } = req.headers
  const [, port] = /^storage-(\d+)\./.exec(host) ?? []
  const origin = port === undefined ? servers.get(host) : `http://localhost:${port}`
  if (origin === undefined) {
    res.writeHead(502).end(`no server for ${host}`)
    return
  }
  const target = new URL(req.url ?? '/', origin)
  const credentials = port === undefined && authorization !== undefined ? { authorization } : {}
  const sent = { ...headers, ...credentials, host: target.host }
  const ahead = http.request(target, { method: req.method, headers: sent }, (answer) => {
    const domain = host.split('.').slice(-2).join('.')
    const here = answer.headers.location?.replace(/^http:\/\/localhost:(\d+)/, `https://storage-$1.${domain}`)
    res.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...(here && { location: here }) })
    answer.pipe(res)
  })
  ahead.on('error', () => res.destroy())
  req.pipe(ahead)
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

if (import.meta.main) await main(process.argv.slice(2))
