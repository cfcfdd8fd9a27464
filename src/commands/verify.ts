import type { Context } from '../context.ts'
import type { VerificationReport } from '../model/verification.ts'
import { buildVerification, verificationStatus } from '../report/build-verification.ts'
import type { CommandResult } from '../report/command-result.ts'
import { jsonText } from '../report/escape.ts'
import { findingsMarkdown } from '../report/findings-markdown.ts'
import { findingsText } from '../report/findings-text.ts'
import { heldRow, type VerifiedPair, verifyRules } from '../verifying/verify-pairs.ts'
import type { Environment, RunOptions } from './options.ts'
import { openRunDirectory, type RunDirectory } from './run-directory.ts'
import { openSession, type Session } from './session.ts'
import { tool } from './version.ts'

export interface VerifyResult extends CommandResult {
  readonly verification: VerificationReport
  /** Where `verify.json` lies. */
  readonly file: string
}

/**
 * `verify`: compares the content of both sides and reads LFS objects back; writes `DIR/verify.json` and `verify.md`. Changes nothing on
 * any hub, and asks neither the ledger nor trailers whether there is something to look at.
 */
export async function verifyCommand(
  context: Context,
  options: RunOptions,
  env: Environment,
): Promise<VerifyResult> {
  const session = await openSession(context, options, env)
  const directory = await openRunDirectory(options.dir)
  const found = await verifySession(context, session)
  const verification = verificationOf(context, options, found)
  const file = await writeVerification(directory, verification)
  return {
    verification,
    file,
    exitStatus: verificationStatus(verification, options.failOn),
    text: findingsText(verification, { directory: directory.path }),
    json: verification,
  }
}

/** Looks at every pair of the rules of this run. */
export async function verifySession(context: Context, session: Session): Promise<VerifiedPair[]> {
  context.progress({ kind: 'stage', text: 'Comparing source and target' })
  const found = await verifyRules(context, session.rules, session.hubs)
  return [...found, ...session.skipped.map((held) => ({ row: heldRow(held, 'skipped') }))]
}

/** What was found, with no name in it that those who can read it may not know. */
export function verificationOf(
  context: Context,
  { run, hideNames }: Pick<RunOptions, 'run' | 'hideNames'>,
  found: readonly VerifiedPair[],
): VerificationReport {
  const facts = { tool, now: context.clock.now(), hideNames: hideNames === true, ...(run && { run }) }
  return buildVerification(
    found.map(({ row }) => row),
    facts,
  )
}

/** Writes `verify.json` and `verify.md`; returns where the first lies. */
export async function writeVerification(
  directory: RunDirectory,
  verification: VerificationReport,
): Promise<string> {
  await directory.writeFile('verify.md', findingsMarkdown(verification))
  return directory.writeFile('verify.json', `${jsonText(verification, 1)}\n`)
}
