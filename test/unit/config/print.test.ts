import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { configDigest, ruleDigest } from '../../../src/config/digest.ts'
import { expandRules } from '../../../src/config/expand.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { printConfig } from '../../../src/config/print.ts'
import { ruleShape } from '../../../src/config/rule-schema.ts'

const env = { TOKEN: 'secret-value-of-a-token', HOST: 'https://m.example' }
const reload = (text: string) => loadConfig(text, 'printed.yml', env)

const glob = fc.constantFrom('*', 'Qwen3-*', '*-GGUF', '**/*.bin', '{a,b}', 'x y')
const list = fc.array(glob, { maxLength: 3 })
const someList = fc.array(glob, { minLength: 1, maxLength: 3 })
const lists = fc.record({ include: someList, exclude: list }, { requiredKeys: [] })
const keys = {
  description: fc.string({ maxLength: 50 }).filter((text) => !text.includes('${')),
  types: fc.constantFrom(['model'], ['dataset'], ['model', 'dataset']),
  repos: lists,
  files: lists,
  requires: glob,
  revision: fc.constantFrom('main', 'v1.0', '1', 'true', 'refs/pr/1'),
  trigger: fc.constantFrom('scheduled', 'manual', '17  */12 * * *'),
  existing: fc.constantFrom('update', 'skip'),
  visibility: fc.constantFrom('keep', 'private', 'public'),
  gated: fc.constantFrom('skip', 'fail', 'private'),
  license: fc.constantFrom('keep', 'require'),
  bandwidth: fc.constantFrom('off', '10MB/s', '7Mbit/s', '1.5MiB/s', '123B/s'),
  verify: fc.constantFrom('sampled', 'full'),
  transport: fc.constantFrom('auto', 'git'),
  'stall-timeout': fc.constantFrom('60s', '5m', '1h1s'),
  direction: fc.constant('one-way'),
  adopt: fc.constant(false),
  delete: fc.constant(false),
  conflict: fc.constant('fail'),
}
const guards = {
  'max-files': fc.integer({ min: 0, max: 1_000_000 }),
  'max-ratio': fc.double({ min: 0, max: 1, noNaN: true }),
}
const ends = fc.constantFrom(
  { from: 'hf:Qwen', to: 'ms:org' },
  { from: 'hf:Qwen/Q3', to: 'ms:' },
  { from: 'huggingface.co/Qwen/Q3/tree/main', to: 'ms:org/exact' },
  { from: 'mh:Qwen/q-{1,2}*', to: 'modelscope-ai:org/{name}-x' },
  { from: 'github.com/o/n', to: 'forge:a/b/{name}' },
  { from: 'modelers:o/n-*', to: 'https://git.example.net:8443/x/y-{name}.git' },
)
const rules = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,20}$/),
    ends,
    keys: fc.record(keys, { requiredKeys: [] }),
  }),
  { selector: (rule) => rule.name, maxLength: 4 },
)

