import { describe, expect, it } from 'vitest'
import { adHocHub } from '../../../src/config/ad-hoc-hubs.ts'
import { configure, type RuleRequest } from '../../../src/config/configure.ts'
import { configDigest } from '../../../src/config/digest.ts'
import { type ConfigDocument, emptyConfig, loadConfig } from '../../../src/config/load.ts'
import { printConfig } from '../../../src/config/print.ts'
import type { Config } from '../../../src/config/rule.ts'

const env = { GIT_TOKEN: 'git-token-1', GH_TOKEN: 'gh-token-1', GIT_EXAMPLE_NET_TOKEN: 'host-token-1' }
const nothing: RuleRequest = {
  rules: [],
  repos: [],
  include: [],
  exclude: [],
  set: [],
  event: { kind: 'manual' },
}

function configured(request: Partial<RuleRequest>, document: ConfigDocument = emptyConfig(env)): Config {
  return configure(document, { ...nothing, ...request }, env, () => undefined)
}

describe('ids', () => {
  it.each([
    ['https://git.example.net', 'git.example.net', 'https://git.example.net'],
    ['https://git.example.net:443', 'git.example.net', 'https://git.example.net'],
    ['https://git.example.net:8443', 'git.example.net_8443', 'https://git.example.net:8443'],
    ['https://forge', 'forge_443', 'https://forge'],
    ['http://localhost', 'localhost_80', 'http://localhost'],
    ['http://127.0.0.1:3000', '127.0.0.1_3000', 'http://127.0.0.1:3000'],
  ])('%s is %s', (origin, hub, endpoint) => {
    expect(adHocHub(origin)).toEqual({ kind: 'hub', hub, endpoint })
    // What a configuration may call a hub: the two never meet.
    expect(hub).not.toMatch(/^[a-z0-9][a-z0-9-]{0,31}$/)
  })
})

describe('a hub that only an address names', () => {
  const source = 'https://git.example.net/team/sub/model.git'

  it('has settings of its own, and no token', () => {
    const { rules, hubs } = configured({ repos: [source], to: 'ms:o' })
    expect(rules).toMatchObject([
      {
        from: {
          hub: 'git.example.net',
          owner: 'team/sub',
          name: 'model',
          endpoint: 'https://git.example.net',
        },
        types: ['model'],
        lookup: false,
        named: true,
      },
    ])
    expect(hubs.get('git.example.net')).toMatchObject({
      id: 'git.example.net',
      type: 'git',
      endpoint: 'https://git.example.net',
      token: undefined,
      insecureHttp: false,
    })
  })

  it('may be a target, and hold a dataset', () => {
    const { rules, hubs } = configured({
      repos: ['hf:datasets/a/b'],
      to: 'http://127.0.0.1:3000/o/{name}.git',
    })
    expect(rules).toMatchObject([
      { to: { hub: '127.0.0.1_3000', owner: 'o', name: '{name}' }, types: ['dataset'] },
    ])
    expect(hubs.get('127.0.0.1_3000')?.endpoint).toBe('http://127.0.0.1:3000')
    expect(configured({ from: source, to: 'ms:o', type: 'dataset' }).rules[0]?.types).toEqual(['dataset'])
  })

  it('is the same from the same words, as the job of a plan needs it', () => {
    const [first, second] = [1, 2].map(() => configured({ repos: [source], to: 'ms:o' }))
    expect(first).toEqual(second)
    const elsewhere = configured({ repos: [source.replace('.net', '.com')], to: 'ms:o' })
    expect(configDigest(elsewhere.rules)).not.toBe(configDigest(first?.rules ?? []))
  })

  it('stands in a file, is named by its address, and is printed as one', () => {
    const text = `version: 1\nrules:\n  - { name: a, from: "${source}", to: "https://git.example.com/x/y.git" }\n`
    const document = loadConfig(text, 'f.yml', env)
    const { rules, hubs } = configured({ repos: [source] }, document)
    expect([...hubs.keys()]).toEqual(expect.arrayContaining(['git.example.net', 'git.example.com']))
    const printed = printConfig(document, configured({}, document).rules)
    expect(printed).toContain(`from: ${source}`)
    expect(printed).toContain('to: https://git.example.com/x/y.git')
    expect(configured({}, loadConfig(printed, 'p.yml', env)).rules).toEqual(configured({}, document).rules)
    expect(rules).toHaveLength(1)
    expect(() => configured({ repos: ['https://git.example.com/x/z.git'] }, document)).toThrow(
      'No rule covers',
    )
  })

  it('gives way to an entry of the configuration', () => {
    const text =
      'version: 1\nhubs: { forge: { type: git, endpoint: "https://git.example.net", token: "own-token-1" } }\n'
    const { rules, hubs } = configured({ from: source, to: 'ms:o' }, loadConfig(text, 'f.yml', env))
    expect(rules[0]?.from).toEqual({ hub: 'forge', owner: 'team/sub', name: 'model', type: undefined })
    expect(hubs.get('forge')?.token?.reveal()).toBe('own-token-1')
    expect(hubs.has('git.example.net')).toBe(false)
  })

  it('is refused with and without TLS at one place', () => {
    expect(() =>
      configured({ from: 'http://127.0.0.1:3000/a/b.git', to: 'https://127.0.0.1:3000/a/c.git' }),
    ).toThrow('cannot be told apart')
  })

  it('is no source of itself', () => {
    expect(() => configured({ from: source, to: source })).toThrow('is the source itself')
  })
})

describe('transport: import', () => {
  it('is for targets on GitCode, built in or configured', () => {
    const text = 'version: 1\nhubs: { gc: { type: gitcode, endpoint: "https://gc.example" } }\n'
    const document = loadConfig(text, 'f.yml', env)
    for (const to of ['gitcode:o', 'gc:o'])
      expect(configured({ repos: ['hf:a/b'], to, set: ['transport=import'] }, document).rules).toMatchObject([
        { transport: 'import' },
      ])
    expect(() => configured({ repos: ['hf:a/b'], to: 'ms:o', set: ['transport=import'] })).toThrow(
      'Rule ad-hoc: transport: import: only hubs of type gitcode can',
    )
  })
})
