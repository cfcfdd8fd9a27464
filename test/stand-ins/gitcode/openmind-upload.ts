import { randomUUID } from 'node:crypto'
import { filesAt } from '../core/files.ts'
import { type Change, resolveRevision } from '../core/git-repo.ts'
import { isPointer } from '../core/lfs-standard.ts'
import type { Pointer } from '../core/pointer.ts'
import { type Exchange, isRecordList, type Params, readJson, sendJson } from '../core/server.ts'
import { fullName, type StoredRepo } from '../core/store.ts'
import { isTracked } from '../huggingface/attributes.ts'
import { openOpenMind } from './access.ts'
import { checkSizes, isPlainPath, land, overtake } from './commit.ts'
import { pushConfigOf } from './create.ts'
import { branchOf, type Hub } from './hub.ts'
import { attributesAt } from './hub-commit.ts'
import { checkQuota, presenceOf } from './lfs-objects.ts'
import { repoIn } from './v5-repos.ts'
import { openMindError, openMindOk } from './wire.ts'

const maxRegular = 5 * 1024 ** 2

/** `POST /api/v1/file/license_check`: no list of licenses is known here. */
export async function openMindLicenseRoute(_hub: Hub, exchange: Exchange): Promise<void> {
  await readJson(exchange.req)
  sendJson(exchange.res, 200, openMindOk(true))
}

/** `POST /api/v1/file/{o}/{r}/pre_upload` `{branch, files:[{path, size, sha}]}`. */
export async function openMindPreUploadRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openOpenMind(hub, exchange, repoIn(params), 'write')
  const { branch, files } = await readJson(exchange.req)
  if (!isRecordList(files) || files.length === 0)
    throw openMindError(400, 'bad_request_body', 'files must not be empty')
  const head = await resolveRevision(repo.gitDir, `refs/heads/${branch || branchOf(repo)}`)
  const attributes = await attributesAt(hub, repo, head)
  const rows = files.map(({ path, size }) => {
    const isLfs = Number(size) > 0 && (Number(size) > maxRegular || isTracked(attributes, String(path)))
    return { path, type: isLfs ? 'lfs' : 'regular' }
  })
  sendJson(exchange.res, 200, openMindOk({ files: rows }))
}

/** `POST /api/v1/file/{o}/{r}/info/lfs/objects/batch`: always parts, wrapped in the envelope. */
export async function openMindBatchRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openOpenMind(hub, exchange, repoIn(params), 'write')
  const { objects } = await readJson(exchange.req)
  if (!isRecordList(objects)) throw openMindError(400, 'bad_request_body', 'objects is required')
  const wanted = objects.map(({ oid, size }) => ({ oid: String(oid), size: Number(size) }))
  await checkQuota(hub, repo, wanted.filter(isPointer))
  const rows = []
  for (const object of wanted) {
    const answer = isPointer(object)
      ? { actions: await partsOf(hub, exchange, repo, object) }
      : { actions: {}, error: { code: 422, message: 'Oid or size are invalid' } }
    rows.push({ ...object, ...answer })
  }
  sendJson(exchange.res, 200, openMindOk({ objects: rows }))
}

/** A stored object gets parts with an etag and no href; without verify there is one part, the whole object. */
async function partsOf(hub: Hub, exchange: Exchange, repo: StoredRepo, object: Pointer): Promise<object> {
  const name = fullName(repo)
  const part = (index: number, pos: number, size: number, rest: object): object => {
    return { index, pos, size, method: 'PUT', headers: {}, expires_in: 10800, ...rest }
  }
  if ((await presenceOf(hub, repo, object)) !== 'absent')
    return { parts: [part(1, 0, object.size, { etag: object.oid })] }
  if (!hub.settings.lfsVerify)
    return { parts: [part(1, 0, object.size, { href: hub.storage.uploadUrl(name, object) })] }
  const { partSize } = hub.settings
  const { parts, complete } = await hub.storage.multipartUrls(name, object, partSize)
  const id = randomUUID()
  hub.uploads.set(id, { complete, oid: object.oid })
  const rows = parts.map((href, at) => {
    return part(at + 1, at * partSize, Math.min(partSize, object.size - at * partSize), { href })
  })
  const href = `${exchange.origin}/api/v1/file/${encodeURIComponent(repo.owner)}/${repo.name}/info/lfs/verify`
  const verify = { href, method: 'POST', headers: {}, params: { upload_id: id }, aggregation_params: {} }
  return { parts: rows, verify }
}

/** `POST verify.href` `{upload_id, part_ids:[{index, etag}]}`: needs no credentials, the id is the secret. */
export async function openMindVerifyRoute(hub: Hub, exchange: Exchange): Promise<void> {
  const { upload_id: id, part_ids: parts } = await readJson(exchange.req)
  const upload = hub.uploads.get(String(id ?? exchange.query.get('upload_id')))
  if (!upload) throw openMindError(404, 'upload_not_found', 'upload id not found')
  if (!isRecordList(parts) || parts.length === 0) throw openMindError(500, 'system_error', 'system error')
  const numbered = parts.map(({ index, etag }) => {
    return { partNumber: index, etag: `"${String(etag).replaceAll('"', '')}"` }
  })
  const body = JSON.stringify({ oid: upload.oid, parts: numbered })
  const answer = await fetch(upload.complete, { method: 'POST', body })
  if (!answer.ok) throw openMindError(404, 'object_not_found', `the storage said ${answer.status}`)
  hub.uploads.delete(String(id))
  sendJson(exchange.res, 200, {})
}

/** `POST /api/v1/file/{o}/{r}/upload` `{files:[{operation, path, content}], ref, title}`: no parent is named. */
export async function openMindUploadRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openOpenMind(hub, exchange, repoIn(params), 'write')
  const { files, ref, title } = await readJson(exchange.req, 1 << 30)
  if (!isRecordList(files) || files.length === 0)
    throw openMindError(400, 'no_file_or_too_many_files', 'no file or too many files')
  const branch = typeof ref === 'string' && ref ? ref : branchOf(repo)
  await overtake(hub, repo, branch)
  const head = await resolveRevision(repo.gitDir, `refs/heads/${branch}`)
  const changes = files.map(changeOf)
  const before = head ? await filesAt(hub.cache, repo, head) : new Map<string, unknown>()
  if (changes.some(({ path, content }) => content === null && !before.has(path)))
    throw openMindError(404, 'file_not_found', 'file not found')
  checkSizes(changes, pushConfigOf(hub, repo).max_file_size, (text) =>
    openMindError(400, 'bad_request_param', text),
  )
  const message = typeof title === 'string' && title ? title : 'Upload'
  const commit = await land(repo, { branch, parent: head, changes, message })
  if (commit === undefined) throw openMindError(400, 'concurrent_updating', 'concurrent updating')
  const commitUrl = `${exchange.origin}/${fullName(repo)}/commit/${commit}`
  sendJson(exchange.res, 201, openMindOk([{ commit_url: commitUrl, commit_oid: commit }]))
}

function changeOf({ operation, path, content }: Record<string, unknown>): Change {
  if (typeof path !== 'string' || !isPlainPath(path))
    throw openMindError(400, 'empty_file_path', 'the path is empty or invalid')
  if (operation === 'delete') return { path, content: null }
  return { path, content: Buffer.from(String(content ?? ''), 'base64') }
}