describe('printConfig', () => {
  it('prints a configuration that expands to the same rules', () => {
    fc.assert(
      fc.property(rules, fc.record(keys, { requiredKeys: [] }), (entries, defaults) => {
        const text = stringify({
          version: 1,
          hubs: {
            mh: { type: 'huggingface', endpoint: '$' + '{HOST}', token: '$' + '{TOKEN}' },
            forge: {
              type: 'git',
              endpoint: 'https://git.example.org/scm',
              'lfs-endpoint': 'https://lfs.example/{name}',
            },
          },
          defaults,
          rules: entries.map((entry) => ({ name: entry.name, ...entry.ends, ...entry.keys })),
        })
        const document = reload(text)
        const expanded = expandRules(document).rules
        const printed = printConfig(document, expanded)
        const again = reload(printed)
        expect(expandRules(again).rules).toEqual(expanded)
        expect(again.hubs.get('mh')?.token?.reveal()).toBe(env.TOKEN)
        expect(again.hubs.get('mh')?.endpoint).toBe(env.HOST)
        expect(printConfig(again, expandRules(again).rules)).toBe(printed)
        expect(configDigest(expandRules(again).rules)).toBe(configDigest(expanded))
      }),
      { numRuns: 150 },
    )
  })

  it('prints every key that a rule has, also those that need a base, and reads it as it was', () => {
    const { existing: _existing, revision: _revision, types, ...others } = keys
    const base = {
      direction: fc.constantFrom('one-way', 'two-way'),
      adopt: fc.boolean(),
      delete: fc.oneof(fc.boolean(), fc.record(guards, { requiredKeys: [] })),
      conflict: fc.constantFrom('fail', 'source', 'target'),
    }
    const some = fc.record({ ...others, ...base }, { requiredKeys: [] })
    fc.assert(
      fc.property(some, some, types, (defaults, written, of) => {
        const rule = { name: 'a', from: 'hf:o', to: 'ms:o/{name}-x', types: of, ...written }
        const expanded = expandRules(reload(stringify({ version: 1, defaults, rules: [rule] }))).rules
        const printed = printConfig(reload('version: 1'), expanded)
        expect(expandRules(reload(printed)).rules).toEqual(expanded)
        const optional = ['description', 'requires', 'revision']
        const shown = Object.keys(parse(printed).rules[0])
        expect(
          Object.keys(ruleShape).filter((key) => !shown.includes(key) && !optional.includes(key)),
        ).toEqual([])
        for (const key of Object.keys({ ...defaults, ...written })) expect(shown).toContain(key)
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    ['forge:a/b/n', 'modelers:datasets/org'],
    ['https://git.example.org/scm/datasets/n.git', 'gitcode:o'],
    ['https://github.com/datasets/gdp', 'forge:'],
    ['https://git.example.net/datasets/a/n.git', 'ms:o'],
  ])('prints %s to %s as it is read', (from, to) => {
    const forge = 'forge: { type: git, endpoint: "https://git.example.org/scm" }'
    const document = reload(
      `version: 1\nhubs: { ${forge} }\nrules: [{ name: a, from: "${from}", to: "${to}" }]`,
    )
    const expanded = expandRules(document).rules
    const printed = printConfig(document, expanded)
    expect(printed).toContain('auth: basic')
    expect(expandRules(reload(printed)).rules).toEqual(expanded)
  })

  it('shows no secret', () => {
    const variable = '$' + '{TOKEN}'
    const text = `version: 1
hubs:
  a: { type: huggingface, endpoint: "https://a.example", token: "${variable}" }
  b: { type: huggingface, endpoint: "https://b.example", token: "literal-token-in-the-file" }
  c: { type: huggingface, endpoint: "https://c.example", token: "half-literal-${variable}" }
`
    const document = reload(text)
    const printed = printConfig(document, [])
    expect(printed).toContain(`token: ${variable}`)
    expect(printed.match(/token/g)).toHaveLength(1)
    for (const secret of [env.TOKEN, 'literal-token', 'half-literal']) expect(printed).not.toContain(secret)
    expect(document.hubs.get('c')?.token?.reveal()).toBe(`half-literal-${env.TOKEN}`)
  })
})

describe('digests', () => {
  const ruleWith = (more: string) => {
    const [rule] = expandRules(
      reload(`version: 1\nrules: [{ name: a, from: "hf:o", to: "ms:p"${more} }]`),
    ).rules
    if (rule === undefined) throw new Error('no rule')
    return rule
  }
  const plain = ruleWith('')

  it.each([
    ', verify: full',
    ', revision: v1',
    ', files: { exclude: [x] }',
    ', license: require',
    ', requires: "*.bin"',
    ', visibility: private',
    ', gated: private',
    ', existing: skip',
  ])('of a rule changes with%s', (more) => {
    expect(ruleDigest(ruleWith(more))).toMatch(/^[0-9a-f]{64}$/)
    expect(ruleDigest(ruleWith(more))).not.toBe(ruleDigest(plain))
  })

  it.each([
    ', bandwidth: 1MB/s',
    ', trigger: manual',
    ', description: x',
    ', stall-timeout: 5m',
    ', repos: { include: [x] }',
  ])('of a rule does not change with%s, that of the configuration does', (more) => {
    expect(ruleDigest(ruleWith(more))).toBe(ruleDigest(plain))
    expect(configDigest([ruleWith(more)])).not.toBe(configDigest([plain]))
  })

  it('do not depend on the order of keys', () => {
    const turned = Object.fromEntries(Object.entries(plain).reverse())
    expect(configDigest([{ ...plain, ...turned }])).toBe(configDigest([plain]))
  })
})
