import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { deliveries, type Harness, startHarness } from '../e2e/harness.ts'
import { type GitHubStandIn, startGitHub } from '../stand-ins/github/index.ts'
import { conclusionsOf, jobNamed, logOf, runCaller, seedModel, summaryOf } from './project.ts'
import type { RunRequest } from './run-state.ts'

let hub: Harness
let github: GitHubStandIn
beforeAll(async () => {
  ;[hub, github] = await Promise.all([startHarness(), startGitHub({ username: 'me' })])
  await github.seed({ type: 'model', owner: 'me', name: 'sync', files: { 'README.md': '# Sync\n' } })
})
afterAll(async () => {
  await Promise.all([hub.close(), github.close()])
})
beforeEach(() => {
  hub.hf.requests.length = 0
  hub.ms.requests.length = 0
})

/** A file of `examples/` as it stands there, in a repository with this configuration. */
const run = (
  example: string,
  config: string,
  request: Partial<RunRequest> = {},
  at = '.github/model-hub-sync.yml',
) =>
  runCaller(
    hub,
    { [`.github/workflows/${example}`]: readFileSync(join('examples', example), 'utf8'), [at]: config },
    { workflow: `.github/workflows/${example}`, ...request },
  )

const rule = (name: string, from: string, more = '') =>
  `  - { name: ${name}, from: "huggingface:${from}", to: "modelscope:my-org"${more} }\n`
const rules = (...lines: string[]) => `version: 1\nrules:\n${lines.join('')}`
const headOf = (name: string) => hub.ms.head({ type: 'model', owner: 'my-org', name })
const areThere = async (...names: string[]) =>
  (await Promise.all(names.map(headOf))).map((head) => head !== undefined)

describe('every-12-hours.yml', () => {
  const config = rules(rule('cron', 'Twelve/cron-*'), rule('hand', 'Twelve/hand-*', ', trigger: manual'))
  beforeAll(async () => {
    for (const name of ['cron-a', 'cron-b', 'hand-a']) await seedModel(hub, name, 1, 'Twelve')
  })

  it('by the clock does what the rules say, and at the next hour nothing', async () => {
    const event = { name: 'schedule', payload: { schedule: '17 */12 * * *' } }
    const ended = await run('every-12-hours.yml', config, { event })
    expect(ended.conclusion).toBe('success')
    expect(await areThere('cron-a', 'cron-b', 'hand-a')).toEqual([true, true, false])
    hub.ms.requests.length = 0
    const next = await run('every-12-hours.yml', config, { event })
    expect(jobNamed(next, /Report$/).outputs).toMatchObject({
      outcome: 'success',
      synced: '0',
      unchanged: '2',
    })
    expect(deliveries(hub.ms)).toEqual([])
  }, 90_000)

  it('by hand does one rule', async () => {
    const inputs = { rule: 'hand' }
    const told = await run('every-12-hours.yml', config, { inputs: { ...inputs, 'dry-run': true } })
    expect([told.conclusion, ...(await areThere('hand-a'))]).toEqual(['success', false])
    const ended = await run('every-12-hours.yml', config, { inputs })
    expect([ended.conclusion, ...(await areThere('hand-a'))]).toEqual(['success', true])
  }, 90_000)
})

describe('one-model.yml', () => {
  it('syncs the model it is given, its settings overridden', async () => {
    for (const name of ['one', 'other']) await seedModel(hub, name, 1, 'Single')
    const config = rules(rule('all', 'Single', ', trigger: manual'))
    const inputs = { model: 'Single/one', set: 'visibility=private' }
    const ended = await run('one-model.yml', config, { inputs })
    expect(ended.conclusion).toBe('success')
    expect(await areThere('one', 'other')).toEqual([true, false])
    await expect(run('one-model.yml', config, { inputs: {} })).rejects.toThrow('model is required')
  }, 60_000)

  it('a name that is not there fails with the nearest names, and writes nothing', async () => {
    const ended = await run('one-model.yml', rules(rule('all', 'Single')), {
      inputs: { model: 'Single/onee' },
    })
    expect(ended.conclusion).toBe('failure')
    expect(logOf(jobNamed(ended, /Plan$/))).toContain('Single/one')
    expect(deliveries(hub.ms)).toEqual([])
  }, 60_000)
})

describe('another-organisation.yml', () => {
  it('brings the token of a hub of its own', async () => {
    await seedModel(hub, 'far', 1, 'Far')
    const config = `version: 1
hubs:
  matrixhub: { type: modelscope, endpoint: "\${MIRROR}", token: "\${MATRIXHUB_TOKEN}" }
rules:
  - { name: far, from: "huggingface:Far", to: "matrixhub:my-org" }
`
    const secrets = { HF_TOKEN: hub.hf.token, MATRIXHUB_TOKEN: hub.ms.token }
    const env = { MIRROR: hub.ms.endpoint }
    const ended = await run('another-organisation.yml', config, { secrets, env }, 'mirror/model-hub-sync.yml')
    expect(ended.conclusion).toBe('success')
    expect(await areThere('far')).toEqual([true])
    expect(JSON.stringify(ended)).not.toContain(hub.ms.token)
  }, 60_000)
})

