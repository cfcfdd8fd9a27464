import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { LicenseProfile } from '../../../src/model/profile.ts'
import { canonicalReadme, readmeFor, readmeMetadata } from '../../../src/transform/readme.ts'

const strict: LicenseProfile = { allow: ['apache-2.0', 'mit', 'llama2', 'other'], map: {} }
const open: LicenseProfile = { map: { 'Apache License 2.0': 'apache-2.0' } }
const narrow: LicenseProfile = { allow: ['mit'], map: {} }
/** A hub that refuses READMEs without a license. */
const required: LicenseProfile = { allow: ['apache-2.0', 'mit', 'other'], map: {}, required: true }
const profiles = [strict, open, narrow, required]
const optional = [strict, open, narrow]

const readme = (...lines: string[]) => `---\n${lines.join('\n')}\n---\n# Title\nlicense: not this\n`
const frontMatter = (text: string): unknown =>
  parse(text.replace(/^\uFEFF/, '').split(/^---[ \t]*\r?$/m)[1] ?? '')

describe('readmeFor', () => {
  test.each([
    ['a display name', 'license: Apache License 2.0', 'license: apache-2.0'],
    ['an id in capitals, with a comment', 'license:  "MIT"  # really', 'license:  mit  # really'],
    ['a flow list', 'license: [ Apache License 2.0, "mit" ]', 'license: [ apache-2.0, "mit" ]'],
    [
      'a block list',
      'license: # two\n  - MIT # one\n  - apache-2.0',
      'license: # two\n  - mit # one\n  - apache-2.0',
    ],
    ['a block scalar', 'license: |\n  MIT\nsize: 1', 'license: mit\nsize: 1'],
    ['what is right already', "license: 'mit'", "license: 'mit'"],
  ])('spells %s', (_, before, after) => {
    expect(readmeFor(strict, readme('tags:   [x ,y]', before, 'x: 1'))).toBe(
      readme('tags:   [x ,y]', after, 'x: 1'),
    )
  })

  test('spells within a map in braces', () => {
    expect(readmeFor(strict, readme('{ license: MIT, tags: [a] }'))).toBe(
      readme('{ license: mit, tags: [a] }'),
    )
  })

  test('writes a refused license as `other` with its name, and gives it back', () => {
    const text = readme('language: en', 'license: qwen # theirs', 'license_link: https://example.com/L')
    const there = readmeFor(strict, text)
    expect(there).toBe(
      readme(
        'language: en',
        'license: other # theirs',
        'license_name: qwen # model-hub-sync: license was " qwen"',
        'license_link: https://example.com/L',
      ),
    )
    expect(frontMatter(there)).toEqual({
      language: 'en',
      license: 'other',
      license_name: 'qwen',
      license_link: 'https://example.com/L',
    })
    expect(readmeFor(open, there)).toBe(text)
    expect(readmeMetadata(there)).toEqual({ license: 'qwen' })
  })

  test('keeps a license_name of the author beside a refused license', () => {
    const text = readme('license: qwen', 'license_name: Qwen License Agreement')
    const there = readmeFor(strict, text)
    expect(there).toBe(
      readme(
        'license: other',
        '# model-hub-sync: license was " qwen"',
        'license_name: Qwen License Agreement',
      ),
    )
    expect(readmeFor(open, there)).toBe(text)
  })

  test.each([
    ['a list', 'license:\n- mit\n- qwen # x', 'mit, qwen'],
    ['a quoted name', 'license: "It\'s: #1"', "It's: #1"],
    ['a word that YAML reads as something else', 'license: "no"', 'no'],
  ])('names %s', (_, line, name) => {
    const text = readme(line, 'tags: []')
    const there = readmeFor(strict, text)
    expect(frontMatter(there)).toMatchObject({ license: 'other', license_name: name, tags: [] })
    expect(readmeFor(open, there)).toBe(text)
  })

  test('leaves the author’s own `other` alone', () => {
    const text = readme('license: other', 'license_name: tongyi-qianwen', 'license_link: LICENSE')
    for (const profile of profiles) expect(readmeFor(profile, text)).toBe(text)
    expect(canonicalReadme(text)).toBe(text)
    expect(canonicalReadme(text)).not.toBe(
      canonicalReadme(readme('license: tongyi-qianwen', 'license_link: LICENSE')),
    )
  })

  test('an edited marker is a comment like any other', () => {
    for (const line of [
      '# model-hub-sync: license was "a',
      '# model-hub-sync: license was "\\x"',
      'x: 1 # model-hub-sync: license was " a"',
    ]) {
      const text = readme('license: other', line)
      expect(readmeFor(open, text)).toBe(text)
    }
    const changed = readme('license: mit', 'license_name: qwen # model-hub-sync: license was " qwen"')
    expect(readmeFor(open, changed)).toBe(changed)
  })

  test.each([
    ['no front matter', '# Title\nlicense: MIT\n'],
    ['no license', readme('tags: [a]')],
    ['an empty license', readme('license:', 'tags: [a]')],
    ['an empty list', readme('license: []')],
    ['a number', readme('license: 2.0')],
    ['a map', readme('license:', '  name: MIT')],
    ['a mixed list', readme('license: [MIT, 3]')],
    ['broken YAML', readme('license: MIT', 'x: [')],
    ['a repeated key', readme('license: MIT', 'license: MIT')],
    ['an anchor', readme('license: &a MIT', 'other: *a')],
    ['an alias', readme('other: &a MIT', 'license: *a')],
    ['a tag', readme('license: !!str MIT')],
    ['a comment that would be lost', readme('license: | # why', '  MIT')],
    ['too many aliases', readme('a: &a 1', `b: [${'*a, '.repeat(101)}]`, 'license: MIT')],
    ['front matter over 1 MiB', readme('license: MIT', `x: "${'x'.repeat(2 ** 20)}"`)],
    ['brackets without end', readme('license: MIT', `x: ${'['.repeat(30_000)}`)],
    ['anchors without end', readme('license: MIT', `x: ${'&a '.repeat(300_000)}`)],
    ['no end', '---\nlicense: MIT\n'],
    ['nothing', ''],
  ])('returns %s unchanged', (_, text) => {
    for (const profile of optional) expect(readmeFor(profile, text)).toBe(text)
    expect(canonicalReadme(text)).toBe(text)
  })

  test('adds no line to a map in braces', () => {
    expect(readmeFor(strict, readme('{ license: qwen }'))).toBe(readme('{ license: qwen }'))
  })
})

