import { describe, expect, it } from 'vitest'
import { configure, type RuleRequest, shownRules } from '../../../src/config/configure.ts'
import { emptyConfig, loadConfig } from '../../../src/config/load.ts'
import { formatPattern } from '../../../src/config/names.ts'
import type { Config } from '../../../src/config/rule.ts'

const nothing: RuleRequest = {
  rules: [],
  repos: [],
  include: [],
  exclude: [],
  set: [],
  event: { kind: 'manual' },
}

const document = loadConfig(
  `version: 1
defaults: { files: { exclude: ["*.md"] }, existing: skip, bandwidth: 80Mbit/s }
rules:
  - { name: daily, from: "hf:Qwen", to: "ms:org/q-{name}", repos: { include: ["Qwen3-*"], exclude: ["*-GGUF"] } }
  - { name: line, from: "hf:meta/llama", to: "ms:org/llama", trigger: "17  3 * * *", types: [model] }
  - { name: hand, from: "hf:datasets/o", to: "ms:", trigger: manual, files: { include: ["*.csv"] } }
  - { name: space, from: "hf:spaces/o/n", to: "ms:org" }
`,
  'f.yml',
  {},
)

function configured(request: Partial<RuleRequest>, from = document): Config {
  return configure(from, { ...nothing, ...request }, {}, () => undefined)
}

const names = (request: Partial<RuleRequest>): string[] => configured(request).rules.map((rule) => rule.name)

