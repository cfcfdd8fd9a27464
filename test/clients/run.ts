import { rmSync } from 'node:fs'
import { type Checks, createChecks, type ToldCheck } from './checks.ts'
import { clientEnvironment } from './environment.ts'
import { checkGiftless } from './giftless.ts'
import { checkGit, checkSyncByGit } from './git-clients.ts'
import { checkLfsStandIns } from './lfs-conformance.ts'
import { runProgram } from './program.ts'
import { setUpTools, type Tools } from './setup.ts'
import { startStandIns } from './stand-ins.ts'
import { checkSyncFromModelScope, checkSyncOfDataset, checkSyncOfModel } from './sync-jobs.ts'

/** Above the size at which the Hugging Face stand-in asks for parts. */
const MULTIPART_BYTES = 25_000_001

/**
 * Shows what other people's clients say of the stand-ins, and the main job on real input between them.
 * Words after the command choose parts: `node test/clients/run.ts huggingface modelscope git lfs giftless model from-modelscope dataset`.
 */
async function main(parts: readonly string[]): Promise<void> {
  const wants = (part: string) => parts.length === 0 || parts.includes(part)
  const tools = setUpTools('checks')
  const hubs = await startStandIns()
  const checks = createChecks()
  const job = { checks, tools, hubs, env: clientEnvironment(tools, hubs) }
  try {
    if (wants('huggingface')) checkClient(checks, tools, job.env, 'huggingface_lifecycle.py')
    if (wants('modelscope')) checkClient(checks, tools, job.env, 'modelscope_lifecycle.py')
    if (wants('git')) {
      await checkGit(job)
      await checkSyncByGit(job)
    }
    if (wants('lfs')) await checkLfsStandIns(checks)
    if (wants('giftless')) await checkGiftless(job)
    if (wants('model')) await checkSyncOfModel(job)
    if (wants('from-modelscope')) await checkSyncFromModelScope(job)
    if (wants('dataset')) await checkSyncOfDataset(job)
  } finally {
    await hubs.stop()
  }
  const { passed, failed } = checks.counts()
  if (failed === 0) rmSync(tools.workDir, { recursive: true })
  else console.log(`What the failed checks left is in ${tools.workDir}`)
  console.log(`${passed} passed, ${failed} failed`)
  if (failed > 0 || passed === 0) process.exitCode = 1
}

/** Runs a script that tells of its checks line by line; one that breaks without telling has failed too. */
function checkClient(checks: Checks, tools: Tools, env: NodeJS.ProcessEnv, script: string): void {
  for (const kind of ['model', 'dataset']) {
    const { status, stdout, stderr } = runProgram(
      tools.python,
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
