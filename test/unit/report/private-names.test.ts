import { describe, expect, test } from 'vitest'
import { newSalt, sealPlan } from '../../../src/commands/sealed-plan.ts'
import type { ProgressEvent } from '../../../src/context.ts'
import { SyncError } from '../../../src/model/errors.ts'
import type { HeldBack, Plan, WorkItem } from '../../../src/model/plan.ts'
import type { ItemResult } from '../../../src/model/report.ts'
import { Secret } from '../../../src/model/secret.ts'
import { buildReport } from '../../../src/report/build-report.ts'
import { html } from '../../../src/report/html.ts'
import { markdown } from '../../../src/report/markdown.ts'
import {
  noNames,
  publicError,
  publicEvent,
  publicNames,
  publicResult,
  withoutPrivateNames,
} from '../../../src/report/private-names.ts'
import { summaryText } from '../../../src/report/summary-text.ts'
import {
  blocked,
  file,
  held,
  options,
  sampleItem,
  sampleJob,
  samplePlan,
  sampleResult,
} from './sample-plan.ts'

/** In every name that nobody may read. */
const secret = 'acquisition'

const open = (id: string): WorkItem => ({ ...sampleItem(id), public: true })
const closed = (id: string): WorkItem => sampleItem(`${secret}-${id}`)
const openly = (repo: HeldBack): HeldBack => ({ ...repo, public: true })

const told: Partial<ItemResult> = {
  outcome: 'failed',
  files: [file(`${secret}.bin`, 'mismatch'), file('b', 'verified')],
  published: { commit: 'd'.repeat(40), url: `https://hub.example/my-org/${secret}` },
  error: { code: 'forbidden', message: `403 for ${secret}`, next: `Ask the owner of ${secret}.` },
  notes: [`${secret} was renamed`],
}

function shown(plan: Plan, results: readonly ItemResult[] = [], dryRun = false) {
  const report = buildReport(plan, [sampleJob('all', results)], { ...options, dryRun })
  return withoutPrivateNames(report, plan)
}

/** Everything that is made of a report. */
function everyForm(report: ReturnType<typeof shown>): string {
  return [JSON.stringify(report), markdown(report), html(report), summaryText(report)].join('\n')
}

