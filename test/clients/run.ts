import { rmSync } from 'node:fs'
import { checkReport } from '../browser/check-report.ts'
import { type Checks, createChecks, type ToldCheck } from './checks.ts'
import { clientEnvironment } from './environment.ts'
import { checkGiftless } from './giftless.ts'
import { checkGit, checkSyncByGit } from './git-clients.ts'
import type { Job } from './job.ts'
import { checkLfsStandIns } from './lfs-conformance.ts'
import { type Client, officialClient, startOfficialHosts } from './official-clients.ts'
import { runProgram } from './program.ts'
import { setUpTools } from './setup.ts'
import { startStandIns } from './stand-ins.ts'
import { checkSyncFromModelScope, checkSyncOfDataset, checkSyncOfModel, checkSyncWith } from './sync-jobs.ts'
import { checkWorkflows } from './workflow-linters.ts'

/** Above the size at which the Hugging Face stand-in asks for parts. */
const MULTIPART_BYTES = 25_000_001

/**
 * Shows what other people's clients say of the stand-ins, the main job on real input between them, and the report in a browser.
 * Words after the command choose parts: `node test/clients/run.ts huggingface modelscope modelers gitcode git lfs giftless
 * model from-modelscope dataset with-modelers with-gitcode workflows browser`.
 */
async function main(parts: readonly string[]): Promise<void> {
  const tools = setUpTools('checks')
  const checks = createChecks()
  const hubs = await startStandIns()
  try {
    const hosts = await startOfficialHosts(tools, hubs.gitcode)
    try {
      await runParts(parts, { checks, tools, hubs, hosts, env: clientEnvironment(tools, hubs) })
    } finally {
      await hosts.stop()
    }
  } finally {
    await hubs.stop()
  }
  const { passed, failed } = checks.counts()
  if (failed === 0) rmSync(tools.workDir, { recursive: true })
  else console.log(`What the failed checks left is in ${tools.workDir}`)
  console.log(`${passed} passed, ${failed} failed`)
  if (failed > 0 || passed === 0) process.exitCode = 1
}

/** `strict` knows Modelers as it is; its client breaks a rule of it, and where that client takes part, another is meant. */
async function runParts(parts: readonly string[], strict: Job): Promise<void> {
  const wants = (part: string) => parts.length === 0 || parts.includes(part)
  const { checks } = strict
  const job = { ...strict, hubs: { ...strict.hubs, modelers: strict.hosts.modelers } }
  for (const hub of ['huggingface', 'modelscope', 'modelers', 'gitcode'] as const)
    if (wants(hub)) checkClient(checks, officialClient(job, hub), `${hub}_lifecycle.py`)
  if (wants('gitcode'))
    checkClient(checks, officialClient(job, 'gitcode-openmind'), 'gitcode_openmind_lifecycle.py')
  if (wants('git')) {
    await checkGit(strict)
    await checkSyncByGit(strict)
  }
  if (wants('lfs')) await checkLfsStandIns(checks)
  if (wants('giftless')) await checkGiftless(job)
  if (wants('model')) await checkSyncOfModel(job)
  if (wants('from-modelscope')) await checkSyncFromModelScope(job)
  if (wants('dataset')) await checkSyncOfDataset(job)
  for (const hub of ['modelers', 'gitcode'] as const) if (wants(`with-${hub}`)) await checkSyncWith(job, hub)
  if (wants('workflows')) await checkWorkflows(checks, job.tools)
  if (wants('browser')) await checkReport(checks, job.tools.workDir)
}

/** Runs a script that tells of its checks line by line; one that breaks without telling has failed too. */
function checkClient(checks: Checks, { python, env }: Client, script: string): void {
  for (const kind of ['model', 'dataset']) {
    const { status, stdout, stderr } = runProgram(
      python,
      [`test/clients/${script}`, kind, String(MULTIPART_BYTES)],
      { env },
    )
    const told = stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as ToldCheck)
    for (const check of told) checks.tell(check)
    const silent = status !== 0 && told.every((check) => check.ok)
    if (silent || told.length === 0)
      checks.tell({ name: `${script} ${kind}`, ok: false, why: stderr.trim(), seconds: 0 })
  }
}

await main(process.argv.slice(2))
