import { lfsMediaType } from '../core/lfs-standard.ts'
import { type Exchange, HttpError, isRecord, parseJson, readBody, sendJson } from '../core/server.ts'

const headers = { 'x-request-id': '00000000000000000000000000000000' }

/** Sends success in the envelope of the API: 200 for GET, 201 for POST, 202 for PUT, 204 without a body for DELETE. */
export function sendOk({ req, res, method }: Exchange, data: unknown): void {
  req.resume()
  if (method === 'DELETE') {
    res.writeHead(204, headers).end()
    return
  }
  const status = method === 'POST' ? 201 : method === 'PUT' ? 202 : 200
  sendJson(res, status, { code: '', msg: '', data }, headers)
}

/** A failure in the envelope; the code decides the status. (merlin-server common/controller/error.go) */
export function failure(code: string, msg: string): HttpError {
  return new HttpError(statusOf(code), { code, msg, data: null }, headers)
}

const missing = new Set([
  'branch_not_exist',
  'branch_or_path_not_found',
  'ref_not_exist',
  'empty_repo',
  'not_dir',
  'not_file',
])

function statusOf(code: string): number {
  if (code.endsWith('_not_found') || missing.has(code)) return 404
  if (code === 'access_token_invalid') return 401
  if (code === 'no_permission') return 403
  if (code === 'rate_limit_over') return 429
  return code === 'system_error' ? 500 : 400
}

/** A failure of LFS, outside the envelope. */
export function lfsError(status: number, message: string): HttpError {
  return new HttpError(status, { Message: message }, { 'content-type': lfsMediaType })
}

/** The JSON object in a request. Throws `bad_request_body` if there is none. */
export async function jsonBody({ req }: Exchange, cap = 64 << 20): Promise<Record<string, unknown>> {
  const text = (await readBody(req, cap)).toString('utf8')
  const value = parseJson(text)
  if (isRecord(value)) return value
  throw failure('bad_request_body', text === '' ? 'EOF' : 'invalid request body')
}

/** A text of a JSON object; empty if it is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
