import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { deliveries, type Harness, startHarness } from '../e2e/harness.ts'
import { type GitHubStandIn, startGitHub } from '../stand-ins/github/index.ts'
import { jobNamed, logOf, runCaller, seedModel, summaryOf } from './project.ts'
import type { RunRequest } from './run-state.ts'
import type { WorkflowRun } from './runner.ts'

/** The examples that look after copies, as they stand in `examples/`. */
let hub: Harness
let github: GitHubStandIn
beforeAll(async () => {
  ;[hub, github] = await Promise.all([
    startHarness({ hf: { organizations: ['Closed'] } }),
    startGitHub({ username: 'me' }),
  ])
  await github.seed({ type: 'model', owner: 'me', name: 'sync', files: { 'README.md': '# Sync\n' } })
})
afterAll(async () => {
  await Promise.all([hub.close(), github.close()])
})
beforeEach(forget)

function forget(): void {
  hub.hf.requests.length = 0
  hub.ms.requests.length = 0
}

const run = (example: string, owner: string, request: Partial<RunRequest> = {}) => {
  const path = `.github/workflows/${example}`
  return runCaller(
    hub,
    { [path]: readFileSync(join('examples', example), 'utf8'), '.github/model-hub-sync.yml': rules(owner) },
    { workflow: path, ...request },
  )
}

const rules = (owner: string) => `version: 1
rules:
  - { name: ${owner.toLowerCase()}, from: "huggingface:${owner}", to: "modelscope:my-org" }
`

const copy = (owner: string) => hub.run({ from: `hf:${owner}`, to: 'ms:my-org' })
const contentOf = async (name: string) =>
  (await hub.ms.files({ type: 'model', owner: 'my-org', name })).get('README.md')?.content?.toString()

/** Somebody writes over a file of the copy. */
const damage = (name: string) =>
  hub.ms.seed({ type: 'model', owner: 'my-org', name, files: { 'README.md': '# Not the source’s\n' } })

/** Everything that people can read of a run: logs, summaries, and the files of its artifacts. */
function readable(ended: WorkflowRun): string {
  const folder = join(ended.folder, 'artifacts')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  return [
    ...ended.jobs.flatMap((job) => [logOf(job), summaryOf(job)]),
    ...files.map((file) => readFileSync(join(file.parentPath, file.name), 'utf8')),
  ].join('\n')
}

