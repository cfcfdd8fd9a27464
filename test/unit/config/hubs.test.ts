import { describe, expect, it } from 'vitest'
import { endpointProblem, lfsEndpointProblem } from '../../../src/config/endpoint.ts'
import { resolveHubs } from '../../../src/config/hubs.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { HubSettings } from '../../../src/config/rule.ts'

type Env = Record<string, string>

function settings(id: string, yaml: string, env: Env, files: Env = {}): HubSettings {
  const document = loadConfig(`version: 1\n${yaml}`, 'f.yml', env)
  const hub = resolveHubs(document.hubs, env, (path) => files[path]).get(id)
  if (hub === undefined) throw new Error(`no hub ${id}`)
  return hub
}

const tokenOf = (hub: HubSettings): string | undefined => hub.token?.reveal()
const variable = (name: string): string => `"\${${name}}"`

describe('tokens', () => {
  it.each<[string, string, string, Env, string | undefined]>([
    ['of the environment', 'huggingface', '', { HF_TOKEN: 'hf' }, 'hf'],
    ['trimmed', 'huggingface', '', { HF_TOKEN: ' hf\n' }, 'hf'],
    ['the first of two', 'modelscope', '', { MODELSCOPE_TOKEN: 'a', MODELSCOPE_API_TOKEN: 'b' }, 'a'],
    ['the second of two', 'modelscope', '', { MODELSCOPE_TOKEN: '', MODELSCOPE_API_TOKEN: 'b' }, 'b'],
    [
      'of the international site',
      'modelscope-ai',
      '',
      { MODELSCOPE_TOKEN: 'a', MODELSCOPE_AI_TOKEN: 'c' },
      'c',
    ],
    ['of Modelers', 'modelers', '', { MODELERS_TOKEN: 'mo', HF_TOKEN: 'hf' }, 'mo'],
    ['of GitCode', 'gitcode', '', { GITCODE_TOKEN: 'gc', GITCODE_ENDPOINT: 'http://127.0.0.1:1' }, 'gc'],
    ['of GitHub', 'github', '', { GH_TOKEN: 'gh' }, 'gh'],
    ['never one that the runner made', 'github', '', { GITHUB_TOKEN: 'gh' }, undefined],
    [
      'never of GitHub to another host',
      'github',
      'hubs: { github: { endpoint: "https://ghe.example" } }',
      { GH_TOKEN: 'gh' },
      undefined,
    ],
    [
      'only its own for a host of git',
      'forge',
      `hubs: { forge: { type: git, endpoint: "https://git.example/scm", token: ${variable('OWN')} } }`,
      { GH_TOKEN: 'gh', GIT_TOKEN: 'git', OWN: 'own' },
      'own',
    ],
    [
      'none of the environment for a host of git',
      'forge',
      'hubs: { forge: { type: git, endpoint: "https://github.com" } }',
      { GH_TOKEN: 'gh', GIT_TOKEN: 'git', FORGE_TOKEN: 'f' },
      undefined,
    ],
    ['never of the other site', 'modelscope-ai', '', { MODELSCOPE_TOKEN: 'a' }, undefined],
    [
      'to an origin the environment set',
      'huggingface',
      '',
      { HF_TOKEN: 'hf', HF_ENDPOINT: 'http://127.0.0.1:1' },
      'hf',
    ],
    [
      'never to another endpoint of the file',
      'huggingface',
      'hubs: { huggingface: { endpoint: "https://evil.example" } }',
      { HF_TOKEN: 'hf' },
      undefined,
    ],
    [
      'to the built-in origin written out',
      'huggingface',
      'hubs: { huggingface: { endpoint: "https://huggingface.co/" } }',
      { HF_TOKEN: 'hf' },
      'hf',
    ],
    [
      'to the environment origin written out',
      'huggingface',
      `hubs: { huggingface: { endpoint: ${variable('HF_ENDPOINT')} } }`,
      { HF_TOKEN: 'hf', HF_ENDPOINT: 'https://m.example' },
      'hf',
    ],
    [
      'its own at another endpoint',
      'huggingface',
      `hubs: { huggingface: { endpoint: "https://m.example", token: ${variable('OWN')} } }`,
      { HF_TOKEN: 'hf', OWN: 'own' },
      'own',
    ],
    [
      'never of a built-in hub for one of its type',
      'mh',
      'hubs: { mh: { type: huggingface, endpoint: "https://m.example" } }',
      { HF_TOKEN: 'hf' },
      undefined,
    ],
    [
      'never for one of its type at the built-in origin',
      'mh',
      'hubs: { mh: { type: huggingface, endpoint: "https://huggingface.co" } }',
      { HF_TOKEN: 'hf' },
      undefined,
    ],
  ])('%s', (_, id, yaml, env, token) => {
    expect(tokenOf(settings(id, yaml, env))).toBe(token)
  })

  it.each<[string, Env, string]>([
    ['HF_TOKEN_PATH', { HF_TOKEN_PATH: '/t', HF_HOME: '/h', HOME: '/u' }, '/t'],
    ['HF_HOME', { HF_HOME: '/h', HOME: '/u' }, '/h/token'],
    ['XDG_CACHE_HOME', { XDG_CACHE_HOME: '/x', HOME: '/u' }, '/x/huggingface/token'],
    ['HOME', { HOME: '/u' }, '/u/.cache/huggingface/token'],
  ])('is read from the file of hf auth login by %s', (_, env, path) => {
    expect(tokenOf(settings('huggingface', '', env, { [path]: 'stored\n' }))).toBe('stored')
    expect(tokenOf(settings('huggingface', '', { ...env, HF_TOKEN: 'env' }, { [path]: 'stored' }))).toBe(
      'env',
    )
    const elsewhere = 'hubs: { huggingface: { endpoint: "https://m.example" } }'
    expect(tokenOf(settings('huggingface', elsewhere, env, { [path]: 'stored' }))).toBeUndefined()
  })

  it('is refused when it would break a header line, without being told', () => {
    expect(() => settings('huggingface', '', { HF_TOKEN: 'abc\r\nX-Evil: 1' })).toThrow(
      /^HF_TOKEN: the token holds white space/,
    )
  })

  it('names the variable to set', () => {
    expect(settings('modelscope', '', {}).tokenVariable).toBe('MODELSCOPE_TOKEN')
    expect(
      settings('my-hub', 'hubs: { my-hub: { type: huggingface, endpoint: "https://m.example" } }', {})
        .tokenVariable,
    ).toBe('MY_HUB_TOKEN')
  })
})

