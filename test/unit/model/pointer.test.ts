import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatPointer, parsePointer } from '../../../src/model/pointer.ts'
import { printable } from '../../../src/model/printable.ts'
import { Secret } from '../../../src/model/secret.ts'

const hex = fc
  .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 64, maxLength: 64 })
  .map((digits) => digits.join(''))

describe('pointer', () => {
  it('reads what it writes', () => {
    fc.assert(
      fc.property(hex, fc.nat(2 ** 47), (oid, size) => {
        expect(parsePointer(Buffer.from(formatPointer({ oid, size })))).toEqual({ oid, size })
      }),
    )
  })

  it.each([
    '',
    'version https://example.org/spec/v1\n',
    'version https://git-lfs.github.com/spec/v1\noid md5:abc\nsize 1\n',
    'x'.repeat(2000),
  ])('does not take %j for one', (text) => {
    expect(parsePointer(Buffer.from(text))).toBeUndefined()
  })
})

describe('Secret', () => {
  it('prints as *** in every form', () => {
    const secret = new Secret('hf_verysecret')
    const forms = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ nested: { secret } }, { showHidden: true }),
    ]
    for (const form of forms) expect(form).not.toContain('verysecret')
    expect(secret.reveal()).toBe('hf_verysecret')
  })
})

describe('printable', () => {
  it('leaves no character that moves a cursor, hides, or begins a new line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(
          [...printable(text)].some((character) =>
            /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\u200b\ufeff]/u.test(character),
          ),
        ).toBe(false)
      }),
    )
  })

  it('keeps ordinary text of any script', () => {
    expect(printable('naïve 模型 🤗 #?%+')).toBe('naïve 模型 🤗 #?%+')
  })
})
