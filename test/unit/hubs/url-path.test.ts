import { expect, test } from 'vitest'
import { filePath, idPath } from '../../../src/hubs/url-path.ts'

test('an owner and a name are one segment each, whatever they hold', () => {
  expect(idPath({ owner: 'a/../b', name: 'c?d#e%' })).toBe('a%2F..%2Fb/c%3Fd%23e%25')
})

test('a path keeps its slashes', () => {
  expect(filePath('a dir/#1 50%?+&.json')).toBe('a%20dir/%231%2050%25%3F%2B%26.json')
})
