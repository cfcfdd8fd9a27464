import { Octokit } from '@octokit/rest'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type FailureIssueRequest,
  issueIdentity,
  issueScope,
  updateFailureIssue,
} from '../../../src/action/failure-issue.ts'
import { issueBody, issueMarker, issueTitle } from '../../../src/action/failure-issue-text.ts'
import {
  type Ending,
  formatState,
  nextState,
  noFailures,
  parseState,
} from '../../../src/action/failure-state.ts'
import { createWorkflowOctokit } from '../../../src/action/workflow-octokit.ts'
import { SyncError } from '../../../src/model/errors.ts'
import type { ItemResult, Report } from '../../../src/model/report.ts'
import { Secret } from '../../../src/model/secret.ts'
import { withoutPrivateNames } from '../../../src/report/private-names.ts'
import { type GitHubStandIn, startGitHub } from '../../stand-ins/github/index.ts'
import { testContext } from '../hubs/settings.ts'
import {
  blocked,
  hasControls,
  hostile,
  reportOf,
  sampleItem,
  samplePlan,
  sampleResult,
} from '../report/sample-plan.ts'

const subject = { workflow: 'Sync models', identity: ['me/sync/.github/workflows/sync.yml', 'c.yml', '', ''] }
const good = (id: string) => sampleResult(id)
const bad = (id: string, message = 'The hub said no.'): ItemResult =>
  sampleResult(id, { outcome: 'failed', error: { code: 'refused', message, next: 'Mend it.' } })
const ending = (results: ItemResult[], more: Partial<Ending> = {}): Ending => ({
  report: reportOf(results),
  failOn: 'failed',
  scope: [],
  ...more,
})
const failures = (state = nextState(noFailures, ending([]))): number => state?.failures.size ?? -1

