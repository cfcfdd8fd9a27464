import { type Exchange, HttpError, isRecord, parseJson, readBody } from '../core/server.ts'

const documentation = 'https://docs.github.com/rest'

/** An error in GitHub's shape. */
export function failure(
  status: number,
  message: string,
  more: { readonly errors?: readonly object[]; readonly headers?: Readonly<Record<string, string>> } = {},
): HttpError {
  const { errors, headers } = more
  const body = {
    message,
    ...(errors && { errors }),
    documentation_url: documentation,
    status: String(status),
  }
  return new HttpError(status, body, headers)
}

/** What is absent and what is hidden look the same. */
export function notFound(): HttpError {
  return failure(404, 'Not Found')
}

/** `POST` of a repo whose name is taken, or is none. */
export function unprocessable(resource: string, field: string, message: string): HttpError {
  return failure(422, `${resource} creation failed.`, {
    errors: [{ resource, code: 'custom', field, message }],
  })
}

/** The JSON object in a request; no body is an empty one. */
export async function jsonBody({ req }: Exchange): Promise<Record<string, unknown>> {
  const text = (await readBody(req, 1 << 20)).toString('utf8')
  const value = text === '' ? {} : parseJson(text)
  if (isRecord(value)) return value
  throw failure(400, 'Problems parsing JSON')
}

/** Rows of one page, with the `Link` that leads to the others. (docs.github.com, "Using pagination in the REST API") */
export function pageOf<Row>(
  { query, origin, path }: Exchange,
  rows: readonly Row[],
  maxPerPage: number,
): { readonly rows: readonly Row[]; readonly headers: Readonly<Record<string, string>> } {
  const size = Math.min(Math.max(1, Number(query.get('per_page')) || 30), maxPerPage)
  const page = Math.max(1, Number(query.get('page')) || 1)
  const last = Math.max(1, Math.ceil(rows.length / size))
  const link = (number: number, rel: string): string => {
    const wanted = new URLSearchParams(query)
    wanted.set('page', String(number))
    return `<${origin}${path}?${wanted}>; rel="${rel}"`
  }
  const links = [
    ...(page > 1 ? [link(page - 1, 'prev'), link(1, 'first')] : []),
    ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
  ]
  const headers: Record<string, string> = links.length === 0 ? {} : { link: links.join(', ') }
  return { rows: rows.slice((page - 1) * size, page * size), headers }
}