describe('readmeFor a hub that requires a license', () => {
  test.each([
    [
      'no front matter',
      '# Title\n',
      '---\nlicense: mit # model-hub-sync: front matter added with mit\n---\n# Title\n',
    ],
    ['nothing at all', '', '---\nlicense: mit # model-hub-sync: front matter added with mit\n---\n'],
    [
      'a byte order mark, and lines as on Windows',
      '\uFEFF# Title\r\ntext',
      '\uFEFF---\r\nlicense: mit # model-hub-sync: front matter added with mit\r\n---\r\n# Title\r\ntext',
    ],
    [
      'front matter without end',
      '---\nx: 1\n',
      '---\nlicense: mit # model-hub-sync: front matter added with mit\n---\n---\nx: 1\n',
    ],
    [
      'no license',
      '---\ntags: [a]\n---\n# x',
      '---\nlicense: mit # model-hub-sync: added mit\ntags: [a]\n---\n# x',
    ],
    ['empty front matter', '---\n---\n# x', '---\nlicense: mit # model-hub-sync: added mit\n---\n# x'],
    ['only a comment', '---\n# none\n---\n', '---\nlicense: mit # model-hub-sync: added mit\n# none\n---\n'],
    [
      'keys that are indented',
      '---\n  a: 1\n  b: 2\n---\n',
      '---\n  license: mit # model-hub-sync: added mit\n  a: 1\n  b: 2\n---\n',
    ],
    [
      'an empty license',
      '---\nlicense:\nx: 1\n---\n',
      '---\nlicense: mit # model-hub-sync: filled in mit\nx: 1\n---\n',
    ],
    [
      'an empty license with a comment',
      '---\nx: 1\n"license":  # todo\n---\n',
      '---\nx: 1\n"license": mit # model-hub-sync: filled in mit  # todo\n---\n',
    ],
  ])('adds one to %s, and takes it back', (_, text, expected) => {
    const there = readmeFor(required, text, 'mit')
    expect(there).toBe(expected)
    expect(readmeFor(open, there)).toBe(text)
    expect(canonicalReadme(there)).toBe(canonicalReadme(text))
    expect(readmeMetadata(there)).toEqual({})
    // Whatever license is found the next time.
    expect(canonicalReadme(readmeFor(required, there, 'apache-2.0'))).toBe(canonicalReadme(text))
  })

  test.each([
    ['a license of its own', readme('license: mit')],
    ['an explicit nothing', readme('license: ~', 'x: 1')],
    ['an empty text', readme('license: ""')],
    ['an empty list', readme('license: []')],
    ['a number', readme('license: 2.0')],
    ['broken YAML', readme('x: [')],
    ['a repeated key', readme('a: 1', 'a: 2')],
    ['a map in braces', readme('{ a: 1 }')],
    ['a list', readme('- a')],
    ['a tag before the keys', readme('!!map', 'a: 1')],
    ['an anchored key', readme('&a a: 1')],
    ['front matter over 1 MiB', readme(`x: "${'x'.repeat(2 ** 20)}"`)],
    ['what another change left behind', readme('license_name: qwen # model-hub-sync: license was " qwen"')],
  ])('leaves alone %s', (_, text) => {
    expect(readmeFor(required, text, 'other')).toBe(text)
  })

  test('what somebody made of an added license is theirs', () => {
    const there = readmeFor(required, readme('tags: [a]'), 'other')
    const edited = there.replace('license: other', 'license: qwen')
    expect(readmeMetadata(edited)).toEqual({ license: 'qwen' })
    expect(readmeFor(open, edited)).toBe(edited)
    expect(readmeFor(open, readmeFor(strict, edited))).toBe(edited)
    const moved = there.replace('tags: [a]\n', '').replace('license:', 'tags: [a]\nlicense:')
    expect(readmeFor(open, moved)).toBe(moved)
  })
})

