import { describe, expect, test } from 'vitest'
import {
  type ErrorRow,
  errorByTable,
  type Failure,
  failureWords,
  readFailure,
} from '../../../src/hubs/error-table.ts'
import { printable } from '../../../src/model/printable.ts'

const rows: readonly ErrorRow<{ readonly variable: string }>[] = [
  { code: 'gated', only: 403, codes: ['Gated'], next: 'Ask.' },
  { code: 'forbidden', only: 403, words: /storage/i },
  { code: 'unauthorized', statuses: [401], codes: [7], next: ({ variable }) => `Set ${variable}.` },
  { code: 'busy', words: /lock/i, retryable: false },
]

function meaning(failure: Partial<Failure>) {
  const whole = { status: 400, code: undefined, message: '', retryAfter: Number.NaN, ...failure }
  return errorByTable(rows, whole, 'it failed', { variable: 'HUB_TOKEN' })
}

describe('errorByTable', () => {
  test.each([
    [{ status: 403, code: 'Gated' }, 'gated'],
    [{ status: 404, code: 'Gated' }, undefined],
    [{ status: 403, message: 'no Storage left' }, 'forbidden'],
    [{ status: 402, message: 'no storage left' }, undefined],
    [{ status: 403 }, undefined],
    [{ status: 401 }, 'unauthorized'],
    [{ code: 7 }, 'unauthorized'],
    [{ code: '7' }, undefined],
    [{ status: 401, message: 'a lock' }, 'unauthorized'],
    [{ message: 'a lock' }, 'busy'],
  ])('%o means %s', (failure, code) => {
    expect(meaning(failure)?.code).toBe(code)
  })

  test('says what to do to the one who asks, and keeps what the hub said of another try', () => {
    expect(meaning({ status: 401, retryAfter: 9 })).toMatchObject({
      message: 'it failed',
      next: 'Set HUB_TOKEN.',
      status: 401,
      retryAfter: 9,
    })
    expect(meaning({ message: 'lock', retryAfter: 0 })).toMatchObject({
      next: undefined,
      retryAfter: undefined,
      retryable: false,
    })
  })
})

describe('readFailure', () => {
  const read = (body: string, headers: Record<string, string> = {}) =>
    readFailure({ status: 500, headers, body: Buffer.from(body) }, ({ no, text }) => ({
      code: typeof no === 'number' ? no : undefined,
      message: String(text ?? ''),
    }))

  test('takes the envelope of the hub, or what a page says', () => {
    expect(read('{"no": 3, "text": "gone"}', { 'retry-after': '4' })).toEqual({
      status: 500,
      code: 3,
      message: 'gone',
      retryAfter: 4,
    })
    expect(read('<html><p>Bad  gateway</p>')).toMatchObject({ code: undefined, message: 'Bad gateway' })
    expect(read('[]').message).toBe('')
  })

  test('is told in one line without control characters', () => {
    const line = failureWords(read('{"no": 3, "text": "go\\u001b[31mne\\n"}'), 'code ')
    expect(line).toMatch(/^the hub answered 500 \(code 3\): go.*\.$/)
    expect(printable(line)).toBe(line)
    expect(failureWords(read('{}'), 'code ')).toBe('the hub answered 500: no reason given.')
  })
})
