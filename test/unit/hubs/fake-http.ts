import type { Answer, Http, OpenRequest, Request } from '../../../src/net/http.ts'

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  /** The body as it is, instead of `json`. */
  readonly text?: string
}

/** An Http that answers from a function and remembers what it was asked. It makes no errors of statuses. */
export function fakeHttp(reply: (request: Request, n: number) => Reply, open?: Http['open']) {
  const requests: Request[] = []
  const opened: OpenRequest[] = []
  const send = async (request: Request): Promise<Answer> => {
    requests.push(request)
    return toAnswer(request, reply(request, requests.length))
  }
  const http: Http = {
    send,
    async *pages(request) {
      yield await send(request)
    },
    async open(request) {
      opened.push(request)
      if (open === undefined) throw new Error('nothing to open')
      return open(request)
    },
    put: () => Promise.reject(new Error('no hub puts')),
  }
  return { http, requests, opened }
}

export function toAnswer(request: { readonly url: string | URL }, reply: Reply): Answer {
  const body = Buffer.from(reply.text ?? JSON.stringify(reply.json ?? {}))
  return {
    status: reply.status ?? 200,
    headers: reply.headers ?? {},
    body,
    url: new URL(request.url),
    json: () => JSON.parse(body.toString()),
  }
}