describe('endpoints', () => {
  it.each([
    ['https://h.example', false, undefined],
    ['http://127.0.0.1:80', false, undefined],
    ['http://[::1]:80', false, undefined],
    ['http://localhost', false, undefined],
    ['http://127.0.0.1.evil.example', false, 'insecure-http'],
    ['http://10.0.0.1', false, 'insecure-http'],
    ['http://10.0.0.1', true, undefined],
    ['https://u:p@h.example', false, 'user name or token'],
    ['https://h.example/x', false, 'origin'],
    ['https://h.example/?x=1', false, 'origin'],
    ['file:///etc', true, 'https address'],
    ['h.example', false, 'expected an address'],
  ])('%s (insecure-http: %s)', (endpoint, insecure, why) => {
    const problem = endpointProblem(endpoint, insecure)
    if (why === undefined) expect(problem).toBeUndefined()
    else expect(problem).toContain(why)
  })

  it.each([
    ['https://git.example/scm', undefined],
    ['https://git.example/a/b_c/~me/', undefined],
    ['https://git.example/o/n.git', 'not the address of one'],
    ['https://git.example/a//b', 'holds letters'],
    ['https://git.example/a%2fb', 'holds letters'],
    ['https://git.example/a?x=1', 'without a path, query or fragment'],
    ['http://git.example/scm', 'insecure-http'],
  ])('of type git may have a path: %s', (endpoint, why) => {
    const problem = endpointProblem(endpoint, false, 'git')
    if (why === undefined) expect(problem).toBeUndefined()
    else expect(problem).toContain(why)
  })

  it.each([
    ['https://lfs.example', undefined],
    ['https://lfs.example/{owner}/{name}', undefined],
    ['https://lfs.example/api/{owner}-{name}.git/info/lfs/', undefined],
    ['http://127.0.0.1:9/{name}', undefined],
    ['https://{name}.example/', 'in the path only'],
    ['https://lfs.example:{name}/', 'expected an address'],
    ['https:{owner}//x', 'in the path only'],
    ['https:/{owner}/x', 'in the path only'],
    ['https:///{owner}/x', 'in the path only'],
    ['https://lfs.example\\{owner}', 'in the path only'],
    ['https://lfs.example/{Name}', 'only {owner} and {name}'],
    ['https://u:p@lfs.example/', 'user name or token'],
    ['https://lfs.example/?key=1', 'no query'],
    ['{owner}', 'expected an address'],
    ['/lfs', 'expected an address'],
  ])('of LFS: %s', (template, why) => {
    const problem = lfsEndpointProblem(template, false)
    if (why === undefined) expect(problem).toBeUndefined()
    else expect(problem).toContain(why)
  })

  it('of the environment obey the same rule', () => {
    expect(() => settings('modelscope', '', { MODELSCOPE_ENDPOINT: 'http://10.0.0.1' })).toThrow(
      /^MODELSCOPE_ENDPOINT: plain http/,
    )
    const allowed = settings('modelscope', 'hubs: { modelscope: { insecure-http: true } }', {
      MODELSCOPE_ENDPOINT: 'http://10.0.0.1/',
    })
    expect(allowed.endpoint).toBe('http://10.0.0.1')
  })
})

