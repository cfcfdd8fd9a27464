/** An answer with a JSON body. */
export interface JsonAnswer {
  readonly status: number
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

/** Numbers the hub has been seen to put into `Code`. */
export const codes = {
  ok: 200,
  /** Shared by all failures of writing; status and message tell them apart. */
  write: 10030000001,
  loginFailed: 10010103009,
  notFound: 10010205001,
  noAccess: 10010200001,
  noSuchFile: 10990101007,
  parameter: 10010202008,
  modelExists: 10010101001,
  datasetExists: 10020101001,
} as const

const requestId = '00000000-0000-4000-8000-000000000000'

/** Success in the envelope of `/api/v1`; `beside` goes next to `Data`, as the dataset list wants it. */
export function ok(data: unknown, beside: Readonly<Record<string, unknown>> = {}): JsonAnswer {
  const body = {
    Code: codes.ok,
    Data: data,
    Message: 'success',
    RequestId: requestId,
    Success: true,
    ...beside,
  }
  return { status: 200, body }
}

/** Failure in the envelope of `/api/v1`. */
export function failed(
  status: number,
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): JsonAnswer {
  return {
    status,
    headers,
    body: { Code: code, Data: null, Message: message, RequestId: requestId, Success: false },
  }
}

/** A refused write: they all have one `Code`. */
export function refused(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): JsonAnswer {
  return failed(status, codes.write, message, headers)
}

/** Success in the envelope of `/openapi/v1`. */
export function openOk(data: object): JsonAnswer {
  return { status: 200, body: { success: true, data, request_id: requestId } }
}

/** Failure in the envelope of `/openapi/v1`. */
export function openFailed(status: number, code: string, message: string): JsonAnswer {
  return { status, body: { success: false, code, message, request_id: requestId } }
}