describe('a report that everybody can read', () => {
  const heldBack = {
    failed: [{ ...held(`${secret}-f`, `no answer for ${secret}`), code: 'network' }],
    blocked: [blocked(`${secret}-b`, `${secret} is refused`, [`${secret}/.git`])],
    skipped: [held(`${secret}-s`, `${secret} is gated`), openly(held('open-s', 'the rule says so'))],
    unchanged: [held(`${secret}-u`, `${secret} has links`)],
  }
  const plan = samplePlan([open('a'), closed('x'), open('b')], heldBack)

  test('holds no name, file, address or word about what is not known to be public, in no form', () => {
    const report = shown(plan, [sampleResult('a'), sampleResult(`${secret}-x`, told)])
    const text = everyForm(report)
    expect(text).not.toContain(secret)
    expect(text).not.toContain('d'.repeat(10))
    for (const name of ['Qwen/a', 'Qwen/b', 'Qwen/open-s', 'the rule says so']) expect(text).toContain(name)
    for (const alias of [1, 2, 3, 4, 5]) expect(text).toContain(`private-${alias}`)
    expect(text).not.toContain('private-6')
  })

  test('keeps outcome, rule, counts, bytes and code', () => {
    const row = shown(plan, [sampleResult(`${secret}-x`, told)]).items[1]
    expect(row).toMatchObject({
      id: 'daily/private-1',
      rule: 'daily',
      source: 'huggingface:private-1',
      target: 'modelscope:private-1',
      outcome: 'failed',
      changes: { add: 2, update: 1, delete: 1 },
      bytes: { moved: 100, reused: 10 },
      files: { mismatch: 1, verified: 1 },
      seconds: 2,
      notes: [],
    })
    expect(row?.error).toEqual({
      code: 'forbidden',
      message: 'rule daily: the token may not do this (403)',
      next: 'Check the tokens of both hubs, and what they may read and write.',
    })
    expect(Object.keys(row ?? {})).not.toContain('published')
  })

  test('tells how many rows it hides; nothing is said where none is', () => {
    expect(shown(plan).hidden).toBe(5)
    expect(summaryText(shown(plan))).toContain('5 rows are about repos that are not known to be public')
    const nothing = shown(samplePlan([open('a')]), [sampleResult('a')])
    expect(nothing).not.toHaveProperty('hidden')
    expect(everyForm(nothing)).not.toContain('not known to be public')
  })

  test('the forecast of a dry run hides as much', () => {
    const text = everyForm(shown(plan, [], true))
    expect(text).not.toContain(secret)
    expect(text).toContain('5 kB')
  })

  test('one repo in several rows has one alias', () => {
    const twice = [closed('x'), { ...closed('x'), id: 'elsewhere' }, closed('y')]
    const sources = shown(samplePlan(twice)).items.map((item) => item.source)
    expect(sources.map((source) => source.slice(-1))).toEqual(['1', '1', '2'])
  })

  test.each(['leak', 'gated', 'forbidden', 'unauthorized', 'not-found'])(
    'a repo that was public, and ends with %s, is not named either',
    (code) => {
      const item = open(secret)
      const result = sampleResult(secret, { ...told, error: { code, message: secret } })
      const report = shown(samplePlan([closed('x'), item]), [result])
      expect(everyForm(report)).not.toContain(secret)
      expect(report.items[1]?.source).toBe('huggingface:private-2')
    },
  )

  test('a public repo that could not be compared is named, whatever the reason', () => {
    const failed = [{ ...openly(held('open-f', 'has no revision v2')), code: 'not-found' }]
    const report = shown(samplePlan([], { failed }))
    expect(summaryText(report)).toContain('has no revision v2')
  })

  test('a code of no error keeps its words to itself', () => {
    const result = sampleResult(`${secret}-x`, {
      outcome: 'blocked',
      error: { code: secret, message: secret },
    })
    const report = shown(samplePlan([closed('x')]), [result])
    expect(everyForm(report)).not.toContain(secret)
    expect(report.items[0]?.reason).toBe('rule daily: the target or a safety rule forbids it')
  })
})

describe('an event that everybody can read', () => {
  const names = publicNames(samplePlan([closed('x'), open('a'), closed('y')]))
  const events = (item: string): ProgressEvent[] => [
    { kind: 'item-started', item, label: `Qwen/${item}`, bytes: 5 },
    { kind: 'item-step', item, text: 'publishing' },
    { kind: 'item-finished', item, outcome: 'failed', text: `no ${item}`, code: 'network' },
  ]

  test('is left as it is for a public repo', () => {
    for (const event of events('a')) expect(publicEvent(event, names)).toEqual(event)
  })

  test('has the alias of the report for another, and nothing but fixed words', () => {
    expect(events(`${secret}-y`).map((event) => publicEvent(event, names))).toEqual([
      { kind: 'item-started', item: 'private-2', label: 'private-2', bytes: 5 },
      { kind: 'item-step', item: 'private-2', text: 'publishing' },
      { kind: 'item-finished', item: 'private-2', outcome: 'failed', text: 'network' },
    ])
  })

  test.each([
    ['an item that no plan has named', events(secret), names],
    ['every item before there is a plan', events(secret), noNames],
  ])('names nothing of %s', (_, all, known) => {
    for (const event of all) expect(JSON.stringify(publicEvent(event, known))).not.toContain(secret)
  })

  test('a code that is none is a word of somebody else', () => {
    const event = { kind: 'item-finished', item: 'x', outcome: 'failed', text: '', code: secret } as const
    expect(JSON.stringify(publicEvent(event, names))).not.toContain(secret)
  })

  test('names nothing any more where the end says that the repo is not public', () => {
    const event = {
      kind: 'item-finished',
      item: 'a',
      outcome: 'blocked',
      text: 'a is private',
      code: 'leak',
    } as const
    expect(publicEvent(event, names)).toMatchObject({ item: 'a private repo', text: 'leak' })
  })
})

