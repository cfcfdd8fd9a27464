import { expect, it } from 'vitest'
import { rateBudget } from '../../../src/net/rate-budget.ts'

const now = Date.parse('2026-01-01T00:00:00Z')

it.each([
  [{}, undefined],
  [
    { ratelimit: '"api";r=998;t=55', 'ratelimit-policy': '"fixed window";"api";q=1000;w=300' },
    { left: 998, seconds: 55, of: 1000 },
  ],
  [{ ratelimit: '"pages";r=80;t=200, "api";r=0;t=12' }, { left: 0, seconds: 12 }],
  [
    {
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': '4999',
      'x-ratelimit-reset': `${now / 1000 + 3600}`,
    },
    { left: 4999, of: 5000, seconds: 3600 },
  ],
  [
    { 'ratelimit-remaining': '12', 'ratelimit-reset': '30' },
    { left: 12, seconds: 30 },
  ],
  [
    { 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': `${now / 1000 - 5}` },
    { left: 3, seconds: 0 },
  ],
  [{ ratelimit: 'limit=100, remaining=0;;', 'x-ratelimit-remaining': 'many' }, undefined],
])('%j says %j', (headers, budget) => {
  expect(rateBudget(headers, now)).toEqual(budget)
})
