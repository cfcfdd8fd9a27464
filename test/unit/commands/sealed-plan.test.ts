import { expect, test } from 'vitest'
import { parsePlan } from '../../../src/commands/plan-file.ts'
import { newSalt, openPlan, sealPlan } from '../../../src/commands/sealed-plan.ts'
import type { Plan } from '../../../src/model/plan.ts'
import { Secret } from '../../../src/model/secret.ts'
import { sampleItem, samplePlan } from '../report/sample-plan.ts'

const tokens = [new Secret('hf_12345678'), new Secret('ms-12345678')]
const oid = 'a'.repeat(64)

function privatePlan(): Plan {
  const item = (name: string, isPublic: boolean) => ({
    ...sampleItem(`daily/models/my-org/${name}`, name),
    ...(isPublic && { public: true as const }),
  })
  const items = [item('open', true), item('secret', false), item('other-secret', false)]
  const jobs = [
    { id: 'open-1', label: 'Qwen/open → modelscope (1/2)', items: items.map(({ id }) => id), bytes: 1 },
    { id: 'private-1-2', label: 'private-1', items: [items[1]?.id ?? ''], objects: [oid], bytes: 2 },
  ]
  return { ...samplePlan(items), salt: newSalt(), jobs }
}

test('what is sealed opens again with the same tokens, in any order, and says nothing before', () => {
  const plan = privatePlan()
  const stored = parsePlan(JSON.stringify(sealPlan(plan, tokens)), 'plan.json')
  expect(JSON.stringify(stored)).not.toContain('secret')
  expect(JSON.stringify(stored)).not.toContain(oid)
  expect(stored.items.map(({ id }) => id)).toEqual(['daily/models/my-org/open', 'private-1', 'private-2'])
  expect(stored.jobs[1]).toMatchObject({ items: ['private-1'], objects: [] })
  expect(openPlan(stored, tokens.toReversed())).toEqual(plan)
})

test('the same names sealed twice look different each time', () => {
  const sealed = () => {
    const item = sealPlan(privatePlan(), tokens).items[1]
    return item !== undefined && 'sealed' in item ? item.sealed : undefined
  }
  expect(sealed()).not.toBe(sealed())
})

test('tokens that GitHub mints for one job do not count: the next job has another', () => {
  const stored = sealPlan(privatePlan(), [...tokens, new Secret('ghs_first-job-12')])
  expect(openPlan(stored, [...tokens, new Secret('ghs_second-job-1')]).items).toHaveLength(3)
})

test.each([
  ['other tokens', [new Secret('hf_87654321')]],
  ['one of the tokens', tokens.slice(0, 1)],
  ['none', []],
])('%s: a clear error that everybody may read', (_, others) => {
  const stored = sealPlan(privatePlan(), tokens)
  expect(() => openPlan(stored, others)).toThrow(
    expect.objectContaining({ code: 'plan', isPublic: true, next: expect.stringContaining('same tokens') }),
  )
})

test('a plan that was made without any token is opened by nobody', () => {
  const stored = sealPlan(privatePlan(), [])
  expect(() => openPlan(stored, [])).toThrow(expect.objectContaining({ code: 'plan' }))
})

test('sealed objects of one job do not pass for those of another', () => {
  const stored = sealPlan(privatePlan(), tokens)
  const jobs = stored.jobs.map((job) => ({ ...job, id: 'renamed-1' }))
  expect(() => openPlan({ ...stored, jobs }, tokens)).toThrow(expect.objectContaining({ code: 'plan' }))
})

test('without a salt nothing is sealed', () => {
  const { salt: _, ...plan } = privatePlan()
  expect(sealPlan(plan, tokens)).toBe(plan)
  expect(openPlan(plan, [])).toEqual(plan)
})