describe('the state of an issue', () => {
  const failed = nextState(noFailures, ending([bad('a'), bad('b'), good('c')])) ?? noFailures

  test('holds what failed, and is read back as it was written', () => {
    expect(failures(failed)).toBe(2)
    expect(parseState(`x\r\n${formatState(failed)}\r\ny`)).toEqual(failed)
    expect(parseState('edited away')).toEqual(noFailures)
    expect(parseState(formatState(noFailures))).toEqual(noFailures)
  })

  test.each<[string, Ending, number]>([
    ['a whole good run mends everything', ending([good('c')]), 0],
    ['one model that works mends itself only', ending([good('a')], { scope: ['repo a'] }), 1],
    ['both models that work mend both', ending([good('a'), good('b')], { scope: ['repo a,b'] }), 0],
    ['another model mends nothing', ending([good('c')], { scope: ['repo c'] }), 2],
    ['a whole run that fails otherwise', ending([bad('c')]), 1],
    ['another model that fails is added', ending([bad('c')], { scope: ['repo c'] }), 3],
  ])('%s', (_, after, expected) => {
    expect(failures(nextState(failed, after))).toBe(expected)
  })

  test('a run of the same scope mends what it saw before, though it is not there any more', () => {
    const scope = ['cron 17 3 * * *']
    const before = nextState(noFailures, ending([bad('a')], { scope })) ?? noFailures
    expect(failures(nextState(before, ending([], { scope: ['cron 1 1 * * *'] })))).toBe(1)
    expect(failures(nextState(before, ending([], { scope })))).toBe(0)
  })

  test.each<[string, Ending]>([
    ['a forecast', { ...ending([bad('a')]), report: { ...reportOf([bad('a')]), dryRun: true } }],
    ['an early stop', ending([], { error: new SyncError('stopped', 'Stopped.') })],
    ['no end at all', { failOn: 'failed', scope: [] }],
  ])('%s says nothing', (_, nothing) => {
    expect(nextState(noFailures, nothing)).toBeUndefined()
  })

  test('what only the stop left undone is no failure, and no success', () => {
    const job = { kind: 'sync', rows: [], bytes: { moved: 0, reused: 0 } } as const
    const missing = { ...reportOf([]), outcome: 'incomplete' } as const
    const row = { ...reportOf([good('a')]).items[0], outcome: 'missing' } as Report['items'][number]
    const stopped: Report = { ...missing, items: [row], jobs: [{ ...job, state: 'stopped' }] }
    expect(nextState(noFailures, ending([], { report: stopped }))).toBeUndefined()
    const lost: Report = { ...missing, items: [row], jobs: [{ ...job, state: 'missing' }] }
    expect(failures(nextState(noFailures, ending([], { report: lost })))).toBe(1)
  })

  test('blocked repos count where the run fails on them; failures count also where it never fails', () => {
    const held = reportOf([good('a')], { blocked: [blocked('b', 'too large', [])] })
    expect(failures(nextState(noFailures, ending([], { report: held })))).toBe(0)
    expect(failures(nextState(noFailures, ending([], { report: held, failOn: 'blocked' })))).toBe(1)
    expect(failures(nextState(noFailures, ending([bad('a')], { failOn: 'never' })))).toBe(1)
  })

  test('a run that could not begin is mended by the next good one, whatever it is about', () => {
    const before =
      nextState(noFailures, ending([], { error: new SyncError('config', 'wrong') })) ?? noFailures
    expect(failures(before)).toBe(1)
    expect(failures(nextState(before, ending([good('z')], { scope: ['repo z'] })))).toBe(0)
  })

  test('rows without a name are known by their rule: only a run in which it all works mends them', () => {
    const hide = (results: ItemResult[]): Report =>
      withoutPrivateNames(reportOf(results), samplePlan(results.map(({ id }) => sampleItem(id))))
    const before = nextState(noFailures, ending([], { report: hide([bad('a'), good('b')]) })) ?? noFailures
    expect(failures(before)).toBe(1)
    const narrowed = { scope: ['repo x'] }
    expect(failures(nextState(before, ending([], { report: hide([bad('b')]), ...narrowed })))).toBe(1)
    expect(failures(nextState(before, ending([], { report: hide([good('b')]), ...narrowed })))).toBe(0)
  })

  test('ten thousand failures fit into an issue', () => {
    const many = ending(Array.from({ length: 10_000 }, (_, index) => bad(`r${index}`, `${hostile} ${index}`)))
    const state = nextState(noFailures, many) ?? noFailures
    expect(issueBody(subject, state, many).length).toBeLessThan(65_536)
    expect(failures(nextState(state, ending([good('r1')])))).toBe(0)
    const most = ending(Array.from({ length: 800 }, (_, index) => bad(`r${index}`, `${hostile} ${index}`)))
    expect(issueBody(subject, nextState(noFailures, most) ?? noFailures, most).length).toBeLessThan(65_536)
  })
})

