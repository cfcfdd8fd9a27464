import { filesAt } from '../core/files.ts'
import { type Exchange, isRecordList, type Params, param, readJson, sendJson } from '../core/server.ts'
import { kindOf, openRepo, requireWritable } from './access.ts'
import { isTracked, matchesPattern, textAt } from './attributes.ts'
import { cardErrors } from './card.ts'
import { hubError } from './errors.ts'
import type { Hub } from './hub.ts'
import { commitOf } from './revision.ts'

/** Largest file that may be a plain git blob, in bytes. */
export const maxRegularSize = 10 * 1024 * 1024

/** `POST /api/{type}s/{id}/preupload/{rev}`: how each file is to be uploaded. */
export async function preuploadRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const kind = kindOf(param(params, 'kind'))
  const { repo } = openRepo(hub, exchange, params, { kind, access: 'write', bucket: 'api' })
  requireWritable(hub, repo)
  const commit = await commitOf(repo, param(params, 'revision'))
  const body = await readJson(exchange.req)
  if (!isRecordList(body.files)) throw hubError(400, '"files" is required')
  const present = await filesAt(hub.cache, repo, commit)
  const given = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  const attributes = given(body.gitAttributes) ?? (await textAt(hub, repo, commit, '.gitattributes'))
  const ignored = given(body.gitIgnore) ?? (await textAt(hub, repo, commit, '.gitignore'))
  const files = body.files.map((file) => {
    const path = typeof file.path === 'string' ? file.path : ''
    if (path === '') throw hubError(400, '"files[].path" is required')
    const remote = present.get(path)
    const oid = remote?.type === 'blob' ? { oid: remote.lfs?.oid ?? remote.oid } : {}
    return {
      path,
      uploadMode: uploadMode(file, path, attributes),
      shouldIgnore: isIgnored(ignored, path),
      ...oid,
    }
  })
  sendJson(exchange.res, 200, { files, commitOid: commit })
}

function uploadMode(file: Record<string, unknown>, path: string, attributes: string): 'lfs' | 'regular' {
  const size = typeof file.size === 'number' ? file.size : 0
  // S3 refuses empty objects.
  if (size === 0) return 'regular'
  const sample = Buffer.from(typeof file.sample === 'string' ? file.sample : '', 'base64')
  return size > maxRegularSize || sample.includes(0) || isTracked(attributes, path) ? 'lfs' : 'regular'
}

function isIgnored(rules: string, path: string): boolean {
  let ignored = false
  for (const line of rules.split(/\r?\n/)) {
    const rule = line.trim()
    if (rule === '' || rule.startsWith('#')) continue
    const negated = rule.startsWith('!')
    const pattern = negated ? rule.slice(1) : rule
    if (matchesPattern(pattern, path) || isInside(pattern, path)) ignored = !negated
  }
  return ignored
}

function isInside(pattern: string, path: string): boolean {
  const folders = path.split('/').slice(0, -1)
  return folders.some((_, index) => matchesPattern(pattern, folders.slice(0, index + 1).join('/')))
}

/** `POST /api/validate-yaml` `{content, repoType}`. */
export async function validateYamlRoute(_hub: Hub, exchange: Exchange): Promise<void> {
  const { content } = await readJson(exchange.req)
  if (typeof content !== 'string') throw hubError(400, '"content" is required')
  const errors = cardErrors(content).map((message) => ({ message }))
  sendJson(exchange.res, errors.length === 0 ? 200 : 400, { errors, warnings: [] })
}
