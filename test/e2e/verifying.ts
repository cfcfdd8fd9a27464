import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunOptions } from '../../src/commands/options.ts'
import { type RepairResult, repairCommand } from '../../src/commands/repair.ts'
import { type VerifyResult, verifyCommand } from '../../src/commands/verify.ts'
import type { Context } from '../../src/context.ts'
import { isWrong, type PairVerification, type VerificationReport } from '../../src/model/verification.ts'
import { defaultOptions, type Harness } from './harness.ts'

export interface Verifying {
  /** `verify` with options over the defaults, in a fresh run directory unless one is given. */
  verify(options: Partial<RunOptions>, ports?: Partial<Context>): Promise<VerifyResult>
  repair(options: Partial<RunOptions>): Promise<RepairResult>
}

/** The two commands on the stand-ins of a harness, with more of the environment where it is given. */
export function verifying(hub: () => Harness, env: () => Record<string, string> = () => ({})): Verifying {
  const optionsOf = async (given: Partial<RunOptions>) => ({
    ...defaultOptions,
    ...given,
    dir: given.dir ?? (await mkdtemp(join(hub().folder, 'verify-'))),
  })
  const environment = () => ({ ...hub().env, ...env() })
  return {
    verify: async (options, ports) =>
      verifyCommand({ ...(await hub().context()), ...ports }, await optionsOf(options), environment()),
    repair: async (options) => repairCommand(await hub().context(), await optionsOf(options), environment()),
  }
}

export function onlyPair({ pairs }: VerificationReport): PairVerification {
  const [pair, ...rest] = pairs
  if (pair === undefined || rest.length > 0)
    throw new Error(`one pair was expected: ${JSON.stringify(pairs)}`)
  return pair
}

/** Kind and path of everything that is wrong, as `kind path`, sorted. */
export function wrong({ verification }: { readonly verification: VerificationReport }): string[] {
  return told(verification, true)
}

/** Kind and path of everything that is merely told. */
export function notes({ verification }: { readonly verification: VerificationReport }): string[] {
  return told(verification, false)
}

function told(report: VerificationReport, areWrong: boolean): string[] {
  const { findings } = onlyPair(report)
  const some = findings.filter((finding) => isWrong(finding) === areWrong)
  return some.map(({ kind, path }) => (path === undefined ? kind : `${kind} ${path}`)).sort()
}
