import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { SyncError } from '../../../src/model/errors.ts'

const env = {
  MODELSCOPE_TOKEN: 'secret-token-value',
  EMPTY: '',
  TRICKY: 'x", insecure-http: true, y: "$' + '{MODELSCOPE_TOKEN}',
}

/** The lines of the error, without its head. */
function mistakes(text: string): string[] {
  try {
    loadConfig(text, 'f.yml', env)
  } catch (error) {
    if (!(error instanceof SyncError)) throw error
    expect(error.code).toBe('config')
    expect(error.message).not.toContain('secret-token-value')
    return error.message.split('\n').slice(1)
  }
  return []
}

const rule = (lines: string): string =>
  `version: 1\nrules:\n  - name: a\n    from: hf:o\n    to: ms:p\n${lines}`
const hub = (lines: string): string => `version: 1\nhubs:\n  mh: { ${lines} }\n`

describe('mistakes of a configuration file', () => {
  it.each([
    [
      'an unknown key',
      rule('    visiblity: keep\n'),
      'f.yml:6:5: rules[0].visiblity: unknown key; did you mean "visibility"?',
    ],
    [
      'camel case',
      rule('    stallTimeout: 5s\n'),
      'f.yml:6:5: rules[0].stallTimeout: unknown key; did you mean "stall-timeout"?',
    ],
    ['an unknown section', 'version: 1\nrule: []\n', 'f.yml:2:1: rule: unknown key; did you mean "rules"?'],
    [
      'an unknown inner key',
      rule('    repos: { includes: [x] }\n'),
      'f.yml:6:14: rules[0].repos.includes: unknown key; did you mean "include"?',
    ],
    ['a key twice', rule('    gated: skip\n    gated: fail\n'), 'f.yml:7:5: this key is there twice'],
    ['a wrong version', 'version: 2\n', 'f.yml:1:10: version: expected 1, the only version there is'],
    ['no version', 'rules: []\n', 'f.yml:1:1: version: is missing'],
    ['a wrong type', rule('    types: model\n'), 'f.yml:6:12: rules[0].types: expected a list, got text'],
    [
      'a number for text',
      rule('    revision: 1.5\n'),
      'f.yml:6:15: rules[0].revision: expected text, got a number (put text into quotes)',
    ],
    [
      'a wrong choice',
      rule('    visibility: privte\n'),
      'f.yml:6:17: rules[0].visibility: expected keep, private, public, got "privte"; did you mean "private"?',
    ],
    [
      'two-way that leaves alone what is there',
      rule('    direction: two-way\n    existing: skip\n'),
      'f.yml:7:15: rules[0].existing: skip: a two-way rule keeps both sides in step, or is one-way',
    ],
    [
      'two-way of a revision',
      rule('    direction: two-way\n    revision: main\n'),
      'f.yml:7:15: rules[0].revision: a two-way rule writes to the default branch of both sides',
    ],
    [
      'two-way with an unknown side',
      rule('    conflict: sorce\n'),
      'f.yml:6:15: rules[0].conflict: expected fail, source, target, got "sorce"; did you mean "source"?',
    ],
    [
      'a guard that is none',
      rule('    delete: { max-files: -1 }\n'),
      'f.yml:6:26: rules[0].delete.max-files: must be at least 0',
    ],
    [
      'a guard of another name',
      rule('    delete: { max-flies: 2 }\n'),
      'f.yml:6:15: rules[0].delete.max-flies: unknown key; did you mean "max-files"?',
    ],
    [
      'delete of another kind',
      rule('    delete: some\n'),
      'f.yml:6:13: rules[0].delete: expected true, false or a section of keys, got text',
    ],
    [
      'delete in a folder',
      'version: 1\nrules:\n  - name: a\n    from: hf:o\n    to: dir:./x/{name}\n    delete: true\n',
      'f.yml:6:13: rules[0].delete: a local folder has no history that could tell what both sides had',
    ],
    [
      'transport import',
      rule('    transport: import\n'),
      'f.yml:6:16: rules[0].transport: import: only hubs of type gitcode can, and the target is modelscope',
    ],
    [
      'transport import in the defaults',
      `${rule('')}defaults: { transport: import }\n`,
      'f.yml:6:24: defaults.transport: import: only hubs of type gitcode can, and the target is modelscope',
    ],
    [
      'transport import of a folder',
      rule('    transport: import\n').replace('hf:o', 'dir:./x').replace('ms:p', 'gitcode:p'),
      'f.yml:6:16: rules[0].transport: import: a local folder has no address that a hub could fetch from',
    ],
    [
      'groups where there are none',
      rule('').replace('hf:o', 'https://git.example.net/a/b/n.git').replace('ms:p', '"ms:"'),
      'f.yml:5:9: rules[0].to: the owner a/b is several groups: write modelscope:OWNER',
    ],
    [
      'two types on a host of git',
      rule('    types: [model, dataset]\n').replace('hf:o', 'https://git.example.net/a/n.git'),
      'f.yml:6:12: rules[0].types: a host of git does not tell models from datasets: write model or dataset',
    ],
    [
      'a bad glob',
      rule('    files: { exclude: ["[x"] }\n'),
      'f.yml:6:24: rules[0].files.exclude[0]: not a glob: Missing closing: "]" - use "\\\\]" to match literal characters',
    ],
    [
      'a bad rate',
      rule('    bandwidth: fast\n'),
      'f.yml:6:16: rules[0].bandwidth: expected off, or a rate such as 10MB/s or 80Mbit/s',
    ],
    [
      'a bad duration',
      rule('    stall-timeout: 60 seconds\n'),
      'f.yml:6:20: rules[0].stall-timeout: expected a duration such as 60s or 5m',
    ],
    [
      'a bad cron line',
      rule('    trigger: "61 * * * *"\n'),
      'f.yml:6:14: rules[0].trigger: not a cron line: Invalid value for minute: 61',
    ],
    [
      'six cron fields',
      rule('    trigger: "0 1 * * * *"\n'),
      'f.yml:6:14: rules[0].trigger: a cron line has five fields: minute hour day month weekday',
    ],
    [
      'a bad trigger',
      rule('    trigger: nightly\n'),
      'f.yml:6:14: rules[0].trigger: expected scheduled, manual or a cron line of five fields',
    ],
    [
      'an option as revision',
      rule('    revision: --upload-pack=x\n'),
      'f.yml:6:15: rules[0].revision: expected a branch, tag or commit',
    ],
    [
      'a bad name',
      rule('').replace('name: a', 'name: A_b'),
      'f.yml:3:11: rules[0].name: expected 1 to 64 lower-case letters, digits, dots and dashes, a letter or digit first',
    ],
    ['no source', 'version: 1\nrules:\n  - name: a\n    to: ms:p\n', 'f.yml:3:5: rules[0].from: is missing'],
    [
      'an unknown hub',
      rule('').replace('hf:o', 'hugginface:o'),
      'f.yml:4:11: rules[0].from: "hugginface:o": unknown hub "hugginface"; did you mean "huggingface"?',
    ],
    [
      'many into one',
      rule('').replace('ms:p', 'ms:p/x'),
      'f.yml:5:9: rules[0].to: names one repo, but the source may be several: write modelscope:p, or {name} in the name',
    ],
    [
      'a folder without a path',
      rule('').replace('hf:o', 'dir:x'),
      'f.yml:4:11: rules[0].from: "dir:x": a local folder is written as dir:./path, dir:../path or dir:/path',
    ],
    [
      'many into one folder',
      rule('').replace('ms:p', 'dir:./x'),
      'f.yml:5:9: rules[0].to: names one folder, but the source may be several: write dir:./x/{name}',
    ],
    [
      'two types of a folder',
      rule('    types: [model, dataset]\n').replace('hf:o', 'dir:./x'),
      'f.yml:6:12: rules[0].types: a local folder is one repo: write model or dataset',
    ],
    [
      'a folder of a name that no repo has',
      rule('').replace('hf:o', 'dir:./my x'),
      'f.yml:5:9: rules[0].to: the name of the folder, "my x", is none for a repo: write modelscope:p/NAME',
    ],
    [
      'the owner of a folder',
      rule('').replace('hf:o', 'dir:./x').replace('ms:p', '"ms:"'),
      'f.yml:5:9: rules[0].to: a local folder has no owner: write modelscope:OWNER',
    ],
    [
      'a folder into itself',
      rule('').replace('hf:o', 'dir:./x').replace('ms:p', 'dir:./x'),
      'f.yml:5:9: rules[0].to: is the source itself',
    ],
    [
      'a hub called dir',
      'version: 1\nhubs:\n  dir: { type: huggingface, endpoint: https://h.org }\n',
      'f.yml:3:3: hubs.dir: is what local folders are written with (dir:./path): give the hub another id',
    ],
    ['itself', rule('').replace('ms:p', 'hf:o'), 'f.yml:5:9: rules[0].to: is the source itself'],
    [
      'types against the name',
      rule('    types: [model]\n').replace('hf:o', 'hf:datasets/o'),
      'f.yml:6:12: rules[0].types: from says dataset, types says model',
    ],
    [
      'a variable elsewhere',
      rule('    description: "$' + '{HOME}"\n'),
      'f.yml:6:18: rules[0].description: environment variables work in token, username and endpoint only',
    ],
    [
      'an unknown hub type',
      hub('type: githb, endpoint: https://h.org'),
      'f.yml:3:15: hubs.mh.type: expected huggingface, modelscope, modelers, gitcode, github, git, got "githb"; did you mean "github"?',
    ],
    ['a hub of type git without an endpoint', hub('type: git'), 'f.yml:3:7: hubs.mh.endpoint: is missing'],
    [
      'another type for github',
      'version: 1\nhubs:\n  github: { type: git }\n',
      'f.yml:3:19: hubs.github.type: github is a built-in hub of type github: give a hub of another type another id',
    ],
    [
      'an lfs-endpoint of another type',
      hub('type: huggingface, endpoint: https://h.org, lfs-endpoint: https://x.org'),
      'f.yml:3:53: hubs.mh.lfs-endpoint: is for hubs of type git, and this is huggingface',
    ],
    [
      'the auth of a built-in hub',
      'version: 1\nhubs:\n  github: { auth: bearer }\n',
      'f.yml:3:13: hubs.github.auth: is for hubs of type git, and this is github',
    ],
    [
      'an unknown auth',
      hub('type: git, endpoint: https://h.org, auth: beerer'),
      'f.yml:3:51: hubs.mh.auth: expected basic, bearer, got "beerer"; did you mean "bearer"?',
    ],
    [
      'an unknown blank',
      hub('type: git, endpoint: https://h.org, lfs-endpoint: "https://x.org/{repo}"'),
      'f.yml:3:59: hubs.mh.lfs-endpoint: only {owner} and {name} may stand in it',
    ],
    [
      'a blank in the host',
      hub('type: git, endpoint: https://h.org, lfs-endpoint: "https://{owner}.x.org/{name}"'),
      'f.yml:3:59: hubs.mh.lfs-endpoint: {owner} and {name} may stand in the path only',
    ],
    [
      'an lfs-endpoint over plain http',
      hub('type: git, endpoint: https://h.org, lfs-endpoint: "http://x.org/{name}"'),
      'f.yml:3:59: hubs.mh.lfs-endpoint: plain http beyond loopback needs insecure-http: true',
    ],
    [
      'a variable in an lfs-endpoint',
      hub('type: git, endpoint: https://h.org, lfs-endpoint: "$' + '{HOST}/x"'),
      'f.yml:3:59: hubs.mh.lfs-endpoint: environment variables work in token, username and endpoint only',
    ],
    [
      'a repo as endpoint',
      hub('type: git, endpoint: https://h.org/o/n.git'),
      'f.yml:3:30: hubs.mh.endpoint: an endpoint is what all repos are below, not the address of one',
    ],
    [
      'an unset variable',
      hub('type: huggingface, endpoint: https://h.org, token: "$' + '{MODELSCOPE_TOKN}"'),
      'f.yml:3:60: hubs.mh.token: the environment variable MODELSCOPE_TOKN is not set; did you mean MODELSCOPE_TOKEN?',
    ],
    [
      'an empty variable',
      hub('type: huggingface, endpoint: https://h.org, token: "$' + '{EMPTY}"'),
      'f.yml:3:60: hubs.mh.token: the environment variable EMPTY is empty',
    ],
    [
      'an open variable',
      hub('type: huggingface, endpoint: https://h.org, token: "$' + '{X"'),
      'f.yml:3:60: hubs.mh.token: a variable is written as $' + '{NAME}',
    ],
    [
      'a token with spaces',
      hub('type: huggingface, endpoint: https://h.org, token: "a b"'),
      'f.yml:3:60: hubs.mh.token: the token holds white space or characters that no token has, or is empty',
    ],
    [
      'plain http',
      hub('type: huggingface, endpoint: "http://10.0.0.1"'),
      'f.yml:3:38: hubs.mh.endpoint: plain http beyond loopback needs insecure-http: true',
    ],
    [
      'a path in an endpoint',
      hub('type: huggingface, endpoint: "https://h.org/x"'),
      'f.yml:3:38: hubs.mh.endpoint: an endpoint is an origin, without a path, query or fragment',
    ],
    [
      'a short name as id',
      'version: 1\nhubs:\n  hf: {}\n',
      'f.yml:3:3: hubs.hf: is only the short name of huggingface: write that',
    ],
    [
      '__proto__ as id',
      'version: 1\nhubs:\n  __proto__: { type: huggingface, endpoint: https://h.org }\n',
      'f.yml:3:3: hubs.__proto__: expected 1 to 32 lower-case letters, digits and dashes, a letter or digit first',
    ],
    [
      'another type of a built-in hub',
      'version: 1\nhubs:\n  huggingface: { type: modelscope }\n',
      'f.yml:3:24: hubs.huggingface.type: huggingface is a built-in hub of type huggingface: give a hub of another type another id',
    ],
    ['an alias of itself', 'a: &a [*a]\n', 'f.yml:1:1: an alias holds itself'],
    ['an empty file', '', 'f.yml:1:1: expected a section of keys, got nothing'],
    [
      'a tag',
      'version: !!js/function 1\n',
      'f.yml:1:10: not YAML: Unresolved tag: tag:yaml.org,2002:js/function (put text that begins with * or ! into quotes)',
    ],
  ])('%s', (_, text, message) => {
    expect(mistakes(text)).toContain(message)
  })

  it('tells all at once, in the order of the file', () => {
    const text = `version: 1
hubs:
  mh: { type: huggingface }
defaults: { bandwith: 5MB/s }
rules:
  - { name: a, from: "hf:o", to: "ms:p" }
  - { name: a, from: "hff:o", to: "ms:p", gated: maybe }
`
    expect(mistakes(text)).toEqual([
      'f.yml:3:7: hubs.mh.endpoint: is missing',
      'f.yml:4:13: defaults.bandwith: unknown key; did you mean "bandwidth"?',
      'f.yml:7:13: rules[1].name: rules[0] has this name already',
      'f.yml:7:22: rules[1].from: "hff:o": unknown hub "hff"; did you mean "hf"?',
      'f.yml:7:50: rules[1].gated: expected skip, fail, private, got "maybe"',
    ])
  })

  it('asks for quotes around a glob, at its line and by its key', () => {
    const text = `version: 1
rules:
  - name: a
    requires: *.safetensors
    repos: { include: [a, *-GGUF] }
    files: { exclude: [!x] }
`
    const rule = 'put text that begins with * or ! into quotes'
    expect(mistakes(text)).toEqual([
      `f.yml:4:15: rules[0].requires: ${rule}: "*.safetensors"`,
      `f.yml:5:27: rules[0].repos.include[1]: ${rule}: "*-GGUF"`,
      `f.yml:6:24: not YAML: Unresolved tag: !x (${rule})`,
    ])
    expect(mistakes('rules: *')).toEqual([`f.yml:1:8: not YAML: Alias cannot be an empty string (${rule})`])
    expect(mistakes(`a: [${'[*x],'.repeat(100_000)}]`)).toHaveLength(20)
  })

  it('caps size, aliases and depth', () => {
    expect(mistakes(`version: 1 # ${'x'.repeat(1_000_001)}`)).toEqual(['f.yml: is larger than 1000000 bytes'])
    const ten = (name: string) => `[${Array(10).fill(`*${name}`).join(',')}]`
    const bomb = `a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b ${ten('a')}\nc: &c ${ten('b')}\nd: &d ${ten('c')}\ne: ${ten('d')}\n`
    expect(mistakes(bomb)).toEqual(['f.yml:1:1: has too many aliases'])
    expect(mistakes('['.repeat(100_000))[0]).toMatch(/^f\.yml:1:\d+: (is nested too deeply|not YAML)/)
  })

  it('puts values in the place of variables once, and never reads them as YAML', () => {
    const tricky = hub('type: huggingface, endpoint: https://h.org, username: "$' + '{TRICKY}"')
    expect(mistakes(tricky)).toEqual([
      'f.yml:3:63: hubs.mh.username: expected a user name without spaces and colons',
    ])
    const document = loadConfig(
      hub('type: huggingface, endpoint: https://h.org, token: "$' + '{MODELSCOPE_TOKEN}"'),
      'f.yml',
      env,
    )
    expect(document.hubs.get('mh')?.token?.reveal()).toBe('secret-token-value')
    expect(document.hubs.get('mh')?.written['insecure-http']).toBeUndefined()
  })
})
