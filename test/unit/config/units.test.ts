import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatBandwidth,
  parseBandwidth,
  parseDuration,
  parseRequestRate,
  parseSize,
} from '../../../src/config/units.ts'

describe('units', () => {
  it.each([
    ['20GB', 20e9],
    ['1.5 MB', 1_500_000],
    ['1MiB', 1_048_576],
    ['3B', 3],
    ['0GB', undefined],
    ['20', undefined],
    ['20gb', undefined],
    ['-1GB', undefined],
    ['1e3GB', undefined],
    ['999999999TB', undefined],
  ])('size %s', (text, bytes) => expect(parseSize(text)).toBe(bytes))

  it.each([
    ['off', 'off'],
    ['10MB/s', 10e6],
    ['80Mbit/s', 10e6],
    ['1.5MB/s', 1_500_000],
    ['10MB', undefined],
    ['10/s', undefined],
    ['0MB/s', undefined],
    ['', undefined],
  ])('bandwidth %s', (text, rate) => expect(parseBandwidth(text)).toBe(rate))

  it.each([
    ['60s', 60_000],
    ['5m', 300_000],
    ['5h30m', 19_800_000],
    ['1d1s', 86_401_000],
    ['30m5h', undefined],
    ['0s', undefined],
    ['60', undefined],
    ['', undefined],
  ])('duration %s', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds))

  it.each([
    ['5/s', 5],
    ['300/m', 5],
    ['3600/h', 1],
    ['0/s', undefined],
    ['5/d', undefined],
  ])('request rate %s', (text, rate) => expect(parseRequestRate(text)).toBe(rate))

  it('reads what it prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (rate) => {
        // Nine digits are the most an amount may have: whole kilobytes above that.
        const bytes = rate > 999_999_999 ? rate - (rate % 1e6) : rate
        expect(parseBandwidth(formatBandwidth(bytes))).toBe(bytes)
      }),
    )
    expect(formatBandwidth(undefined)).toBe('off')
  })
})
