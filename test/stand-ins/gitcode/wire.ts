import { HttpError } from '../core/server.ts'

/** An error of V5. The HTTP status and `error_code` need not agree on the live hub; here they do unless told. */
export function v5Error(
  status: number,
  name: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  code = status,
): HttpError {
  const body = { error_code: code, error_code_name: name, error_message: message, trace_id: traceId }
  return new HttpError(status, body, headers)
}

const traceId = '0123456789abcdef0123456789abcdef'

/** An error of the hub host. */
export function hubError(status: number, error: string): HttpError {
  return new HttpError(status, { error })
}

/** An error in the envelope of the openMind routes (modelers.md A8). */
export function openMindError(status: number, code: string, msg: string): HttpError {
  return new HttpError(status, { code, msg, data: null })
}

export function openMindOk(data: unknown): object {
  return { code: '', msg: '', data }
}