describe('nightly-verify.yml', () => {
  const event = { name: 'schedule', payload: { schedule: '41 3 * * *' } }
  const issues = () => github.issues('me', 'sync')
  const request = () => ({
    event,
    // What verifies needs no token that may write.
    secrets: {
      HF_TOKEN: hub.hf.readToken,
      MODELSCOPE_TOKEN: hub.ms.readToken,
      GITHUB_TOKEN: github.appToken,
    },
    github: { api_url: `${github.endpoint}/api/v3`, server_url: github.endpoint },
  })

  it('opens one issue for what it finds, brings it up to date, and closes it with the first good night', async () => {
    await seedModel(hub, 'night', 1, 'Nightly')
    await copy('Nightly')
    await damage('night')
    forget()
    const first = await run('nightly-verify.yml', 'Nightly', request())
    expect(first.conclusion).toBe('failure')
    expect(first.artifacts).toEqual(['verify-1'])
    expect(jobNamed(first, /^Verify$/).steps.find((step) => step.outputs.outcome)?.outputs).toMatchObject({
      outcome: 'failure',
      report: '.model-hub-sync/verify.json',
    })
    const [issue] = issues()
    expect(issues()).toMatchObject([{ state: 'open' }])
    for (const text of [JSON.stringify(issue), summaryOf(jobNamed(first, /^Verify$/))]) {
      expect(text).toContain('Nightly/night')
      expect(text).toContain('README')
    }

    await run('nightly-verify.yml', 'Nightly', request())
    expect(issues()).toMatchObject([{ state: 'open', number: issue?.number }])
    expect(JSON.stringify(issues())).toContain('2 runs failed')
    expect(deliveries(hub.ms)).toEqual([])

    await copy('Nightly')
    const good = await run('nightly-verify.yml', 'Nightly', request())
    expect(good.conclusion).toBe('success')
    expect(issues()).toMatchObject([{ state: 'closed', number: issue?.number }])
  }, 240_000)

  it('by hand looks at one rule, and reads every byte if it is told to', async () => {
    const inputs = { rule: 'nightly', set: 'verify=full' }
    const ended = await run('nightly-verify.yml', 'Nightly', { inputs })
    expect(ended.conclusion).toBe('success')
    const wrong = await run('nightly-verify.yml', 'Nightly', { inputs: { rule: 'nigtly' } })
    expect([wrong.conclusion, wrong.artifacts]).toEqual(['failure', []])
    expect(readable(wrong)).toContain('nightly')
  }, 120_000)

  it('in a public repository names nothing that is not public', async () => {
    await seedModel(hub, 'unseen', 1, 'Closed', { visibility: 'private' })
    await copy('Closed')
    await hub.ms.seed({ type: 'model', owner: 'my-org', name: 'unseen', files: { 'hidden.txt': 'x' } })
    await damage('unseen')
    const repository = { full_name: 'me/sync', default_branch: 'main', private: false }
    const ended = await run('nightly-verify.yml', 'Closed', {
      ...request(),
      secrets: { HF_TOKEN: hub.hf.token, MODELSCOPE_TOKEN: hub.ms.token, GITHUB_TOKEN: github.appToken },
      event: { ...event, payload: { ...event.payload, repository } },
    })
    expect(ended.conclusion).toBe('failure')
    const told = `${readable(ended)}${JSON.stringify(issues())}`
    expect(told).toContain('private-1')
    expect(told).not.toMatch(/unseen|hidden\.txt/)
  }, 120_000)
})

describe('weekly-repair.yml', () => {
  const environment = (approve: () => boolean | Promise<boolean>) => ({
    // What writes is known to the environment alone.
    secrets: { HF_TOKEN: hub.hf.readToken, MODELSCOPE_TOKEN: hub.ms.readToken },
    environments: { 'model-hub-sync': { approve, secrets: { MODELSCOPE_TOKEN: hub.ms.token } } },
  })
  /** Of `Verify` and `Repair`, in this order. */
  const conclusions = ({ jobs }: WorkflowRun) => jobs.map((job) => job.conclusion)

  it('repairs what was found after an approval; rejected, nothing is written; the next time nobody is asked', async () => {
    await seedModel(hub, 'week', 1, 'Weekly')
    await copy('Weekly')
    const right = await contentOf('week')
    await damage('week')
    const damaged = await contentOf('week')
    forget()
    const rejected = await run(
      'weekly-repair.yml',
      'Weekly',
      environment(() => false),
    )
    expect(conclusions(rejected)).toEqual(['success', 'failure'])
    expect(summaryOf(jobNamed(rejected, /^Verify$/))).toContain('Weekly/week')
    expect(deliveries(hub.ms)).toEqual([])
    expect(await contentOf('week')).toBe(damaged)

    let asked = 0
    const approve = () => ++asked > 0
    const repaired = await run('weekly-repair.yml', 'Weekly', environment(approve))
    expect(conclusions(repaired)).toEqual(['success', 'success'])
    expect(summaryOf(jobNamed(repaired, /^Repair$/))).toContain('Weekly/week')
    expect(await contentOf('week')).toBe(right)

    const again = await run('weekly-repair.yml', 'Weekly', environment(approve))
    expect(conclusions(again)).toEqual(['success', 'skipped'])
    expect(asked).toBe(1)
  }, 240_000)

  it('is red where nothing of what was found can be repaired from here, and nobody is asked', async () => {
    await seedModel(hub, 'closed-copy', 1, 'Shut')
    await hub.run({ from: 'hf:Shut', to: 'ms:my-org', set: ['visibility=private'] })
    const ended = await run(
      'weekly-repair.yml',
      'Shut',
      environment(() => {
        throw new Error('nobody is asked')
      }),
    )
    expect(conclusions(ended)).toEqual(['failure', 'skipped'])
  }, 120_000)
})
