import { randomUUID } from 'node:crypto'
import { type Exchange, type Params, readJson, sendJson } from '../core/server.ts'
import { fullName } from '../core/store.ts'
import { admitTo } from './access.ts'
import { type Host, keyIn, type Lock, refusal } from './host.ts'

/** The locking API (git-lfs docs/api/locking.md): `locks`, `locks/verify`, `locks/{id}/unlock`; no paging. */
export async function locksRoute(host: Host, exchange: Exchange, params: Params): Promise<void> {
  const mode = host.settings.locks
  const isReading = exchange.method === 'GET'
  const { account, repo } = admitTo(host, exchange, keyIn(params), isReading ? 'read' : 'write')
  if (mode === 'not-found') throw refusal(host, 404, 'Locking is not supported')
  if (mode === 'refused') throw refusal(host, 403, 'Locking is not allowed')
  const name = fullName(repo)
  const user = account?.username ?? ''
  const ours = host.locks.filter((lock) => lock.repo === name)
  const rest = params.rest ?? ''
  if (isReading) return sendJson(exchange.res, 200, { locks: ours.map(written) })
  if (rest === 'verify') {
    const theirs = ours.filter(({ owner }) => owner !== user).map(written)
    const own = ours.filter(({ owner }) => owner === user).map(written)
    return sendJson(exchange.res, 200, { ours: own, theirs })
  }
  const unlocked = /^([\w-]+)\/unlock$/.exec(rest)?.[1]
  if (unlocked !== undefined) {
    const lock = ours.find(({ id }) => id === unlocked)
    if (!lock) throw refusal(host, 404, 'No such lock')
    host.locks.splice(host.locks.indexOf(lock), 1)
    return sendJson(exchange.res, 200, { lock: written(lock) })
  }
  const { path } = await readJson(exchange.req)
  if (typeof path !== 'string' || rest !== '') throw refusal(host, 422, 'path is required')
  const held = ours.find((lock) => lock.path === path)
  if (held) return sendJson(exchange.res, 409, { lock: written(held), message: 'already created lock' })
  const lock: Lock = { repo: name, id: randomUUID(), path, owner: user, lockedAt: new Date() }
  host.locks.push(lock)
  sendJson(exchange.res, 201, { lock: written(lock) })
}

function written({ id, path, owner, lockedAt }: Lock): object {
  return { id, path, locked_at: lockedAt.toISOString(), owner: { name: owner } }
}
