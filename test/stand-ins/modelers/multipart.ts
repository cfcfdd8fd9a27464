import { randomBytes, randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { adoptUpload, createUpload, type ObjectStore, writeAt } from '../core/object-store.ts'
import type { Pointer } from '../core/pointer.ts'

/** An upload in parts that has begun. */
export interface Upload {
  readonly id: string
  readonly object: Pointer
  readonly file: string
  readonly partSize: number
  /** Parts that have arrived, by number from 1 on. */
  readonly parts: Map<number, { readonly etag: string; readonly size: number }>
}

/** All of them, by id. At most one per object: asking again resumes it. */
export type Uploads = Map<string, Upload>

/** A part as the batch names it. */
export interface Part {
  readonly index: number
  readonly pos: number
  readonly size: number
  readonly etag?: string
}

/** The upload of an object that is under way, or a new one. */
export async function openUpload(
  uploads: Uploads,
  objects: ObjectStore,
  object: Pointer,
  partSize: number,
): Promise<Upload> {
  const known = [...uploads.values()].find((upload) => upload.object.oid === object.oid)
  if (known?.object.size === object.size) return known
  if (known) await dropUpload(uploads, known)
  const file = await createUpload(objects)
  const upload = { id: randomUUID().replaceAll('-', ''), object, file, partSize, parts: new Map() }
  uploads.set(upload.id, upload)
  return upload
}

async function dropUpload(uploads: Uploads, upload: Upload): Promise<void> {
  uploads.delete(upload.id)
  await rm(upload.file, { force: true })
}

/** The parts of an object; an empty one has one, too. */
export function partsOf({ size }: Pointer, partSize: number): Part[] {
  const total = Math.max(1, Math.ceil(size / partSize))
  return Array.from({ length: total }, (_, index) => {
    const pos = index * partSize
    return { index: index + 1, pos, size: Math.min(partSize, size - pos) }
  })
}

/** Takes a part; answers its etag, or undefined if the upload is not known (any more). */
export async function receivePart(
  uploads: Uploads,
  id: string,
  index: number,
  body: AsyncIterable<Buffer>,
): Promise<string | undefined> {
  const upload = uploads.get(id)
  if (!upload) return undefined
  const size = await writeAt(upload.file, (index - 1) * upload.partSize, body)
  const etag = randomBytes(16).toString('hex')
  upload.parts.set(index, { etag, size })
  return etag
}

/** `unknown`: no such upload. `parts`: not the parts that arrived. `size`: they do not add up to the object. */
export type Completed = 'stored' | 'unknown' | 'parts' | 'size'

/**
 * Puts the parts together. Only the size is checked, never the hash: wrong bytes become the object.
 * `keep` false throws good uploads away, as fault-lost-object wants it.
 */
export async function completeUpload(
  uploads: Uploads,
  objects: ObjectStore,
  request: {
    readonly id: string
    readonly parts: readonly Record<string, unknown>[]
    readonly keep: boolean
  },
): Promise<Completed> {
  const upload = uploads.get(request.id)
  if (!upload) return 'unknown'
  const given = request.parts
  if (!given.every(({ index, etag }) => upload.parts.get(Number(index))?.etag === etag)) return 'parts'
  const wanted = partsOf(upload.object, upload.partSize)
  if (
    given.length !== wanted.length ||
    !wanted.every(({ index, size }) => upload.parts.get(index)?.size === size)
  )
    return 'size'
  uploads.delete(upload.id)
  const adopted = await adoptUpload({ ...objects, verify: false }, upload.object, upload.file, request.keep)
  return adopted.kind === 'stored' ? 'stored' : 'size'
}