describe('an error that everybody can read', () => {
  test('says what its code means, and not what it said', () => {
    const cause = new Error(secret)
    const error = publicError(
      new SyncError('usage', `No ${secret}.`, { next: `Did you mean ${secret}2?`, cause }),
    )
    expect(`${error.message} ${error.next} ${error.stack} ${error.cause}`).not.toContain(secret)
    expect(error.next).toContain('private-names: show')
    expect([error.code, error.message]).toEqual(['usage', 'the command line or an input is wrong.'])
  })

  test('stays as it is if it is about the configuration', () => {
    const error = new SyncError('config', 'rules[0].form: did you mean from?', { isPublic: true })
    expect(publicError(error)).toBe(error)
  })
})

describe('a plan that everybody can read', () => {
  const heldBack = {
    failed: [{ ...held(`${secret}-f`, `no answer for ${secret}`), code: 'network' }],
    blocked: [blocked(`${secret}-b`, `${secret} is refused`, [`${secret}/.git`])],
    skipped: [held(`${secret}-s`, `${secret} is gated`), openly(held('open-s', 'the rule says so'))],
    unchanged: [held(`${secret}-u`, `${secret} has links`)],
  }
  const twice = { ...closed('x'), id: `${secret}-elsewhere` }
  const plan: Plan = {
    ...samplePlan([open('a'), closed('x'), twice, closed('y')], heldBack),
    salt: newSalt(),
  }
  const stored = sealPlan(plan, [new Secret('hf_12345678')])

  test('names nothing, and keeps rule, hubs, code and order of what was held back', () => {
    expect(JSON.stringify(stored)).not.toContain(secret)
    expect(stored.items.map(({ id }) => id)).toEqual(['a', 'private-1', 'private-1-2', 'private-2'])
    expect(stored.failed).toEqual([
      {
        rule: 'daily',
        repo: 'huggingface:private-3',
        target: 'modelscope:private-3',
        reason: expect.stringContaining('no answer'),
        code: 'network',
      },
    ])
    expect(stored.blocked).toMatchObject([{ repo: 'huggingface:private-4', details: [] }])
    expect(stored.skipped[1]).toEqual(heldBack.skipped[1])
  })

  test('gives the same report as the plan with all names, from results that name nothing', () => {
    const results = [
      sampleResult('a'),
      sampleResult(`${secret}-x`, told),
      sampleResult(`${secret}-elsewhere`),
      sampleResult(`${secret}-y`, { outcome: 'moved', files: [file('model.safetensors', 'sampled')] }),
    ]
    const job = sampleJob('all', results)
    const shared = publicResult(job, plan)
    expect(JSON.stringify(shared)).not.toContain(secret)
    expect(shared.items.map(({ id }) => id)).toEqual(['a', 'private-1', 'private-1-2', 'private-2'])
    // Two jobs that worked on one file call it the same.
    expect(shared.items[3]?.files).toMatchObject([{ path: 'file-1', verification: 'sampled' }])
    expect(shared.items[1]?.files.map(({ path }) => path)).toEqual(['file-5', 'file-6'])
    const fromStored = withoutPrivateNames(buildReport(stored, [shared], options), stored)
    const fromNamed = withoutPrivateNames(buildReport(plan, [job], options), plan)
    expect(fromStored).toEqual(fromNamed)
  })

  test.each(['leak', 'forbidden'])(
    'a repo that was public, and ends with %s, keeps its id and no word',
    (code) => {
      const result = sampleResult('a', { ...told, error: { code, message: secret } })
      const { items } = publicResult(sampleJob('all', [result]), plan)
      expect(JSON.stringify(items)).not.toContain(secret)
      expect(items).toMatchObject([{ id: 'a', error: { code } }])
    },
  )
})
