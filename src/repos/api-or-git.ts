import type { Hub } from '../hubs/hub.ts'
import { asSyncError, type ErrorCode, type SyncError } from '../model/errors.ts'

/** Runs the API's way if there is one, and git's where there is none or where the API says that this is not its way. */
export type ApiOrGit = <T>(
  what: keyof typeof whatWasDone,
  api: (() => Promise<T>) | undefined,
  byGit: () => Promise<T>,
) => Promise<T>

/** `detours` gets a line for each kind of question that git answered because the API refused. */
export function createApiOrGit(hub: Hub, detours: Set<string>): ApiOrGit {
  return async (what, api, byGit) => {
    if (api === undefined) return byGit()
    try {
      return await api()
    } catch (thrown) {
      const refusal = asSyncError(thrown)
      if (!notByApi.has(refusal.code)) throw refusal
      const value = await instead(byGit, refusal)
      detours.add(`${whatWasDone[what]} by git, because the API of ${hub.id} refused: ${refusal.message}`)
      return value
    }
  }
}

const whatWasDone = {
  repo: 'the repo was looked up',
  head: 'the branch was looked up',
  history: 'the history was read',
  list: 'the files were listed',
  files: 'files were read',
} as const

/** What says "not this way": git may do. A missing repo or a bad token is the same everywhere. */
const notByApi: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['unsupported', 'listing-cut', 'forbidden'])

async function instead<T>(byGit: () => Promise<T>, refusal: SyncError): Promise<T> {
  try {
    return await byGit()
  } catch (thrown) {
    // Git is refused as well: what the API said first is the clearer reason, but for an object that is known to be lost.
    throw asSyncError(thrown).code === 'object-missing' ? thrown : refusal
  }
}
