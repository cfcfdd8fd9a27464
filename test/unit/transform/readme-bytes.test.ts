import { describe, expect, it } from 'vitest'
import { readmeBytesFor, sameReadme } from '../../../src/transform/readme-bytes.ts'

const profile = { allow: ['mit', 'other'], map: {} }

describe('a README that is no UTF-8', () => {
  const latin1 = Buffer.from('---\nlicense: MIT License\n---\ncaf\u00e9', 'latin1')

  it('keeps every byte', () => {
    expect(readmeBytesFor(profile, latin1)).toEqual(latin1)
  })

  it('is equal to itself only', () => {
    expect(sameReadme(latin1, Buffer.from(latin1), {})).toBe(true)
    expect(sameReadme(latin1, Buffer.from(latin1.toString('utf8')), {})).toBe(false)
  })
})

describe('sameReadme', () => {
  it('takes the spellings of both hubs as one', () => {
    const here = Buffer.from('---\nlicense: House License\n---\n')
    const there = Buffer.from('---\nlicense: mit\n---\n')
    expect(sameReadme(here, there, { 'House License': 'mit' })).toBe(true)
    expect(sameReadme(here, there, {})).toBe(false)
  })
})
