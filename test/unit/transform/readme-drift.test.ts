import { describe, expect, it } from 'vitest'
import { readmeFor } from '../../../src/transform/readme.ts'
import { readmeDrift } from '../../../src/transform/readme-drift.ts'

const drift = (source: string, target: string) => readmeDrift(Buffer.from(source), Buffer.from(target), {})
const none = { lost: [], changed: [], added: [], body: false }
const own = '---\nlicense: mit\ntags: [a, b]\nbase_model: x/y\n---\n# Title\n'

describe('readmeDrift', () => {
  it.each([
    ['nothing', own, own, none],
    [
      'the order and the spelling of YAML',
      own,
      '---\nbase_model: "x/y"\ntags:\n- a\n- b\nlicense: MIT\n---\n# Title\n',
      none,
    ],
    ['lost keys', own, '---\nlicense: mit\n---\n# Title\n', { ...none, lost: ['tags', 'base_model'] }],
    ['all keys', own, '# Title\n', { ...none, lost: ['license', 'tags', 'base_model'] }],
    ['another value', own, own.replace('x/y', 'x/z'), { ...none, changed: ['base_model'] }],
    ['added keys', own, own.replace('tags:', 'tasks: [t]\ntags:'), { ...none, added: ['tasks'] }],
    [
      'another license',
      own,
      own.replace('mit', 'apache-2.0'),
      { ...none, license: { source: 'mit', target: 'apache-2.0' } },
    ],
    ['a license that no id says', own, own.replace('mit', '{ a: b }'), { ...none, changed: ['license'] }],
    ['the text below', own, own.replace('# Title', '# Other'), { ...none, body: true }],
    ['blank lines below', own, `${own}\n\n`, none],
    ['no front matter on either side', '# A\n', '# B\n', { ...none, body: true }],
    ['an empty front matter', '---\n---\n# A\n', '# A\n', none],
  ])('tells %s', (_name, source, target, expected) => {
    expect(drift(source, target)).toEqual(expected)
  })

  it.each([
    ['broken YAML', '---\na: [\n---\n'],
    ['keys twice', '---\na: 1\na: 2\n---\n'],
    ['a list', '---\n- a\n---\n'],
  ])('says nothing of %s', (_name, text) => {
    expect(drift(text, own)).toBeUndefined()
    expect(drift(own, text)).toBeUndefined()
  })

  it('says nothing of bytes that are no UTF-8', () => {
    expect(readmeDrift(Buffer.from([0xff, 0x0a]), Buffer.from(own), {})).toBeUndefined()
  })

  it('takes back what was written for a hub that refuses the license', () => {
    const refused = readmeFor({ allow: ['mit'], map: {} }, '---\nlicense: odd\n---\n# T\n')
    expect(refused).toContain('license: other')
    expect(drift('---\nlicense: odd\n---\n# T\n', refused)).toEqual(none)
  })
})
