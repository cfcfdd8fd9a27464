import { spawn } from 'node:child_process'
import { once } from 'node:events'
import pLimit from 'p-limit'
import type { Transfer } from './transfers.ts'

/** The cheapest way there is to move objects from storage to storage: `curl | curl`, so many at once, nothing hashed or looked at. */
export async function curlAll(transfers: readonly Transfer[], atOnce: number): Promise<void> {
  const limit = pLimit(atOnce)
  await Promise.all(transfers.map((transfer) => limit(() => curl(transfer))))
}

/** `curl SOURCE | curl -T - TARGET` with the length given, since ModelScope refuses chunked bodies. The shell only joins them. */
async function curl({ source, target, size }: Transfer): Promise<void> {
  const headers = { ...target.headers, 'Content-Length': String(size), 'Transfer-Encoding': '', Expect: '' }
  const lines = Object.entries(headers).flatMap(([name, value]) => [
    '-H',
    value === '' ? `${name}:` : `${name}: ${value}`,
  ])
  const pipe = 'set -o pipefail; curl -sSf "$SOURCE" | curl -sSf -o /dev/null -T - "$@"'
  const shell = spawn('bash', ['-c', pipe, 'bash', ...lines, target.href], {
    env: { ...process.env, SOURCE: source },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code] = await once(shell, 'exit')
  if (code !== 0) throw new Error(`curl | curl ended with ${code}`)
}
