import { createHash } from 'node:crypto'
import { isFeatureAvailable, restoreCache, saveCache } from '@actions/cache'
import * as core from '@actions/core'
import type { Environment } from '../commands/options.ts'
import { logLine } from '../report/escape.ts'
import { isDefaultBranch, isUntrusted, type WorkflowRun } from './event.ts'

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
 * Which ledger a run has: one for each workflow file, and another where names of private repos are hidden, since the cache of a
 * public repository can be read by everybody's pull requests. Whether an entry holds is decided by the digests and the signature in it.
 */
export function ledgerScope(env: Environment, hideNames: boolean): string {
  const [workflow = ''] = (env.GITHUB_WORKFLOW_REF ?? '').split('@')
  return `${hideNames ? 'public' : 'all'}-${createHash('sha256').update(workflow).digest('hex').slice(0, 12)}`
}

/**
 * Keeps the ledger file from run to run, as `model-hub-sync-ledger-v2-<scope>-<run id>-<attempt>`; the newest of the scope is
 * restored. Only speed is lost with it, so every failure is a warning; it is kept on the default branch only, since what another
 * branch writes must not be trusted.
 */
export function createLedgerCache(
  file: string,
  scope: string,
  run: WorkflowRun,
  service: CacheService = githubCache,
): LedgerCache {
  const prefix = `model-hub-sync-ledger-v2-${scope}-`
  const key = `${prefix}${run.runId}-${run.runAttempt}`
  const attempt = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    // `pull_request_target` runs on the default branch, too.
    if (!isDefaultBranch(run) || isUntrusted(run)) return
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
