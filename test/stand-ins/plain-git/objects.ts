import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { bodyFault, faultsOf } from '../core/faults.ts'
import { linkObject } from '../core/lfs-links.ts'
import { isPointer } from '../core/lfs-standard.ts'
import { adoptUpload, createUpload, objectPath, objectSize, writeAt } from '../core/object-store.ts'
import type { Pointer } from '../core/pointer.ts'
import { sendFile } from '../core/send-file.ts'
import { type Exchange, type Params, param, sendJson } from '../core/server.ts'
import { count, findRepo, fullName, type StoredRepo } from '../core/store.ts'
import { throttled } from '../core/throttle.ts'
import { admit } from './access.ts'
import { type Host, keyIn, refusal } from './host.ts'
import { presenceOf } from './presence.ts'
import { checkPermit, type Permit } from './signature.ts'

/** `GET …/info/lfs/objects/{oid}/{size}`. */
export async function getObject(host: Host, exchange: Exchange, params: Params): Promise<void> {
  const { settings, store, throttle } = host
  if (exchange.method === 'HEAD' && settings.headObject !== 200)
    throw refusal(host, settings.headObject, 'Method not allowed', { allow: 'GET' })
  const { repo, permit } = enter(host, exchange, params, 'download')
  const { oid } = permit.object
  const faults = faultsOf(permit.repo)
  const presence = await presenceOf(host, repo, permit.object)
  if (presence !== 'present' || faults.has('fault-missing-object'))
    throw refusal(host, 404, 'Object not found')
  const file = objectPath(store.objects, oid)
  if (settings.ranges === 'wrong' && exchange.req.headers.range !== undefined && exchange.method === 'GET') {
    await sendWrongRange(host, exchange, oid)
    return
  }
  const nth = exchange.method === 'GET' ? count(store, `download of ${oid} from ${permit.repo}`) : 0
  const ranges = settings.ranges !== 'ignored'
  await sendFile(exchange, { file }, { fault: bodyFault(faults, nth), throttle, ranges })
}

/** The right bytes from the start that was asked for up to the last one, and a `Content-Range` that is off by one. */
async function sendWrongRange(host: Host, exchange: Exchange, oid: string): Promise<void> {
  const size = (await objectSize(host.store.objects, oid)) ?? 0
  const start = Number(/^bytes=(\d+)-/.exec(exchange.req.headers.range ?? '')?.[1] ?? 0)
  const range = `bytes ${start}-${size}/${size + 1}`
  exchange.res.writeHead(206, {
    'content-type': 'application/octet-stream',
    'content-range': range,
    'content-length': String(Math.max(0, size - start)),
  })
  if (start >= size) exchange.res.end()
  else await pipeline(createReadStream(objectPath(host.store.objects, oid), { start }), exchange.res)
}

/** `PUT …/info/lfs/objects/{oid}/{size}`. */
export async function putObject(host: Host, exchange: Exchange, params: Params): Promise<void> {
  const { repo, permit } = enter(host, exchange, params, 'upload')
  const { object } = permit
  const faults = faultsOf(permit.repo)
  if (faults.has('fault-storage-500') && count(host.store, `put of ${object.oid} to ${permit.repo}`) === 1)
    throw refusal(host, 500, 'Internal error')
  const kept = await receive(host, exchange, object, faults.has('fault-lost-object'))
  if (kept === 'closed') return
  if (repo) await linkObject(repo, object.oid)
  exchange.res.writeHead(200, { 'content-length': '0' }).end()
}

async function receive(
  host: Host,
  exchange: Exchange,
  object: Pointer,
  isLost: boolean,
): Promise<'kept' | 'closed'> {
  const { store, settings, spoilt } = host
  const file = await createUpload(store.objects)
  try {
    const hash = createHash('sha256')
    const body = throttled(exchange.req as AsyncIterable<Buffer>, host.throttle)
    const size = await writeAt(file, 0, body, (chunk) => {
      if (settings.verifyUploads) hash.update(chunk)
    })
    const isRight = size === object.size && (!settings.verifyUploads || hash.digest('hex') === object.oid)
    if (isRight && spoilt.has(object.oid)) return 'kept'
    if (!isRight) {
      if (settings.wrongBytes === 'closed') {
        exchange.res.destroy()
        return 'closed'
      }
      if (typeof settings.wrongBytes === 'number')
        throw refusal(host, settings.wrongBytes, 'The bytes are not those of the object')
      if (settings.wrongBytes === 'kept-for-ever') spoilt.add(object.oid)
    }
    await adoptUpload({ ...store.objects, verify: false }, { oid: object.oid, size }, file, !isLost)
    return 'kept'
  } finally {
    await rm(file, { force: true })
  }
}

/** `POST …/info/lfs/verify/{oid}/{size}` with `{oid, size}`: 404 unless the object is there with that size. */
export async function verifyObject(host: Host, exchange: Exchange, params: Params): Promise<void> {
  const { repo, permit } = enter(host, exchange, params, 'verify')
  const { object } = permit
  const presence = await presenceOf(host, repo, object)
  const isRight = presence === 'claimed' || (presence === 'present' && (await isAsAnnounced(host, object)))
  exchange.req.resume()
  if (!isRight) throw refusal(host, 404, 'The object is not there, or is another one')
  sendJson(exchange.res, 200, { oid: object.oid, size: object.size })
}

async function isAsAnnounced({ settings, store, spoilt }: Host, { oid }: Pointer): Promise<boolean> {
  if (settings.verifyAction === 'size' || spoilt.has(oid)) return true
  const hash = createHash('sha256')
  await pipeline(createReadStream(objectPath(store.objects, oid)), hash)
  return !settings.verifyUploads || hash.digest('hex') === oid
}

/** Rights by the action's own signature, or by the caller's credentials, as the settings want it. */
function enter(
  host: Host,
  exchange: Exchange,
  params: Params,
  operation: Permit['operation'],
): { readonly repo: StoredRepo | undefined; readonly permit: Permit } {
  const key = keyIn(params)
  const object = { oid: param(params, 'oid'), size: Number(param(params, 'size')) }
  if (!isPointer(object)) throw refusal(host, 422, 'Oid or size are invalid')
  const permit = { operation, repo: fullName(key), object }
  checkPermit(host, exchange, permit)
  const { actionHeader } = host.settings
  if (actionHeader === 'none' || actionHeader === 'caller')
    return { repo: admit(host, exchange, key, operation === 'download' ? 'read' : 'write').repo, permit }
  return { repo: findRepo(host.store, key)?.repo, permit }
}
