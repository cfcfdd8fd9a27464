import { describe, expect, test } from 'vitest'
import { goodNews, issueBody, issueMarker, issueTitle } from '../../../src/action/failure-issue-text.ts'
import { type Ending, isFailing, nextState, noFailures } from '../../../src/action/failure-state.ts'
import type { Finding, PairOutcome, PairVerification } from '../../../src/model/verification.ts'
import { buildVerification } from '../../../src/report/build-verification.ts'
import { hasControls, hostile } from '../report/sample-plan.ts'

const subject = {
  workflow: 'Verify copies',
  identity: ['me/sync/.github/workflows/verify.yml', '', '', 'verify'],
}

const finding = (text: string, severity: Finding['severity'] = 'problem'): Finding => ({
  ...{ kind: 'differs', path: 'README.md', severity, text, next: 'Mend it.', repairable: true },
})

function pair(name: string, outcome: PairOutcome, more: Partial<PairVerification> = {}): PairVerification {
  return {
    ...{ rule: 'nightly', source: `huggingface:Qwen/${name}`, target: `modelscope:my-org/${name}`, outcome },
    files: { verified: 1, sampled: 0, mismatch: 0, unverifiable: 0 },
    findings: outcome === 'findings' ? [finding('the content differs')] : [],
    public: true,
    ...more,
  }
}

function ending(pairs: readonly PairVerification[], more: Partial<Ending> = {}, hideNames = false): Ending {
  const verification = buildVerification(pairs, { tool: 'model-hub-sync/0', now: 0, hideNames })
  return { verification, failOn: 'failed', scope: [], ...more }
}

const stateAfter = (...endings: Ending[]) =>
  endings.reduce((state, end) => nextState(state, end) ?? state, noFailures)
const failures = (...endings: Ending[]) => stateAfter(...endings).failures.size

describe('what an issue remembers of a verification', () => {
  const bad = ending([pair('a', 'findings'), pair('b', 'in-order')])

  test.each<[string, Ending, number]>([
    ['another night that finds it', bad, 1],
    ['a good night', ending([pair('a', 'in-order'), pair('b', 'in-order')]), 0],
    ['a rule that leaves it out now', ending([pair('a', 'skipped'), pair('b', 'in-order')]), 0],
    ['a good look at the other one', ending([pair('b', 'in-order')], { scope: ['repo b'] }), 1],
    ['a good look at it alone', ending([pair('a', 'in-order')], { scope: ['repo a'] }), 0],
    [
      'a night that was stopped before it came to it',
      ending([pair('a', 'stopped'), pair('b', 'in-order')]),
      1,
    ],
    ['a night that was stopped, and finds more', ending([pair('a', 'stopped'), pair('b', 'findings')]), 1],
  ])('%s', (_, night, left) => {
    expect(failures(bad, night)).toBe(left)
  })

  test('a night that was stopped and finds nothing says nothing', () => {
    expect(nextState(noFailures, ending([pair('a', 'stopped')]))).toBeUndefined()
  })

  test('notes are no failures; what is blocked is one where the step fails on it', () => {
    const noted = pair('a', 'in-order', { findings: [finding('only there', 'note')] })
    expect(isFailing(ending([noted]))).toBe(false)
    expect(isFailing(ending([pair('a', 'blocked')]))).toBe(false)
    expect(isFailing(ending([pair('a', 'blocked')], { failOn: 'blocked' }))).toBe(true)
    expect(isFailing({ ...bad, failOn: 'never' })).toBe(true)
  })

  test('pairs without a name are known by their rule: only a night in which it is all good mends them', () => {
    const closed = { public: undefined }
    const night = (...outcomes: PairOutcome[]) =>
      ending(
        outcomes.map((outcome, index) => pair(`x${index}`, outcome, closed)),
        { scope: ['rule nightly'] },
        true,
      )
    const before = ending([pair('a', 'findings', closed), pair('b', 'findings', closed)], {}, true)
    expect(failures(before)).toBe(1)
    expect(failures(before, night('in-order', 'findings'))).toBeGreaterThan(0)
    expect(failures(before, night('in-order', 'in-order'))).toBe(0)
  })
})

describe('the text of an issue about a verification', () => {
  const bad = ending([pair('a', 'findings'), pair('b', 'in-order')])

  test('title, body and the last words say what was found', () => {
    expect(issueTitle(subject, bad)).toMatch(/^Verify copies: Not in order: 1 of 2 pairs, 1 finding/)
    const body = issueBody(subject, stateAfter(bad, bad), bad)
    expect(body.startsWith(issueMarker(subject))).toBe(true)
    for (const text of ['2 runs failed', 'Qwen/a', 'README', 'Mend it']) expect(body).toContain(text)
    expect(goodNews(subject, ending([pair('a', 'in-order')]))).toMatch(/works again: In order: 1 pair/)
  })

  test('nothing from outside is markup, a mention, a reference or a marker of ours', () => {
    const marker = `${hostile} <!-- model-hub-sync:state 9 x.y -->`
    const one = pair(hostile, 'findings', { findings: [finding(marker)], reason: marker })
    const body = issueBody(subject, stateAfter(ending([one])), ending([one]))
    expect(body.match(/<!--/g)).toHaveLength(2)
    expect(body).not.toMatch(/<script|@octocat|fixes #1|GH-2|\]\(javascript/)
    expect(hasControls(body)).toBe(false)
  })

  test('ten thousand bad pairs fit into an issue', () => {
    const many = ending(Array.from({ length: 10_000 }, (_, index) => pair(`r${index}`, 'findings')))
    expect(issueBody(subject, stateAfter(many), many).length).toBeLessThan(65_536)
  })
})
