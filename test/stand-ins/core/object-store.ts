import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Pointer } from './pointer.ts'
import type { SentFile } from './send-file.ts'
import type { LfsContent } from './stand-in.ts'

/** LFS objects of one hub, as files by SHA-256. */
export interface ObjectStore {
  readonly folder: string
  /** False skips hashing of what is uploaded: faster, but wrong bytes go unnoticed. */
  readonly verify: boolean
  /** Ids of sparse objects, as `sparseChunks` makes them. */
  readonly sparse: Set<string>
}

/** `wrong`: the bytes did not have the size or SHA-256 they were announced with; nothing was kept. */
export type Received = { readonly kind: 'stored' | 'wrong'; readonly size: number }

/** File of an object, whether it exists or not. */
export function objectPath(store: ObjectStore, oid: string): string {
  return join(store.folder, oid.slice(0, 2), oid.slice(2, 4), oid)
}

/** An object to be sent; of a sparse one only what is not zeros is read from the disk. */
export function objectFile(store: ObjectStore, oid: string): SentFile {
  const file = objectPath(store, oid)
  return store.sparse.has(oid) ? { file, sparse: { step: sparseStep, filled: sparseFilled } } : { file }
}

/** Size of an object in bytes; undefined if it is not stored. */
export async function objectSize(store: ObjectStore, oid: string): Promise<number | undefined> {
  const found = await stat(objectPath(store, oid)).catch(() => undefined)
  return found?.size
}

/** Removes an object, as a hub does that lost it. */
export async function dropObject(store: ObjectStore, oid: string): Promise<void> {
  await rm(objectPath(store, oid), { force: true })
}

/** A new empty file to write an upload into. */
export async function createUpload(store: ObjectStore): Promise<string> {
  const path = join(store.folder, 'uploads', randomUUID())
  await mkdir(dirname(path), { recursive: true })
  await (await open(path, 'w')).close()
  return path
}

/** Streams a body into the store under its announced id. Zeros become holes. `keep` false discards good bytes. */
export async function receiveObject(
  store: ObjectStore,
  announced: Pointer,
  body: AsyncIterable<Buffer>,
  keep = true,
): Promise<Received> {
  const upload = await createUpload(store)
  try {
    const hash = store.verify ? createHash('sha256') : undefined
    const size = await writeAt(upload, 0, body, (chunk) => hash?.update(chunk))
    const right = size === announced.size && (hash === undefined || hash.digest('hex') === announced.oid)
    if (!right) return { kind: 'wrong', size }
    if (keep) await moveIn(store, upload, announced.oid)
    return { kind: 'stored', size }
  } finally {
    await rm(upload, { force: true })
  }
}

/** Takes a complete upload file (multipart) into the store under its announced id. */
export async function adoptUpload(
  store: ObjectStore,
  announced: Pointer,
  upload: string,
  keep = true,
): Promise<Received> {
  try {
    const { size } = await stat(upload)
    const right = size === announced.size && (!store.verify || (await hashFile(upload)) === announced.oid)
    if (!right) return { kind: 'wrong', size }
    if (keep) await moveIn(store, upload, announced.oid)
    return { kind: 'stored', size }
  } finally {
    await rm(upload, { force: true })
  }
}

const maxWritesAhead = 4
const chunksPerWrite = 16

/** Writes a stream into a file from an offset on; answers the number of bytes. Zeros become holes. */
export async function writeAt(
  path: string,
  offset: number,
  body: AsyncIterable<Buffer>,
  seen: (chunk: Buffer) => void = () => undefined,
): Promise<number> {
  const file = await open(path, 'r+')
  // Writing goes on in other threads while this one reads and hashes.
  const writes: Promise<void>[] = []
  // Sockets give 64 KiB at a time; a write each costs more than the bytes.
  let waiting: Buffer[] = []
  try {
    let at = offset
    const write = async () => {
      if (waiting.length === 0) return
      writes.push(writeWhole(file, waiting, at - sizeOf(waiting)))
      waiting = []
      if (writes.length >= maxWritesAhead) await writes.shift()
    }
    for await (const chunk of body) {
      seen(chunk)
      if (isZero(chunk)) await write()
      else waiting.push(chunk)
      at += chunk.length
      if (waiting.length === chunksPerWrite) await write()
    }
    await write()
    await Promise.all(writes)
    const { size } = await file.stat()
    if (size < at) await file.truncate(at)
    return at - offset
  } finally {
    await Promise.allSettled(writes)
    await file.close()
  }
}

async function writeWhole(file: FileHandle, chunks: Buffer[], at: number): Promise<void> {
  const { bytesWritten } = await file.writev(chunks, at)
  if (bytesWritten !== sizeOf(chunks)) throw new Error('short write: is the disk full?')
}

function sizeOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0)
}

const zeros = Buffer.alloc(2 << 20)

function isZero(chunk: Buffer): boolean {
  return chunk.length <= zeros.length && chunk[0] === 0 && chunk.equals(zeros.subarray(0, chunk.length))
}

/** Stores content directly. Sparse content takes a few KiB of disk whatever its size. */
export async function putObject(store: ObjectStore, content: LfsContent): Promise<Pointer> {
  const chunks = Buffer.isBuffer(content) ? [content] : sparseChunks(content.sparseSize, content.seed)
  const upload = await createUpload(store)
  const hash = createHash('sha256')
  const size = await writeAt(upload, 0, asynchronous(chunks), (chunk) => hash.update(chunk))
  const oid = hash.digest('hex')
  await moveIn(store, upload, oid)
  if (!Buffer.isBuffer(content)) store.sparse.add(oid)
  return { oid, size }
}

async function* asynchronous(chunks: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* chunks
}

const sparseStep = 8 << 20
const sparseFilled = 4096

/** Zeros with a marker at the start of each 8 MiB, so that parts in a wrong order do not hash alike. */
function* sparseChunks(size: number, seed: string): Generator<Buffer> {
  for (let at = 0; at < size; at += sparseStep) {
    const marker = Buffer.from(`${seed}@${at}`)
    const step = Math.min(sparseStep, size - at)
    const first = Buffer.alloc(Math.min(sparseFilled, step))
    marker.copy(first)
    yield first
    for (let rest = step - first.length; rest > 0; rest -= 1 << 20)
      yield zeros.subarray(0, Math.min(1 << 20, rest))
  }
}

async function moveIn(store: ObjectStore, upload: string, oid: string): Promise<void> {
  const path = objectPath(store, oid)
  await mkdir(dirname(path), { recursive: true })
  await rename(upload, path)
  store.sparse.delete(oid)
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}