describe('the text of an issue', () => {
  test('nothing from outside is markup, a mention, a reference or a marker of ours', () => {
    const end = ending([bad('a', `${hostile} <!-- model-hub-sync:state 9 x.y -->`)])
    const body = issueBody(subject, nextState(noFailures, end) ?? noFailures, end)
    expect(body.match(/<!--/g)).toHaveLength(2)
    expect(body).not.toMatch(/<script|@octocat|fixes #1|GH-2|\]\(javascript/)
    expect(hasControls(body)).toBe(false)
    expect(body.startsWith(issueMarker(subject))).toBe(true)
    const error = new SyncError('config', hostile, { next: hostile, lines: [hostile] })
    const other = issueBody(subject, noFailures, ending([], { error }))
    expect(other).not.toMatch(/<script|@octocat|fixes #1|GH-2|\]\(javascript/)
    expect(other).toContain('did not finish: config')
  })

  test('the title says what happened in counts', () => {
    expect(issueTitle(subject, ending([bad('a'), good('b')]))).toBe('Sync models: 1 failed, 1 synced')
    const named = { ...subject, workflow: `@me #1 \u202e ${'x'.repeat(300)}` }
    expect(issueTitle(named, ending([]))).not.toMatch(/[@#\u202e]/)
    expect(issueTitle(named, ending([])).length).toBeLessThan(256)
    expect(issueTitle({ ...subject, workflow: '' }, ending([]))).toMatch(/^model-hub-sync: /)
  })

  test('the marker is of the workflow and its configuration, whatever the branch', () => {
    const options = { configFile: 'c.yml', from: undefined, to: undefined }
    const of = (ref: string, more = {}) =>
      issueMarker({
        ...subject,
        identity: issueIdentity({ GITHUB_WORKFLOW_REF: ref }, { ...options, ...more }),
      })
    const file = 'me/sync/.github/workflows/sync.yml'
    expect(of(`${file}@refs/heads/main`)).toBe(of(`${file}@refs/tags/v1`))
    expect(of(`${file}@refs/heads/main`)).not.toBe(of('me/sync/.github/workflows/other.yml@refs/heads/main'))
    expect(of(`${file}@x`)).not.toBe(of(`${file}@x`, { configFile: 'd.yml' }))
  })

  test('a scope is what narrowed the run', () => {
    const none = { rules: [], repos: [] }
    expect(issueScope({ payload: {} }, none)).toEqual([])
    expect(issueScope({ payload: { schedule: '17 3 * * *' } }, { rules: ['b'], repos: ['a'] })).toEqual([
      'cron 17 3 * * *',
      'repo a',
      'rule b',
    ])
  })
})

describe('updateFailureIssue', () => {
  let standIn: GitHubStandIn
  const warnings: string[] = []
  const publicly: string[] = []
  let count = 0
  let repo = ''

  beforeAll(async () => {
    standIn = await startGitHub({ maxPerPage: 2 })
  })
  afterAll(() => standIn.close())
  beforeEach(async () => {
    warnings.length = 0
    publicly.length = 0
    count += 1
    repo = `sync-${count}`
    await standIn.seed({ type: 'model', owner: 'alice', name: repo, files: { 'README.md': '#' } })
  })

  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (message: string, forAll?: string) => {
      warnings.push(message)
      publicly.push(forAll ?? '')
    },
  }
  const client = (token: string, hub = standIn) =>
    createWorkflowOctokit(testContext(), `${hub.endpoint}/api/v3`, new Secret(token))
  const request = (results: ItemResult[], more: Partial<FailureIssueRequest> = {}): FailureIssueRequest => ({
    ...{ ...subject, ...ending(results), owner: 'alice', repo, log },
    ...more,
  })
  const run = (results: ItemResult[], more: Partial<FailureIssueRequest> = {}, token = standIn.appToken) =>
    updateFailureIssue(client(token), request(results, more))
  const open = () => standIn.issues('alice', repo).filter(({ state }) => state === 'open')
  const write = async (body: string, token: string) => {
    const silent = { debug() {}, info() {}, warn() {}, error() {} }
    const stranger = new Octokit({ baseUrl: `${standIn.endpoint}/api/v3`, auth: token, log: silent })
    await stranger.rest.issues.create({ owner: 'alice', repo, title: 'Sync models: 1 failed', body })
  }

  test.each(['appToken', 'token'] as const)(
    'opened once, updated by later failures, closed by the first good run (%s)',
    async (kind) => {
      const token = standIn[kind]
      expect(await run([good('a')], {}, token)).toBe('none')
      expect(await run([bad('a')], { run: 'https://github.com/me/sync/actions/runs/7' }, token)).toBe(
        'opened',
      )
      expect(await run([bad('a'), bad('b')], {}, token)).toBe('updated')
      expect(open()).toHaveLength(1)
      expect(open()[0]).toMatchObject({ title: 'Sync models: 2 failed', comments: [] })
      expect(open()[0]?.body).toContain('2 runs failed')
      expect(await run([good('b')], { scope: ['repo b'] }, token)).toBe('none')
      expect(await run([good('a'), good('b')], {}, token)).toBe('closed')
      expect(open()).toEqual([])
      const [issue] = standIn.issues('alice', repo)
      expect(issue?.comments.map(({ body }) => body)).toEqual(['✅ It works again: 2 synced.'])
      expect(await run([good('a'), good('b')], {}, token)).toBe('none')
      expect(await run([bad('a')], {}, token)).toBe('opened')
      expect(standIn.issues('alice', repo)).toHaveLength(2)
      expect(warnings).toEqual([])
    },
  )

  test('found over all pages, among issues of others that look the same', async () => {
    await run([bad('a')])
    const [ours] = open()
    for (let index = 0; index < 3; index += 1) await write(ours?.body ?? '', standIn.strangerToken)
    for (let index = 0; index < 5; index += 1)
      await write('Another workflow said something.', standIn.appToken)
    await write(`It said:\n${ours?.body}`, standIn.appToken)
    expect(await run([bad('b')])).toBe('updated')
    expect(await run([good('a'), good('b')])).toBe('closed')
    expect(standIn.issues('alice', repo).map(({ state }) => state === 'closed')).toEqual([
      true,
      ...Array(9).fill(false),
    ])
    expect(open().every(({ comments }) => comments.length === 0)).toBe(true)
  })

  test('a stranger who copies all of it gets nothing of it', async () => {
    await write(`${issueMarker(subject)}\n${formatState(noFailures)}`, standIn.strangerToken)
    expect(await run([good('a')])).toBe('none')
    expect(await run([bad('a')])).toBe('opened')
    expect(open().map(({ author }) => author)).toEqual(['stranger', 'github-actions[bot]'])
  })

  test('a pull request is no issue, though GitHub lists it as one', async () => {
    await run([bad('a')])
    for (const issue of open()) issue.isPull = true
    expect(await run([good('a')])).toBe('none')
    expect(open()).toHaveLength(1)
  })

  test('each workflow has its own', async () => {
    await run([bad('a')])
    expect(await run([bad('a')], { identity: ['another'] })).toBe('opened')
    expect(await run([good('a')], { identity: ['another'] })).toBe('closed')
    expect(open()).toHaveLength(1)
  })

  test('two that were opened at once are updated as one and closed together', async () => {
    await run([bad('a')])
    const [first] = open()
    await write(first?.body ?? '', standIn.appToken)
    expect(await run([bad('b')])).toBe('updated')
    expect(open()[0]?.title).toBe('Sync models: 1 failed')
    expect(await run([good('b')])).toBe('closed')
    expect(open()).toEqual([])
  })

  test('where GitHub finds no issue by an app, all are looked through', async () => {
    const enterprise = await startGitHub({ knowsAppsAsCreators: false })
    try {
      await enterprise.seed({ type: 'model', owner: 'alice', name: repo, files: { 'README.md': '#' } })
      const octokit = client(enterprise.appToken, enterprise)
      expect(await updateFailureIssue(octokit, request([bad('a')]))).toBe('opened')
      expect(await updateFailureIssue(octokit, request([bad('a')]))).toBe('updated')
      expect(await updateFailureIssue(octokit, request([good('a')]))).toBe('closed')
    } finally {
      await enterprise.close()
    }
  })

  test('a run that says nothing asks nothing', async () => {
    const before = standIn.requests.length
    const report = { ...reportOf([bad('a')]), dryRun: true }
    expect(await run([], { report })).toBe('none')
    expect(standIn.requests).toHaveLength(before)
  })

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['may not write issues', () => run([bad('a')], {}, standIn.readToken), /forbidden.*issues: write/],
    ['is none', () => run([bad('a')], {}, 'ghp_wrong'), /unauthorized.*issues: write/],
    ['sees no such repo', () => run([bad('a')], { repo: 'absent' }), /not-found.*Turn on issues/],
  ])('a token that %s: a warning that says what to do, and no error', async (_, act, expected) => {
    expect(await act()).toBe('refused')
    expect(publicly).toEqual([expect.stringMatching(expected)])
    expect(warnings).toEqual([expect.stringContaining('issue-on-failure: false')])
    expect(open()).toEqual([])
  })

  test('a repository without issues: a warning', async () => {
    const owner = new Octokit({ baseUrl: `${standIn.endpoint}/api/v3`, auth: standIn.token })
    await owner.rest.repos.update({ owner: 'alice', repo, has_issues: false })
    expect(await run([bad('a')])).toBe('refused')
    expect(warnings).toEqual([expect.stringContaining('Turn on issues')])
  })
})
