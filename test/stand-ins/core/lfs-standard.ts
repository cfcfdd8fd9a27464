import type { Pointer } from './pointer.ts'
import { isRecord, isRecordList } from './server.ts'

export const lfsMediaType = 'application/vnd.git-lfs+json'

/** A batch request as clients send it. (git-lfs docs/api/batch.md) */
export interface BatchRequest {
  readonly operation: 'upload' | 'download'
  readonly transfers: readonly string[]
  readonly objects: readonly Pointer[]
}

export interface Action {
  readonly href: string
  readonly header?: Readonly<Record<string, string>>
  readonly expires_in?: number
}

/** What a hub offers for an object. */
export type Offer =
  | { readonly kind: 'actions'; readonly actions: Readonly<Record<string, Action>> }
  | { readonly kind: 'present' }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }

/** The request, or undefined if it is none that this API understands. */
export function parseBatch(body: unknown): BatchRequest | undefined {
  if (!isRecord(body)) return undefined
  const { operation, transfers, objects, hash_algo: algorithm } = body
  if (operation !== 'upload' && operation !== 'download') return undefined
  if (algorithm !== undefined && algorithm !== 'sha256' && algorithm !== 'sha_256') return undefined
  if (!isRecordList(objects)) return undefined
  const names = Array.isArray(transfers) ? transfers.filter((name) => typeof name === 'string') : []
  return { operation, transfers: names.length > 0 ? names : ['basic'], objects: objects.map(pointerOf) }
}

function pointerOf({ oid, size }: Record<string, unknown>): Pointer {
  return { oid: typeof oid === 'string' ? oid : '', size: typeof size === 'number' ? size : -1 }
}

/** Answer to a batch: every object that was asked for, with its offer or error. */
export async function answerBatch(
  request: BatchRequest,
  transfer: string,
  offer: (object: Pointer) => Promise<Offer>,
): Promise<object> {
  const objects = []
  for (const object of request.objects) {
    objects.push(await answerObject(object, isPointer(object) ? await offer(object) : invalid))
  }
  return { transfer, objects, hash_algo: 'sha256' }
}

const invalid: Offer = { kind: 'error', code: 422, message: 'Invalid oid or size' }

function answerObject({ oid, size }: Pointer, offer: Offer): object {
  if (offer.kind === 'present') return { oid, size }
  if (offer.kind === 'actions') {
    // `authenticated` makes git-lfs send no credentials to any action; the storage is signed for, but verify wants them.
    const signed = offer.actions.verify === undefined ? { authenticated: true } : {}
    return { oid, size, ...signed, actions: offer.actions }
  }
  return { oid, size, error: { code: offer.code, message: offer.message } }
}

/** True if id and size could be those of an object. */
export function isPointer({ oid, size }: Pointer): boolean {
  return /^[0-9a-f]{64}$/.test(oid) && Number.isSafeInteger(size) && size >= 0
}