describe('review-then-apply.yml', () => {
  const config = rules(rule('reviewed', 'Reviewed'))
  const environment = (approve: () => boolean | Promise<boolean>, token = hub.ms.readToken) => ({
    // What writes is known to the environment alone, unless said otherwise.
    secrets: { HF_TOKEN: hub.hf.readToken, MODELSCOPE_TOKEN: token },
    environments: { 'model-hub-sync': { approve, secrets: { MODELSCOPE_TOKEN: hub.ms.token } } },
  })
  beforeAll(() => seedModel(hub, 'reviewed', 1, 'Reviewed'))

  it('rejected, nothing is written', async () => {
    const ended = await run(
      'review-then-apply.yml',
      config,
      environment(() => false),
    )
    expect(conclusionsOf(ended)).toMatchObject(conclusions('success', 'failure'))
    expect(deliveries(hub.ms)).toEqual([])
    expect(await areThere('reviewed')).toEqual([false])
  }, 60_000)

  it('approved, what was planned is done; the next time nobody is asked', async () => {
    let asked = 0
    const approve = async () => {
      asked++
      expect(deliveries(hub.ms)).toEqual([])
      return true
    }
    const ended = await run('review-then-apply.yml', config, environment(approve))
    expect(conclusionsOf(ended)).toMatchObject(conclusions('success', 'success'))
    const [plan, apply] = ended.jobs
    expect(plan && summaryOf(plan)).toContain('reviewed')
    expect(apply && summaryOf(apply)).toContain('reviewed')
    expect(await areThere('reviewed')).toEqual([true])

    const again = await run('review-then-apply.yml', config, environment(approve, hub.ms.token))
    expect(again.conclusion).toBe('success')
    expect(again.jobs.map((job) => job.conclusion)).toEqual(['success', 'skipped'])
    expect(asked).toBe(1)

    // A repo that is there is planned with a token that may write to it: this one says so, and is not green.
    const weak = await run('review-then-apply.yml', config, environment(approve))
    expect(weak.jobs.map((job) => job.conclusion)).toEqual(['failure', 'skipped'])
  }, 90_000)

  it('is red when a repo could not be compared, whether or not there is anything to apply', async () => {
    for (const name of ['fault-redirect-elsewhere', 'well']) await seedModel(hub, name, 1, 'Unread')
    const lost = rule('lost', 'Unread/fault-redirect-elsewhere')
    const ended = await run(
      'review-then-apply.yml',
      rules(lost),
      environment(() => true),
    )
    expect(ended.conclusion).toBe('failure')
    expect(ended.jobs.map((job) => job.conclusion)).toEqual(['failure', 'skipped'])
    expect(ended.jobs.map(summaryOf).join()).toContain('fault-redirect-elsewhere')

    const mixed = await run(
      'review-then-apply.yml',
      rules(lost, rule('well', 'Unread/well')),
      environment(() => true),
    )
    expect(mixed.jobs.map((job) => job.conclusion)).toEqual(['success', 'failure'])
    expect(await areThere('well')).toEqual([true])
  }, 90_000)

  /** Names of jobs may change; there are two, in this order. */
  const conclusions = (plan: string, apply: string) => {
    const names = [
      ...readFileSync('examples/review-then-apply.yml', 'utf8').matchAll(
        /^ {2}(plan|apply):\n(?: {4}name: (.+)\n)?/gm,
      ),
    ]
    return Object.fromEntries(names.map(([, id = '', name = id]) => [name, id === 'plan' ? plan : apply]))
  }
})

describe('issue-on-failure.yml', () => {
  it('opens one issue, brings it up to date, and closes it with the first good run', async () => {
    await seedModel(hub, 'fault-git-refused-fault-api-commit-refused', 1, 'Issue')
    await seedModel(hub, 'well', 1, 'Issue')
    const event = { name: 'schedule', payload: { schedule: '17 */12 * * *' } }
    const request = {
      event,
      secrets: { HF_TOKEN: hub.hf.token, MODELSCOPE_TOKEN: hub.ms.token, GITHUB_TOKEN: github.appToken },
      github: { api_url: `${github.endpoint}/api/v3`, server_url: github.endpoint },
    }
    const issues = () => github.issues('me', 'sync')
    const bad = rules(rule('issue', 'Issue'))
    const first = await run('issue-on-failure.yml', bad, request)
    expect(first.conclusion).toBe('failure')
    expect(issues()).toMatchObject([{ state: 'open' }])
    expect(JSON.stringify(issues())).toContain('fault-git-refused-fault-api-commit-refused')

    await run('issue-on-failure.yml', bad, request)
    expect(issues()).toMatchObject([{ state: 'open' }])

    const good = await run('issue-on-failure.yml', rules(rule('issue', 'Issue/well')), request)
    expect(good.conclusion).toBe('success')
    expect(issues()).toMatchObject([{ state: 'closed' }])
  }, 150_000)
})