test('canonicalReadme makes spellings and quotes equal, and nothing else', () => {
  const canonical = canonicalReadme(readme('license: apache-2.0'))
  for (const spelling of ['"apache-2.0"', 'Apache-2.0', "'Apache License 2.0'", 'Apache License 2.0']) {
    expect(canonicalReadme(readme(`license: ${spelling}`))).toBe(canonical)
  }
  expect(canonicalReadme(readme('license: mit'))).not.toBe(canonical)
  expect(canonicalReadme(readme('license: apache-2.0 '))).not.toBe(canonical)
  expect(canonicalReadme(readme('license: Ours'), { Ours: 'apache-2.0' })).toBe(canonical)
})

test('readmeMetadata tells the license of every form', () => {
  expect(readmeMetadata(readme('license: [MIT, qwen]'))).toEqual({ license: 'mit' })
  expect(readmeMetadata(readme('license: Apache License 2.0'))).toEqual({ license: 'apache-2.0' })
  expect(readmeMetadata(readme('tags: []'))).toEqual({})
  expect(readmeMetadata('')).toEqual({})
})

const name = fc.oneof(
  fc.constantFrom(
    'mit',
    'MIT',
    'Apache License 2.0',
    'apache-2.0',
    'llama2',
    'qwen',
    'other',
    'Other',
    'no',
    '许可证',
    "It's: # odd",
    'a, b',
    'true',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
)
const quotedName = fc.tuple(name, fc.constantFrom('plain', 'double', 'single')).map(([text, style]) => {
  if (style === 'double') return JSON.stringify(text)
  if (style === 'single') return `'${text.replaceAll("'", "''")}'`
  return /^[A-Za-z][A-Za-z0-9.\- ]*[a-z0-9]$/.test(text) ? text : JSON.stringify(text)
})
const comment = fc.constantFrom('', ' # comment', '  # "mit"')
const licenseLines = fc.oneof(
  fc.constant<string[]>([]),
  fc.constant(['license:']),
  fc.tuple(quotedName, comment).map(([value, after]) => [`license: ${value}${after}`]),
  fc.tuple(quotedName, comment).map(([value, after]) => [`"license":   ${value}${after}`]),
  fc
    .tuple(fc.array(quotedName, { maxLength: 3 }), comment)
    .map(([values, after]) => [`license: [${values.join(' , ')}]${after}`]),
  fc
    .tuple(
      fc.array(fc.tuple(quotedName, comment), { minLength: 1, maxLength: 3 }),
      comment,
      fc.constantFrom('', '  '),
    )
    .map(([values, after, indent]) => [
      `license:${after}`,
      ...values.map(([value, end]) => `${indent}- ${value}${end}`),
    ]),
  fc
    .tuple(name, fc.constantFrom('|', '>', '|-', '>+'))
    .map(([text, sign]) => [`license: ${sign}`, `  ${text.replace(/[^\w.-]/g, '_')}`, '']),
  quotedName.map((value) => ['license:', `  ${value}`]),
  quotedName.map((value) => [`license: ${value}`, `license: ${value}`]),
  quotedName.map((value) => [`license: &a ${value}`, 'again: *a']),
)
const linesBefore = fc.subarray(['tags:   [ a,b ]', '# remark', 'model-index:', 'base_model: x/y # z'])
const linesAfter = fc.subarray([
  '',
  '"odd key": {a: 1}',
  '# remark',
  'license_link: LICENSE',
  'text: |\n  license: mit',
  '中文: 是',
])
const nameLines = fc.oneof(
  fc.constant<string[]>([]),
  quotedName.map((value) => [`license_name: ${value}`]),
)
const anyReadme = fc
  .tuple(
    linesBefore,
    licenseLines,
    nameLines,
    linesAfter,
    fc.constantFrom('\n', '\r\n'),
    fc.constantFrom('', '\uFEFF', '\n'),
    fc.constantFrom('', '\n# Body ---\n\n---\nlicense: MIT'),
    fc.constantFrom('', '  '),
  )
  .map(([before, license, named, after, end, start, body, indent]) =>
    `${start}---\n${[...before, ...license, ...named, ...after].map((line) => indent + line.replaceAll('\n', `\n${indent}`)).join('\n')}\n---${body}`.replaceAll(
      '\n',
      end,
    ),
  )
const anyLicense = fc.constantFrom('mit', 'apache-2.0', 'other', 'on', "It's: # odd")
const runs = { numRuns: 400 }

function commonHead(a: string, b: string): number {
  let length = 0
  while (length < b.length && a[length] === b[length]) length += 1
  return length
}
const anyProfile = fc.constantFrom(...profiles)

describe('for any README', () => {
  test('a hub’s form says the same: canonical(toHub(x)) = canonical(x)', () => {
    fc.assert(
      fc.property(anyReadme, anyProfile, (text, profile) => {
        expect(canonicalReadme(readmeFor(profile, text))).toBe(canonicalReadme(text))
      }),
      runs,
    )
  })

  test('a second time changes nothing, and over another hub neither', () => {
    fc.assert(
      fc.property(anyReadme, anyProfile, anyProfile, (text, a, b) => {
        const once = readmeFor(a, text)
        expect(readmeFor(a, once)).toBe(once)
        expect(canonicalReadme(readmeFor(b, once))).toBe(canonicalReadme(text))
        expect(canonicalReadme(canonicalReadme(text))).toBe(canonicalReadme(text))
      }),
      runs,
    )
  })

  test('an added license is only inserted, and every other byte stays', () => {
    fc.assert(
      fc.property(fc.oneof(anyReadme, fc.string({ unit: 'grapheme' })), anyLicense, (text, license) => {
        const original = canonicalReadme(text)
        const written = readmeFor(required, text, license)
        expect(canonicalReadme(written)).toBe(original)
        if (readmeMetadata(text).license !== undefined || written === readmeFor(open, text)) return
        const author = readmeFor(open, text)
        const head = commonHead(written, author)
        const tail = author.length - head
        expect(written.slice(written.length - tail)).toBe(author.slice(head))
        expect(Object(frontMatter(written)).license).toBe(license)
      }),
      runs,
    )
  })

  test('what is written is YAML, with every other key as it was', () => {
    fc.assert(
      fc.property(anyReadme, anyProfile, (text, profile) => {
        const written = readmeFor(profile, text)
        if (written === text || frontMatter(text) === undefined) return
        const { license: _, license_name: nameBefore, ...before } = Object(frontMatter(text))
        const { license, license_name: nameAfter, ...after } = Object(frontMatter(written))
        expect(after).toEqual(before)
        if (nameBefore !== undefined) expect(nameAfter).toEqual(nameBefore)
        const taken = profile.allow === undefined ? undefined : new Set<unknown>([...profile.allow, 'other'])
        if (taken !== undefined) expect([license].flat().every((id: unknown) => taken.has(id))).toBe(true)
      }),
      runs,
    )
  })

  test('arbitrary text is never made worse', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), anyProfile, (noise, profile) => {
        const text = `---\nlicense: ${noise}\n---\n`
        expect(canonicalReadme(readmeFor(profile, text))).toBe(canonicalReadme(text))
      }),
      runs,
    )
  })
})

test('a comment in front of the license costs no time', () => {
  const begin = performance.now()
  const text = `---\nlicense: ${'#'.repeat(50_000)}\n  !!str mit\n---\n`
  expect(canonicalReadme(text)).toBe(text)
  const commented = '---\nlicense: # which?\n  # this one\n  MIT\n---\n'
  expect(canonicalReadme(commented)).toBe('---\nlicense: # which?\n  # this one\n  mit\n---\n')
  expect(performance.now() - begin).toBeLessThan(2000)
})