describe('expansion', () => {
  it('fills in every default, the rule over `defaults`, lists one by one', () => {
    const hand = configured({ rules: ['hand'] }).rules[0]
    expect(hand).toEqual({
      name: 'hand',
      description: undefined,
      from: { hub: 'huggingface', owner: 'o', name: undefined, type: 'dataset' },
      to: { hub: 'modelscope', owner: undefined, name: undefined, type: undefined },
      types: ['dataset'],
      lookup: false,
      repos: { include: ['*'], exclude: [] },
      requires: undefined,
      revision: undefined,
      files: { include: ['*.csv'], exclude: ['*.md'] },
      direction: 'one-way',
      trigger: 'manual',
      existing: 'skip',
      adopt: false,
      delete: undefined,
      visibility: 'keep',
      gated: 'skip',
      license: 'keep',
      conflict: 'fail',
      bandwidth: 10_000_000,
      verify: 'sampled',
      transport: 'auto',
      stallTimeout: 60,
      named: false,
    })
  })

  it('takes --set, --include, --exclude and --revision over all', () => {
    const [rule] = configured({
      rules: ['daily'],
      set: [
        'verify=full',
        'files.exclude=["*.x"]',
        'repos={include: [a], exclude: []}',
        'bandwidth=off',
        'types=[dataset]',
      ],
      include: ['*.bin'],
      revision: 'v2',
    }).rules
    expect(rule).toMatchObject({
      verify: 'full',
      files: { include: ['*.bin'], exclude: ['*.x'] },
      repos: { include: ['a'], exclude: [] },
      bandwidth: undefined,
      types: ['dataset'],
      revision: 'v2',
    })
  })

  it('takes a glob of --set as it is written, without the quotes of YAML', () => {
    const set = ['requires=*.gguf', 'description=!x &y']
    expect(configured({ rules: ['daily'], set }).rules[0]).toMatchObject({
      requires: '*.gguf',
      description: '!x &y',
    })
    expect(() => configured({ set: ['repos.include=*'] })).toThrow('repos.include: expected a list, got text')
  })

  it('ends a question with its own mark', () => {
    const wrong = { repos: ['o/n'], from: 'hf', to: 'modelscop:o' }
    expect(() => configured(wrong)).toThrow(/did you mean "modelscope"\?$/)
  })

  it.each([
    [['verfy=full'], 'verfy: unknown key; did you mean "verify"?'],
    [['verify'], 'expected key=value'],
    [['=x'], 'expected key=value'],
    [['name=x'], 'name: unknown key'],
    [['verify=maybe'], 'expected sampled, full'],
    [['delete=maybe'], 'delete: expected'],
    [['files=[a'], 'not YAML'],
    [['types=model'], 'types: expected a list, got text'],
    [['to=nowhere:x'], 'unknown hub "nowhere"'],
  ])('refuses --set %j', (set, why) => {
    expect(() => configured({ set })).toThrow(why)
  })

  it('tells all wrong overrides at once', () => {
    expect(() => configured({ set: ['a=1', 'b=2'], exclude: ['[x'] })).toThrow(
      /--set a=1.*\n--set b=2.*\n--exclude \[x: not a glob/,
    )
  })
})

describe('which rules run', () => {
  it.each<[string, Partial<RuleRequest>, string[]]>([
    ['by hand: scheduled and cron rules', {}, ['daily', 'line']],
    ['a schedule: scheduled ones', { event: { kind: 'schedule' } }, ['daily']],
    [
      'a schedule: and those of its line',
      { event: { kind: 'schedule', cron: '17 3 * * *' } },
      ['daily', 'line'],
    ],
    ['a schedule: not those of another', { event: { kind: 'schedule', cron: '17 4 * * *' } }, ['daily']],
    ['a manual one when named', { rules: ['hand'] }, ['hand']],
    ['two by name, in the order of the file', { rules: ['hand', 'daily'] }, ['daily', 'hand']],
    ['a type', { type: 'dataset', rules: ['hand', 'daily'] }, ['hand']],
    ['a rule about a space alone', { rules: ['space'] }, []],
  ])('%s', (_, request, expected) => expect(names(request)).toEqual(expected))

  it('skips a space with the reason', () => {
    expect(configured({}).skipped).toEqual([
      {
        rule: 'space',
        repo: 'huggingface:spaces/o/n',
        target: 'modelscope:org',
        reason: expect.stringMatching(/a space is no model.*types: \[model\] in its rule, or --type model/),
      },
    ])
    expect(configured({ rules: ['daily'] }).skipped).toEqual([])
  })

  it('names the nearest rule', () => {
    expect(() => configured({ rules: ['dayly'] })).toThrow('There is no rule "dayly"; did you mean "daily"?')
  })

  it('shows manual ones as well', () => {
    expect(shownRules(document, nothing).map((rule) => rule.name)).toEqual(['daily', 'line', 'hand'])
    expect(shownRules(emptyConfig({}), nothing)).toEqual([])
  })
})

describe('naming repos', () => {
  it.each<[string, string, string, string[]]>([
    ['by source', 'Qwen/anything-GGUF', 'daily', ['anything-GGUF']],
    ['by source with its hub', 'hf:Qwen/x', 'daily', ['x']],
    ['by a glob', 'Qwen/x-*', 'daily', ['x-*']],
    ['by target', 'org/q-x', 'daily', ['x']],
    ['by target with its hub', 'ms:org/q-x', 'daily', ['x']],
    ['by an exact target', 'org/llama', 'line', ['llama']],
    ['by a dataset', 'hf:datasets/o/d', 'hand', ['d']],
    ['by a page', 'https://huggingface.co/Qwen/x', 'daily', ['x']],
  ])('%s', (_, repo, rule, include) => {
    // The trigger is overridden too: neither of these is what this schedule starts.
    const { rules } = configured({ repos: [repo], event: { kind: 'schedule', cron: '0 0 * * *' } })
    expect(rules.map((one) => one.name)).toEqual([rule])
    expect(rules[0]).toMatchObject({ repos: { include, exclude: [] }, named: true })
  })

  it('keeps several of one rule together', () => {
    expect(
      configured({ repos: ['Qwen/a', 'Qwen/b', 'Qwen/a'] }).rules.map((rule) => rule.repos.include),
    ).toEqual([['a', 'b']])
  })

  it('keeps `repos` where a whole owner is named', () => {
    expect(configured({ repos: ['hf:Qwen'] }).rules[0]).toMatchObject({
      repos: { include: ['Qwen3-*'], exclude: ['*-GGUF'] },
    })
  })

  it.each([
    ['meta/lama', 'did you mean meta/llama?'],
    ['org/x', 'No rule covers'],
    ['ms:Qwen/x', 'No rule covers'],
    ['datasets/meta/llama', 'No rule covers'],
    ['llama', 'write owner/name'],
  ])('refuses %s', (repo, why) => expect(() => configured({ repos: [repo] })).toThrow(why))

  it('does not override existing: skip that was asked for in the same breath', () => {
    expect(configured({ repos: ['Qwen/a'] }).rules[0]?.named).toBe(true)
    expect(configured({ repos: ['Qwen/a'], set: ['existing=skip'] }).rules[0]?.named).toBe(false)
  })
})

describe('a rule of its own', () => {
  const adHoc = (request: Partial<RuleRequest>): string[] =>
    configured(request, emptyConfig({})).rules.map(
      (rule) =>
        `${rule.name} ${formatPattern(rule.from)} > ${formatPattern(rule.to)} ${rule.types.join('|')}${rule.named ? '!' : ''}`,
    )

  it.each<[string, Partial<RuleRequest>, string[]]>([
    [
      'a hub and a repo',
      { repos: ['Qwen/Q3'], from: 'hf', to: 'ms:o' },
      ['ad-hoc huggingface:Qwen/Q3 > modelscope:o model|dataset!'],
    ],
    [
      'an owner and a name',
      { repos: ['Q3'], from: 'hf:Qwen', to: 'ms:o' },
      ['ad-hoc huggingface:Qwen/Q3 > modelscope:o model|dataset!'],
    ],
    [
      'a name with its hub',
      { repos: ['hf:Qwen/Q3'], to: 'ms:' },
      ['ad-hoc huggingface:Qwen/Q3 > modelscope: model|dataset!'],
    ],
    [
      'a page',
      { repos: ['huggingface.co/datasets/o/d'], to: 'ms:' },
      ['ad-hoc huggingface:datasets/o/d > modelscope: dataset!'],
    ],
    [
      'a page as source',
      { from: 'https://huggingface.co/o/d', to: 'ms:' },
      ['ad-hoc huggingface:o/d > modelscope: model|dataset!'],
    ],
    ['an owner', { from: 'hf:Qwen', to: 'ms:o' }, ['ad-hoc huggingface:Qwen > modelscope:o model']],
    [
      'a type',
      { repos: ['a/b'], from: 'hf:', to: 'ms:o', type: 'dataset' },
      ['ad-hoc huggingface:a/b > modelscope:o dataset!'],
    ],
    [
      'a space as a model',
      { repos: ['hf:spaces/a/b'], to: 'ms:o', type: 'model' },
      ['ad-hoc huggingface:spaces/a/b > modelscope:o model!'],
    ],
    [
      'several',
      { repos: ['a/b', 'c/d'], from: 'hf', to: 'ms:o' },
      [
        'ad-hoc huggingface:a/b > modelscope:o model|dataset!',
        'ad-hoc-2 huggingface:c/d > modelscope:o model|dataset!',
      ],
    ],
  ])('%s', (_, request, expected) => expect(adHoc(request)).toEqual(expected))

  it.each<[string, Partial<RuleRequest>, string]>([
    ['no target', { repos: ['a/b'], from: 'hf' }, '--from needs --to'],
    ['no repo', { from: 'hf', to: 'ms:o' }, 'No repo is named'],
    ['no source hub', { repos: ['a/b'], to: 'ms:o' }, 'names no hub'],
    ['a hub alone as target', { repos: ['a/b'], from: 'hf', to: 'ms' }, 'write ms:OWNER'],
    ['a rule as well', { repos: ['a/b'], from: 'hf', to: 'ms:o', rules: ['x'] }, '--rule does not go with'],
    ['several into one', { repos: ['a/b', 'c/d'], from: 'hf', to: 'ms:o/x' }, 'several sources'],
    ['repos twice', { repos: ['c'], from: 'hf:a/b', to: 'ms:o' }, '--from names repos already'],
    ['nothing at all', {}, 'There is nothing to sync'],
  ])('refuses %s', (_, request, why) => expect(() => adHoc(request)).toThrow(why))

  it('skips a space with the reason', () => {
    expect(configured({ repos: ['hf:spaces/a/b'], to: 'ms:o' }, emptyConfig({}))).toMatchObject({
      rules: [],
      skipped: [{ rule: 'ad-hoc' }],
    })
  })
})
