import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { bytes, type Harness, startHarness } from '../e2e/harness.ts'

const run = promisify(execFile)

/** `npx --yes model-hub-sync@VERSION` as the examples call it; jobs of 17 MB, so that there are some. */
const npx = `#!/bin/sh
case "$2" in model-hub-sync@*) ;; *) echo "what is $2?" >&2; exit 64 ;; esac
shift 2
command=$1
shift
[ "$command" = plan ] && set -- "$@" --job-size 17MB
exec "${process.execPath}" "${resolve('bin/model-hub-sync.js')}" "$command" "$@"
`
/** Runs what is submitted at once, one index after the other, and prints a job id. */
const sbatch = `#!/bin/sh
last=0 wrap=
for argument in "$@"; do
  case "$argument" in
    --array=*) last=\${argument#--array=0-}; last=\${last%%%*} ;;
    --wrap=*) wrap=\${argument#--wrap=} ;;
  esac
done
index=0
while [ "$index" -le "$last" ]; do
  SLURM_ARRAY_TASK_ID=$index sh -c "$wrap" >&2 || true
  index=$((index + 1))
done
echo 4711
`

let hub: Harness
let folder: string
let seeds = 0
beforeAll(async () => {
  hub = await startHarness()
})
afterAll(() => hub.close())

/** A folder with a configuration of one repo that several jobs move. */
beforeEach(async () => {
  seeds += 1
  const name = `array-${seeds}`
  const files = Object.fromEntries(
    Array.from({ length: 5 }, (_, index) => [
      `w${index}.safetensors`,
      { lfs: bytes(300_000, 10 * seeds + index) },
    ]),
  )
  await hub.hf.seed({ type: 'model', owner: 'Qwen', name, files })
  folder = await mkdtemp(join(hub.folder, 'array-'))
  const rule = `{ name: r, from: "huggingface:Qwen/${name}", to: "modelscope:my-org" }`
  await writeFile(join(folder, 'model-hub-sync.yml'), `version: 1\nrules:\n  - ${rule}\n`)
  for (const [program, text] of [
    ['npx', npx],
    ['sbatch', sbatch],
  ] as const) {
    await writeFile(join(folder, program), text)
    await chmod(join(folder, program), 0o755)
  }
})

async function shell(script: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const paths = [folder, join(process.execPath, '..'), process.env.PATH].join(':')
  const { stdout, stderr } = await run('sh', ['-ec', script], {
    cwd: folder,
    env: { ...hub.env, ...env, PATH: paths },
  })
  return stdout + stderr
}

async function report(directory: string): Promise<{ outcome: string; items: object[] }> {
  return JSON.parse(await readFile(join(folder, directory, 'report.json'), 'utf8'))
}

async function jobsOf(directory: string): Promise<number> {
  return JSON.parse(await readFile(join(folder, directory, 'plan.json'), 'utf8')).jobs.length
}

const done = { outcome: 'success', items: [{ outcome: 'synced', bytes: { moved: 1_500_000 } }] }

describe('the examples of other job arrays, from their files', () => {
  it('slurm-array.sh', async () => {
    await shell(await readFile('examples/slurm-array.sh', 'utf8'))
    expect(await jobsOf('.model-hub-sync')).toBeGreaterThan(1)
    expect(await report('.model-hub-sync')).toMatchObject(done)
    // Nothing to do: no array at all, and a report that says so.
    await shell(await readFile('examples/slurm-array.sh', 'utf8'))
    expect(await report('.model-hub-sync')).toMatchObject({ items: [{ outcome: 'unchanged' }] })
  }, 120_000)

  it('kubernetes-indexed-job.yaml', async () => {
    const containerSchema = z.object({ command: z.tuple([z.literal('sh'), z.literal('-c'), z.string()]) })
    const jobSchema = z.object({
      metadata: z.object({ labels: z.object({ stage: z.string() }) }),
      spec: z.object({
        completions: z.number().default(1),
        template: z.object({ spec: z.object({ containers: z.tuple([containerSchema]) }) }),
      }),
    })
    const documents = parseAllDocuments(await readFile('examples/kubernetes-indexed-job.yaml', 'utf8'))
    const jobs = documents
      .map((document) => document.toJS())
      .filter(({ kind }) => kind === 'Job')
      .map((job) => jobSchema.parse(job))
    expect(jobs.map(({ metadata }) => metadata.labels.stage)).toEqual(['plan', 'sync', 'finish'])
    for (const { spec } of jobs) {
      const [{ command }] = spec.template.spec.containers
      const script = command[2].replaceAll('/run-directory', './run').replaceAll('/config/', './')
      for (let index = 0; index < spec.completions; index += 1)
        await shell(script, { JOB_COMPLETION_INDEX: String(index) })
    }
    expect(await jobsOf('run')).toBeGreaterThan(1)
    expect(await report('run')).toMatchObject(done)
  }, 120_000)

  it.each([
    ['sync', ['plan', 'sync', 'finish']],
    ['plan', ['plan']],
  ])('the commands in kubernetes-indexed-job.yaml when the stage %s fails', async (failed, stages) => {
    const kubectl = `#!/bin/sh
echo "$*" >> called
[ "$1" = get ] || exit 0
case "$3" in *-${failed}) [ -e asked ] && echo 'FailureTarget Failed' || echo FailureTarget; touch asked ;;
*) echo 'SuccessCriteriaMet Complete' ;; esac
`
    for (const [program, text] of Object.entries({ kubectl, sleep: '#!/bin/sh\n' })) {
      await writeFile(join(folder, program), text)
      await chmod(join(folder, program), 0o755)
    }
    const [, commands = ''] = (await readFile('examples/kubernetes-indexed-job.yaml', 'utf8')).split(/^#$/m)
    await shell(commands.replaceAll(/^# {3}/gm, ''))
    const called = (await readFile(join(folder, 'called'), 'utf8')).split('\n')
    const applied = called.filter((line) => line.startsWith('apply'))
    expect(applied.map((line) => line.split('stage=')[1])).toEqual(stages)
    expect(called.filter((line) => line.startsWith('get'))).toHaveLength(stages.length + 1)
  })

  it('gitlab-ci.yml', async () => {
    const stage = z.object({ script: z.array(z.string()), parallel: z.number().default(1) })
    const schema = z.object({ plan: stage, sync: stage, publish: stage, report: stage })
    const file = schema.parse(parse(await readFile('examples/gitlab-ci.yml', 'utf8')))
    for (const { script, parallel } of [file.plan, file.sync, file.publish, file.report])
      for (let node = 1; node <= parallel; node += 1)
        await shell(script.join('\n'), { CI_NODE_INDEX: String(node), RUN_DIRECTORY: 'run-directory' })
    expect(await jobsOf('run-directory')).toBeGreaterThan(1)
    expect(await report('run-directory')).toMatchObject(done)
  }, 120_000)
})
