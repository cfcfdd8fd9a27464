import { createHash } from 'node:crypto'
import { type FileHandle, lstat, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { resumingSource } from '../lfs/source-stream.ts'
import { createVerifier, type Sample } from '../lfs/verified-stream.ts'
import { asSyncError, SyncError } from '../model/errors.ts'
import type { Digests, LfsObject } from '../model/file.ts'
import { retry } from '../net/retry.ts'
import { fileState, isGone } from './file-state.ts'
import { temporaryFolder } from './local-profile.ts'
import type { OpenObject, PutOptions } from './repo.ts'

/** Objects that wait in a folder to be renamed into place, each under its oid once it is whole. */
export interface TemporaryObjects {
  /** Where an object lies, or will. */
  file(oid: string): string
  /** Whether an object is there, whole; one of an earlier run is read once to tell. */
  has(object: LfsObject): Promise<boolean>
  /** Brings an object here; what a killed run left of it is gone on with. Throws `corrupt` or `truncated` for wrong bytes. */
  put(object: LfsObject, source: OpenObject, options: PutOptions): Promise<Sample>
  /** Writes a small file, under the oid that it has; returns that. */
  write(content: Uint8Array): Promise<string>
  /** Of an object that `has`, `put` or `write` told of. */
  digests(oid: string): Required<Digests>
  /** Removes everything. */
  clear(): Promise<void>
}

/** The objects of one folder. Nothing is written before the first `put` or `write`. */
export function createTemporaryObjects(context: Context, folder: string): TemporaryObjects {
  const home = join(folder, temporaryFolder)
  const file = (oid: string) => join(home, oid)
  const whole = new Map<string, Whole>()
  const writing = new Map<string, Promise<string>>()
  let ready: Promise<void> | undefined
  const prepared = () => {
    ready ??= prepare(home)
    return ready
  }
  const note = async (oid: string, gitBlob: string) => {
    const state = await stateOf(file(oid))
    if (state !== undefined) whole.set(oid, { identity: state.identity, gitBlob })
  }
  return {
    file,
    has: async (object) => {
      const state = await stateOf(file(object.oid))
      if (state === undefined || state.size !== object.size) return false
      if (whole.get(object.oid)?.identity === state.identity) return true
      const gitBlob = await wholeBlob(context, file(object.oid), object)
      if (gitBlob === undefined) return false
      whole.set(object.oid, { identity: state.identity, gitBlob })
      return true
    },
    put: async (object, source, options) => {
      await prepared()
      const fetching = { file: file(object.oid), object, source, options }
      // Wrong bytes are fetched once more; whatever else the source does was tried where it is read.
      const again = { attempts: 2, label: `object ${object.oid.slice(0, 12)}` }
      const { sample, gitBlob } = await retry(context, () => fetchObject(context, fetching), again)
      await note(object.oid, gitBlob)
      return sample
    },
    write: async (content) => {
      await prepared()
      const oid = createHash('sha256').update(content).digest('hex')
      // Many repos hold the same small file twice: the second waits for the first.
      const written = writing.get(oid) ?? writeSmall(home, { oid, size: content.length }, content)
      writing.set(oid, written)
      try {
        await note(oid, await written)
      } finally {
        writing.delete(oid)
      }
      return oid
    },
    digests: (oid) => {
      const known = whole.get(oid)
      if (known === undefined) throw new SyncError('internal', `Object ${oid} was never looked at.`)
      return { sha256: oid, gitBlob: known.gitBlob }
    },
    clear: () => {
      ready = undefined
      return rm(home, { recursive: true, force: true })
    },
  }
}

/** Returns the git blob id. */
async function writeSmall(home: string, object: LfsObject, content: Uint8Array): Promise<string> {
  const hashes = createHashes(object)
  hashes.update(content)
  const file = join(home, object.oid)
  await writeFile(`${file}.part`, content, { flush: true })
  await rename(`${file}.part`, file)
  return hashes.finish().gitBlob
}

/** An object that was seen to be whole, in the state it was in. */
interface Whole {
  readonly identity: string
  readonly gitBlob: string
}

interface Hashed {
  readonly sample: Sample
  readonly gitBlob: string
}

/** Takes an object's bytes in order. `finish` throws `corrupt` or `truncated` unless they are the object. */
interface Hashes {
  update(chunk: Uint8Array): void
  finish(): Hashed
}

function createHashes(object: LfsObject): Hashes {
  const verifier = createVerifier(object)
  const blob = createHash('sha1').update(`blob ${object.size}\0`)
  return {
    update(chunk) {
      verifier.update(chunk)
      blob.update(chunk)
    },
    finish: () => ({ sample: verifier.finish(), gitBlob: blob.digest('hex') }),
  }
}

async function stateOf(file: string) {
  try {
    return fileState(await stat(file, { bigint: true }))
  } catch (thrown) {
    if (isGone(thrown)) return undefined
    throw thrown
  }
}

/** A folder of ours, readable by nobody else, that git does not see. A link in its place would take our files elsewhere. */
async function prepare(home: string): Promise<void> {
  await mkdir(home, { mode: 0o700, recursive: true })
  if (!(await lstat(home)).isDirectory()) {
    throw new SyncError('bad-path', `${home} is a link: it would lead out of the folder.`, {
      next: 'Remove it.',
    })
  }
  await writeFile(join(home, '.gitignore'), '*\n')
}

/** The git blob id of an object's file; undefined if that holds other bytes. */
async function wholeBlob(context: Context, file: string, object: LfsObject): Promise<string | undefined> {
  const handle = await open(file, 'r')
  try {
    const hashes = createHashes(object)
    await feed(context, handle, object.size, hashes)
    return hashes.finish().gitBlob
  } catch (thrown) {
    if (isWrongBytes(thrown)) return undefined
    throw thrown
  } finally {
    await handle.close()
  }
}

function isWrongBytes(thrown: unknown): boolean {
  const { code } = asSyncError(thrown)
  return code === 'corrupt' || code === 'truncated'
}

interface Fetching {
  readonly file: string
  readonly object: LfsObject
  readonly source: OpenObject
  readonly options: PutOptions
}

async function fetchObject(context: Context, fetching: Fetching): Promise<Hashed> {
  const part = `${fetching.file}.part`
  // Written by position, never by appending: two runs that fetch the same object write the same bytes to the same places.
  const handle = await openPart(part)
  try {
    const hashed = await fill(context, handle, fetching)
    // On the disk before it gets its name: after a power cut, a name must not stand for nothing.
    await handle.sync()
    await rename(part, fetching.file)
    return hashed
  } catch (thrown) {
    if (isWrongBytes(thrown)) await handle.truncate(0)
    throw thrown
  } finally {
    await handle.close()
  }
}

async function openPart(part: string): Promise<FileHandle> {
  try {
    return await open(part, 'r+')
  } catch (thrown) {
    if (isGone(thrown)) return open(part, 'wx+')
    throw thrown
  }
}

/** Takes what is there already, then the rest from the source. */
async function fill(context: Context, handle: FileHandle, fetching: Fetching): Promise<Hashed> {
  const { object, source, options } = fetching
  const start = Math.min((await handle.stat()).size, object.size)
  // The last byte comes from the source: a part that is as long as the object may still be wrong, and would cost a second attempt.
  let position = Math.max(0, start - 1)
  await handle.truncate(position)
  const hashes = createHashes(object)
  await feed(context, handle, position, hashes)
  const reading = { stallTimeout: options.stallTimeout, start: position }
  for await (const chunk of resumingSource(context, source, object.size, reading)) {
    context.signal.throwIfAborted()
    const turn = options.bandwidth.take(chunk.length, context.signal)
    if (turn !== undefined) await turn
    // Before it is written: a source without end must not fill the disk.
    hashes.update(chunk)
    await writeAll(handle, chunk, position)
    position += chunk.length
    options.onBytes(chunk.length)
  }
  return hashes.finish()
}

async function feed(context: Context, handle: FileHandle, bytes: number, hashes: Hashes): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(bytes, 1024 * 1024))
  for (let position = 0; position < bytes; ) {
    context.signal.throwIfAborted()
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, bytes - position), position)
    if (bytesRead === 0) return
    hashes.update(buffer.subarray(0, bytesRead))
    position += bytesRead
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array, start: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, start + done)
    done += bytesWritten
  }
}
