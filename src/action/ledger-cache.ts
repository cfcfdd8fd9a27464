import { isFeatureAvailable, restoreCache, saveCache } from '@actions/cache'
import * as core from '@actions/core'
import { logLine } from '../report/escape.ts'
import { isDefaultBranch, type WorkflowRun } from './event.ts'

export interface LedgerCache {
  restore(): Promise<void>
  save(): Promise<void>
}

/** The part of @actions/cache that is used; tests bring their own. */
export interface CacheService {
  restore(paths: string[], key: string, restoreKeys: string[]): Promise<string | undefined>
  save(paths: string[], key: string): Promise<number>
}

/**
 * Keeps the ledger file from run to run. Only speed is lost with it, so every failure is a warning; it is kept on the default
 * branch only, since what another branch writes must not be trusted.
 */
export function createLedgerCache(
  file: string,
  configDigest: string,
  run: WorkflowRun,
  service: CacheService = githubCache,
): LedgerCache {
  const prefix = `model-hub-sync-ledger-v1-${configDigest}-`
  const key = `${prefix}${run.runId}-${run.runAttempt}`
  const attempt = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    if (!isDefaultBranch(run)) return
    try {
      await act()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      core.info(logLine(`warning: the ledger could not be ${what}, this run only takes longer: ${why}`))
    }
  }
  return {
    restore: () => attempt('restored', () => service.restore([file], key, [prefix])),
    save: () => attempt('saved', () => service.save([file], key)),
  }
}

/** A runner without a cache (a server of one's own) is asked for nothing: the client would retry for ten seconds. */
const githubCache: CacheService = {
  restore: async (paths, key, restoreKeys) =>
    isFeatureAvailable() ? restoreCache(paths, key, restoreKeys) : undefined,
  save: async (paths, key) => (isFeatureAvailable() ? saveCache(paths, key) : -1),
}