it('carries over what a hub may be told', () => {
  const yaml = `hubs:
  mh:
    { type: modelscope, endpoint: "https://m.example/", username: bot, rate-limit: 300/m, concurrency: 2, ca-file: ./ca.pem,
      licenses: { allow: [mit], map: { MIT License: mit } } }`
  const pem = '-----BEGIN CERTIFICATE-----\nx'
  expect(settings('mh', yaml, {}, { './ca.pem': pem })).toMatchObject({
    type: 'modelscope',
    endpoint: 'https://m.example',
    username: 'bot',
    rateLimit: 5,
    concurrency: 2,
    ca: pem,
    insecureHttp: false,
    licenses: { allow: ['mit'], map: { 'MIT License': 'mit' } },
  })
  expect(() => settings('mh', yaml, {})).toThrow('./ca.pem does not exist')
  expect(() => settings('mh', yaml, {}, { './ca.pem': 'nothing' })).toThrow('holds no PEM certificate')
})

it('knows the hubs that need no entry', () => {
  const env = { GITCODE_ENDPOINT: 'http://127.0.0.1:2/', MODELERS_ENDPOINT: 'http://127.0.0.1:1' }
  const hubs = resolveHubs(new Map(), env, () => undefined)
  expect(
    [...hubs.values()].map(({ id, type, endpoint, tokenVariable }) => [id, type, endpoint, tokenVariable]),
  ).toEqual([
    ['huggingface', 'huggingface', 'https://huggingface.co', 'HF_TOKEN'],
    ['modelscope', 'modelscope', 'https://www.modelscope.cn', 'MODELSCOPE_TOKEN'],
    ['modelscope-ai', 'modelscope', 'https://www.modelscope.ai', 'MODELSCOPE_AI_TOKEN'],
    ['modelers', 'modelers', 'http://127.0.0.1:1', 'MODELERS_TOKEN'],
    ['gitcode', 'gitcode', 'http://127.0.0.1:2', 'GITCODE_TOKEN'],
    ['github', 'github', 'https://github.com', 'GH_TOKEN'],
  ])
})

it('carries over what a host of git may be told', () => {
  const yaml = `hubs:
  forge: { type: git, endpoint: "https://git.example/scm/", auth: bearer, lfs-endpoint: "https://lfs.example/{owner}/{name}" }
  plain: { type: git, endpoint: "https://git.example" }`
  expect(settings('forge', yaml, {})).toMatchObject({
    type: 'git',
    endpoint: 'https://git.example/scm',
    auth: 'bearer',
    lfsEndpoint: 'https://lfs.example/{owner}/{name}',
  })
  const plain = settings('plain', yaml, {})
  expect(plain.endpoint).toBe('https://git.example')
  expect(plain).not.toHaveProperty('auth')
  expect(plain).not.toHaveProperty('lfsEndpoint')
})

it('lets a hub take any license where only spellings are given', () => {
  const yaml =
    'hubs: { mh: { type: huggingface, endpoint: "https://m.example", licenses: { map: { MIT License: mit } } } }'
  expect(settings('mh', yaml, {}).licenses).toEqual({ allow: undefined, map: { 'MIT License': 'mit' } })
})
