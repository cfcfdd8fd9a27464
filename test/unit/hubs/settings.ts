import type { HubSettings } from '../../../src/config/rule.ts'
import type { Context } from '../../../src/context.ts'
import { type ErrorCode, SyncError } from '../../../src/model/errors.ts'
import { Secret } from '../../../src/model/secret.ts'

/** Settings as the configuration makes them, with what the test says. */
export function settingsOf(
  type: HubSettings['type'],
  endpoint: string,
  rest: Partial<Omit<HubSettings, 'token'>> & { readonly token?: string } = {},
): HubSettings {
  const { token, ...others } = rest
  return {
    id: type,
    type,
    endpoint,
    token: token === undefined ? undefined : new Secret(token),
    username: undefined,
    rateLimit: undefined,
    concurrency: undefined,
    ca: undefined,
    insecureHttp: false,
    licenses: undefined,
    tokenVariable: 'HUB_TOKEN',
    ...others,
  }
}

/** A context whose clock does not wait. */
export function testContext(): Context {
  return {
    clock: clockThatSkips(),
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined },
    progress: () => undefined,
    signal: new AbortController().signal,
    workDir: '/nowhere',
    proxy: {},
    inherited: { PATH: process.env.PATH ?? '' },
  }
}

/** Sleeping is only a jump in time. */
function clockThatSkips(): Context['clock'] {
  let skipped = 0
  return {
    now: () => Date.now() + skipped,
    sleep: async (milliseconds) => {
      skipped += milliseconds
    },
  }
}

/** The SyncError that the promise ends with; fails if it ends well. */
export async function failureOf(promise: Promise<unknown>, code?: ErrorCode): Promise<SyncError> {
  const thrown = await promise.then(
    (value) => new Error(`no error, but ${JSON.stringify(value)}`),
    (error: unknown) => error,
  )
  if (!(thrown instanceof SyncError)) throw thrown
  if (code !== undefined && thrown.code !== code)
    throw new Error(`${thrown.code} instead of ${code}: ${thrown.message}`)
  return thrown
}

export async function collect<Row>(rows: AsyncIterable<Row> | undefined): Promise<Row[]> {
  if (rows === undefined) throw new Error('the hub cannot list')
  const all: Row[] = []
  for await (const row of rows) all.push(row)
  return all
}
