import { setTimeout as sleep } from 'node:timers/promises'
import { filesAt } from '../core/files.ts'
import { git, listRefs } from '../core/git-repo.ts'
import { linkObject } from '../core/lfs-links.ts'
import { objectSize, receiveObject } from '../core/object-store.ts'
import type { Pointer } from '../core/pointer.ts'
import { isRecord, isRecordList } from '../core/server.ts'
import { deleteRepo, type StoredRepo } from '../core/store.ts'
import { createGitCodeRepo, type NewGitCodeRepo } from './create.ts'
import type { Hub } from './hub.ts'
import { v5Error } from './wire.ts'

/**
 * Makes a repo from a git URL: it is there at once, and its content `importDelay` later. A source that does not answer
 * is refused. That LFS objects come along, and when, are assumptions.
 */
export async function startImport(hub: Hub, wanted: NewGitCodeRepo, source: string): Promise<StoredRepo> {
  if (!/^https?:\/\//.test(source) || hub.settings.importReach === 'none') throw unreachable()
  const repo = await createGitCodeRepo(hub, wanted)
  const branch = await headBranch(repo, source)
  if (branch === undefined) {
    await deleteRepo(hub.store, repo)
    throw unreachable()
  }
  const work = runImport(hub, repo, source, branch)
    .catch((cause: unknown) => {
      // A repo whose import fails stays empty, as nobody is there to be told.
      if (!hub.stopping.signal.aborted) process.stderr.write(`stand-in: import: ${String(cause)}\n`)
    })
    .finally(() => hub.imports.delete(work))
  hub.imports.add(work)
  return repo
}

function unreachable() {
  return v5Error(400, 'BAD_REQUEST', 'check url unreachable')
}

/** The branch HEAD stands for at the source; undefined if there is no such repo. */
async function headBranch(repo: StoredRepo, source: string): Promise<string | undefined> {
  const seen = await git(repo.gitDir, ['ls-remote', '--symref', source, 'HEAD']).catch(() => undefined)
  return seen && /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(seen.toString())?.[1]
}

async function runImport(hub: Hub, repo: StoredRepo, source: string, branch: string): Promise<void> {
  await sleep(hub.settings.importDelay, undefined, { signal: hub.stopping.signal })
  await git(repo.gitDir, ['fetch', '-q', source, '+refs/heads/*:refs/incoming/*', '+refs/tags/*:refs/tags/*'])
  const incoming = (await listRefs(repo.gitDir)).filter(({ ref }) => ref.startsWith('refs/incoming/'))
  const objects = await Promise.all(incoming.map(({ commit }) => pointersAt(hub, repo, commit)))
  if (hub.settings.importObjects) await fetchObjects(hub, repo, source, objects.flat())
  const target = hub.settings.importBranch === 'main' ? 'main' : branch
  await git(repo.gitDir, ['symbolic-ref', 'HEAD', `refs/heads/${target}`])
  repo.details.set('branch', target)
  const moves = incoming.flatMap(({ ref, commit }) => {
    const name = ref.slice('refs/incoming/'.length)
    return [`update refs/heads/${name === branch ? target : name} ${commit}`, `delete ${ref}`]
  })
  await git(repo.gitDir, ['update-ref', '--stdin'], `${moves.join('\n')}\n`)
  repo.updatedAt = new Date()
}

async function pointersAt(hub: Hub, repo: StoredRepo, commit: string): Promise<Pointer[]> {
  const files = [...(await filesAt(hub.cache, repo, commit)).values()]
  return files.flatMap(({ lfs }) => (lfs ? [lfs] : []))
}

async function fetchObjects(
  hub: Hub,
  repo: StoredRepo,
  source: string,
  objects: readonly Pointer[],
): Promise<void> {
  if (objects.length === 0) return
  const { signal } = hub.stopping
  const answer = await fetch(`${source}/info/lfs/objects/batch`, {
    method: 'POST',
    headers: { accept: 'application/vnd.git-lfs+json', 'content-type': 'application/vnd.git-lfs+json' },
    body: JSON.stringify({ operation: 'download', transfers: ['basic'], objects }),
    signal,
  })
  const body: unknown = answer.ok ? await answer.json() : {}
  const rows = isRecord(body) && isRecordList(body.objects) ? body.objects : []
  for (const object of objects) {
    const row = rows.find(({ oid }) => oid === object.oid)
    const action = isRecord(row?.actions) ? row.actions.download : undefined
    if (isRecord(action)) await fetchObject(hub, object, action, signal)
    if ((await objectSize(hub.store.objects, object.oid)) !== undefined) await linkObject(repo, object.oid)
  }
}

async function fetchObject(
  hub: Hub,
  object: Pointer,
  { href, header }: Record<string, unknown>,
  signal: AbortSignal,
): Promise<void> {
  const headers = isRecord(header) ? (header as Record<string, string>) : {}
  const answer = await fetch(String(href), { headers, signal })
  if (!answer.ok || !answer.body) return
  await receiveObject(hub.store.objects, object, chunksOf(answer.body))
}

async function* chunksOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of body) yield Buffer.from(chunk)
}
