import { expect, test } from 'vitest'
import { cutList, ofOwner } from '../../../src/hubs/of-owner.ts'

test('of a listing counts what is of the owner, in any case, and each repo once', () => {
  const summaryOf = ofOwner('mine', 'qwen', 'dataset')
  const rows = [
    { owner: 'Qwen', name: 'a', more: 1 },
    { owner: 'other', name: 'b' },
    { owner: 'Qwen', name: 'a' },
    { owner: 'Qwen', name: 'A' },
  ]
  expect(rows.map(summaryOf)).toEqual([
    { ref: { hub: 'mine', type: 'dataset', owner: 'Qwen', name: 'a' } },
    undefined,
    undefined,
    { ref: { hub: 'mine', type: 'dataset', owner: 'Qwen', name: 'A' } },
  ])
})

test('a listing that is not whole is an error that says where it ends', () => {
  expect(cutList('Repos of a on b', 'after 3 of 5')).toMatchObject({
    code: 'bad-answer',
    message: 'Repos of a on b: the list ends after 3 of 5.',
  })
})
