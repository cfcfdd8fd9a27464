import { faultsOf } from '../core/faults.ts'
import { type BatchRequest, isPointer, lfsMediaType, parseBatch } from '../core/lfs-standard.ts'
import type { Pointer } from '../core/pointer.ts'
import { type Exchange, isRecord, type Params, readJson, sendJson } from '../core/server.ts'
import { fullName, type StoredRepo } from '../core/store.ts'
import { admit, failFirstCalls } from './access.ts'
import { type Host, keyIn, refusal } from './host.ts'
import { presenceOf } from './presence.ts'
import { type Permit, type WrittenAction, writeAction } from './signature.ts'

/** What is said of one object, beside its oid and size. */
interface Said {
  readonly actions?: Readonly<Record<string, unknown>> | null
  readonly error?: { readonly code: number; readonly message: string }
}

/** `POST …/info/lfs/objects/batch`. (git-lfs docs/api/batch.md) */
export async function batchRoute(host: Host, exchange: Exchange, params: Params): Promise<void> {
  const { settings } = host
  const key = keyIn(params)
  const accept = exchange.req.headers.accept ?? ''
  if (settings.strictAccept && !accept.startsWith(lfsMediaType))
    throw refusal(host, 415, `Accept must be ${lfsMediaType}`)
  const body = await readJson(exchange.req)
  const request = parseBatch(body)
  const operation = request?.operation ?? 'download'
  const { repo } = admit(host, exchange, key, operation === 'upload' ? 'write' : 'read')
  if (!repo && settings.objectStore === 'repo') throw refusal(host, 404, 'Repository not found')
  failFirstCalls(host, key)
  if (!request) throw refusal(host, 422, 'Invalid batch request')
  checkRequest(host, body, request)
  const name = fullName(key)
  const answers = []
  for (const object of request.objects) {
    const answer = await answerObject(host, exchange, { operation, repo: name, object }, repo)
    answers.push({ oid: object.oid, size: object.size, ...answer })
  }
  refuseIfAllMissing(host, operation, answers)
  const transfer = settings.transfer === 'basic' ? { transfer: 'basic' } : {}
  const type = { 'content-type': settings.batchContentType }
  sendJson(exchange.res, 200, { ...transfer, objects: answers }, type)
}

function checkRequest(host: Host, body: Record<string, unknown>, request: BatchRequest): void {
  const { ref } = body
  if (host.settings.emptyRef === 'refused' && isRecord(ref) && !ref.name)
    throw refusal(host, 422, 'ref.name is required')
  if (request.objects.every(isPointer)) return
  if (host.settings.invalidObject === 'batch-422') throw refusal(host, 422, 'Oid or size are invalid')
  if (host.settings.invalidObject === 'batch-400') throw refusal(host, 400, 'Oid or size are invalid')
}

function refuseIfAllMissing(host: Host, operation: string, answers: readonly Said[]): void {
  if (host.settings.missingObject !== 'whole-batch' || operation !== 'download') return
  if (answers.length > 0 && answers.every(({ error }) => error?.code === 404))
    throw refusal(host, 404, 'None of the objects was found')
}

async function answerObject(
  host: Host,
  exchange: Exchange,
  permit: Permit,
  repo: StoredRepo | undefined,
): Promise<Said> {
  const act = (operation: Permit['operation']): WrittenAction =>
    writeAction(host, exchange, { ...permit, operation })
  const { object } = permit
  const { invalidObject, storedObject } = host.settings
  if (!isPointer(object) && invalidObject !== 'offered') return invalid(host)
  const presence = isPointer(object) ? await presenceOf(host, repo, object) : 'absent'
  if (permit.operation === 'download') {
    const isMissing = presence !== 'present' || faultsOf(permit.repo).has('fault-missing-object')
    return isMissing ? missing(host, object) : { actions: { download: act('download') } }
  }
  if (presence === 'absent' || storedObject === 'offered-again') {
    const verify = host.settings.verifyAction === 'none' ? {} : { verify: act('verify') }
    return { actions: { upload: act('upload'), ...verify } }
  }
  if (storedObject === 'download-action') return { actions: { download: act('download') } }
  return storedObject === 'null-actions' ? { actions: null } : {}
}

function invalid({ settings }: Host): Said {
  const error = { code: 422, message: 'Oid or size are invalid' }
  return settings.invalidObject === 'nested-error' ? { actions: { error } } : { error }
}

function missing({ settings }: Host, { oid }: Pointer): Said {
  const error = { code: 404, message: `Object ${oid} does not exist` }
  if (settings.missingObject === 'nested-error') return { actions: { error } }
  return settings.missingObject === 'null-actions' ? { actions: null, error } : { error }
}
