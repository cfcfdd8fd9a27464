import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { StandIn } from '../test/stand-ins/core/stand-in.ts'
import { startHuggingFace } from '../test/stand-ins/huggingface/index.ts'
import { startModelScope } from '../test/stand-ins/modelscope/index.ts'
import { type DemoRepo, demoRepos } from './demo-repos.ts'

/** Stays after the demo, so that the reports can be opened; git ignores it. */
const REPORTS = '.cache/demo'

/** Slow enough to see the progress, fast enough not to wait for it: bytes a second. */
const BANDWIDTH = 25_000_000

interface Act {
  readonly title: string
  readonly folder: string
  readonly args: readonly string[]
  /** True where a run must find nothing to move. */
  readonly again: boolean
}

/** A model and a dataset go from one small hub to another and back, then once more with nothing to do. Nothing leaves this machine. */
async function main(): Promise<void> {
  rmSync(REPORTS, { recursive: true, force: true })
  say('Starting two small hubs on this machine: one speaks as Hugging Face, one as ModelScope.')
  const [huggingface, modelscope] = await Promise.all([
    startHuggingFace({ bandwidth: BANDWIDTH }),
    startModelScope({ bandwidth: BANDWIDTH }),
  ])
  // Ctrl-C reaches the running command too; this process stays until it has ended, to take the hubs down.
  process.on('SIGINT', () => undefined)
  try {
    const repos = demoRepos()
    for (const repo of repos) await huggingface.seed(repo)
    say(`On the first: ${repos.map(describe).join(' and ')}.`)
    for (const act of acts(repos)) await play(act, { huggingface, modelscope })
    say(`Done. The reports are in ${REPORTS}/*/report.html. The hubs are taken down again.`)
  } finally {
    await Promise.all([huggingface.close(), modelscope.close()])
  }
}

function acts(repos: readonly DemoRepo[]): readonly Act[] {
  const there = repos.map((repo) => nameOf('hf', repo, repo.owner))
  const back = repos.map((repo) => nameOf('ms', repo, 'my-org'))
  const outward = ['run', ...there, '--to', 'ms:my-org']
  const homeward = ['run', ...back, '--to', 'hf:my-org']
  return [
    { title: 'Hugging Face → ModelScope', folder: '1-to-modelscope', args: outward, again: false },
    {
      title: 'ModelScope → Hugging Face, to another owner',
      folder: '2-to-hugging-face',
      args: homeward,
      again: false,
    },
    { title: 'The first one again: nothing to do', folder: '3-again', args: outward, again: true },
    { title: 'The second one again: nothing to do', folder: '4-again', args: homeward, again: true },
  ]
}

/** Runs the command as a user would, in sight, and tells what its report says; throws if it failed or the hubs disagree. */
async function play(act: Act, hubs: { huggingface: StandIn; modelscope: StandIn }): Promise<void> {
  const dir = join(REPORTS, act.folder)
  say(`${act.title}\n$ model-hub-sync ${act.args.join(' ')}`)
  const child = spawn(process.execPath, ['bin/model-hub-sync.js', ...act.args, '--dir', dir], {
    env: environment(hubs),
    stdio: 'inherit',
  })
  const [code, signal] = await once(child, 'exit')
  if (code !== 0) throw new Error(`model-hub-sync ended with ${code ?? signal}`)
  const { totals } = JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8')) as DemoReport
  if (act.again && totals.bytes.moved > 0)
    throw new Error(`${act.title}: ${totals.bytes.moved} bytes were moved`)
}

interface DemoReport {
  readonly totals: { readonly bytes: { readonly moved: number } }
}

function environment({
  huggingface,
  modelscope,
}: {
  huggingface: StandIn
  modelscope: StandIn
}): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NO_PROXY: '127.0.0.1,localhost',
    HF_ENDPOINT: huggingface.endpoint,
    HF_TOKEN: huggingface.token,
    MODELSCOPE_ENDPOINT: modelscope.endpoint,
    MODELSCOPE_TOKEN: modelscope.token,
  }
}

function nameOf(hub: string, repo: DemoRepo, owner: string): string {
  return `${hub}:${repo.type === 'dataset' ? 'datasets/' : ''}${owner}/${repo.name}`
}

function describe(repo: DemoRepo): string {
  return `the ${repo.type} ${repo.owner}/${repo.name} (${Object.keys(repo.files).length} files)`
}

function say(text: string): void {
  console.log(`\n▸ ${text}\n`)
}

await main()
