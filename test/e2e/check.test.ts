import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkCommand } from '../../src/commands/check.ts'
import type { RunOptions } from '../../src/commands/options.ts'
import type { Context } from '../../src/context.ts'
import type { Check } from '../../src/model/check.ts'
import type { CheckValue } from '../../src/report/check-text.ts'
import type { LoggedRequest } from '../stand-ins/core/stand-in.ts'
import { type AllHubs, hubIds, startAllHubs } from './all-hubs.ts'
import { defaultOptions, type Harness, refusal } from './harness.ts'

let all: AllHubs
let harness: Harness
let hubs: AllHubs['hubs']
beforeAll(async () => {
  all = await startAllHubs()
  ;({ harness, hubs } = all)
  for (const id of hubIds)
    await hubs[id].seed({ type: 'model', owner: 'my-org', name: 'there', files: { 'config.json': '{}' } })
})
afterAll(() => all.close())

interface Checked {
  readonly exitStatus: number
  readonly text: string
  readonly value: CheckValue
  /** Kind and status of every line about a hub, and its text. */
  about(hub: string): Partial<Record<Check['check'], Check>>
}

/** Git asks for what it reads by POST, and ModelScope lists an owner's models by PUT. */
function isNoReading({ method, path }: LoggedRequest): boolean {
  if (method === 'PUT' && path === '/api/v1/models/') return false
  return method !== 'GET' && method !== 'HEAD' && !path.endsWith('/git-upload-pack')
}

/** Runs `check`, and sees to it that nothing was sent that writes, and that no token stands in what it says. */
async function check(
  options: Partial<RunOptions>,
  env: Record<string, string> = {},
  changes: Partial<Context> = {},
): Promise<Checked> {
  for (const id of hubIds) hubs[id].requests.length = 0
  const given = { ...harness.env, ...env }
  const context = { ...(await harness.context()), ...changes }
  const { exitStatus, text, json } = await checkCommand(context, { ...defaultOptions, ...options }, given)
  for (const id of hubIds) expect(hubs[id].requests.filter(isNoReading)).toEqual([])
  for (const [name, value] of Object.entries(given))
    if (name.includes('TOKEN') && value !== '') expect(`${text}${JSON.stringify(json)}`).not.toContain(value)
  expect(json).toMatchObject({ version: 1, ok: exitStatus === 0 })
  const value = json as CheckValue
  const about = (hub: string) =>
    Object.fromEntries(value.checks.filter((one) => one.hub === hub).map((one) => [one.check, one]))
  return { exitStatus, text, value, about }
}

/** A configuration with every stand-in and one rule. */
async function config(from: string, to: string, token: 'token' | 'readToken' | 'wrong' = 'token', more = '') {
  const env: Record<string, string> = {}
  const settings = hubIds.map((id) => {
    env[`TOKEN_OF_${id.toUpperCase()}`] = token === 'wrong' ? 'no-such-token-0123' : hubs[id][token]
    const type = id === 'git' ? 'type: git, ' : ''
    return `  ${id}: { ${type}endpoint: "${hubs[id].endpoint}", token: "\${TOKEN_OF_${id.toUpperCase()}}" }\n`
  })
  const configFile = join(await mkdtemp(join(harness.folder, 'check-')), 'one.yml')
  const rule = `{ name: one, from: "${from}", to: "${to}"${more} }`
  await writeFile(configFile, `version: 1\nhubs:\n${settings.join('')}rules: [${rule}]\n`)
  return [{ configFile }, env] as const
}

describe('a pair that is well', () => {
  it('is told line by line, with the identity, the clock and the quota, and nothing is written', async () => {
    const { exitStatus, text, about, value } = await check({ from: 'hf:my-org/there', to: 'ms:my-org' })
    expect(text).toContain('my-org/there can be read')
    expect(exitStatus).toBe(0)
    expect(about('huggingface')).toMatchObject({
      endpoint: { status: 'ok', text: expect.stringMatching(/^127\.0\.0\.1:\d+ answers in \d+\.\d\d s$/) },
      clock: { status: 'ok' },
      token: { status: 'ok' },
      read: { status: 'ok', owner: 'my-org' },
      rate: { status: 'ok', text: expect.stringMatching(/^\d+ of \d+ requests left, new ones in \d+ s$/) },
    })
    expect(about('modelscope')).toMatchObject({
      token: { status: 'ok', text: `as ${hubs.modelscope.username}` },
      write: { status: 'warn', text: expect.stringContaining('modelscope does not tell') },
    })
    const kinds = value.checks.filter((one) => one.hub === undefined).map((one) => [one.check, one.status])
    expect(kinds.slice(0, 2)).toEqual([
      ['configuration', 'ok'],
      ['git', 'ok'],
    ])
    expect(text.split('\n').at(-2)).toMatch(/^Nothing failed, 1 warning\.$|^Nothing failed, 2 warnings\.$/)
  })

  it.each(hubIds.filter((id) => id !== 'modelscope'))(
    'the right to write is proven on %s where a target is there',
    async (hub) => {
      const { exitStatus, about } = await check(...(await config('modelscope:my-org/there', `${hub}:my-org`)))
      expect(about(hub).write).toMatchObject({ status: 'ok', owner: 'my-org' })
      expect(exitStatus).toBe(0)
    },
  )

  it.each(['modelers', 'gitcode', 'github'] as const)(
    'for a whole owner on %s, some repo of it is asked',
    async (hub) => {
      const { about } = await check(...(await config('huggingface:my-org', `${hub}:my-org`)))
      expect(about(hub).write).toMatchObject({ status: 'ok', text: expect.stringContaining('my-org/there') })
      expect(about('huggingface').read).toMatchObject({ status: 'ok', text: 'my-org can be listed' })
    },
  )

  it('where nothing can be asked, the right to write is said to be unknown', async () => {
    const reader = await check(...(await config('huggingface:my-org', 'github:my-org', 'readToken')))
    expect(reader.about('github').write).toMatchObject({
      status: 'warn',
      text: expect.stringContaining('github:my-org/there takes no push with it, others may'),
    })
    const empty = await check(...(await config('huggingface:my-org', `gitcode:${hubs.gitcode.username}`)))
    expect(empty.about('gitcode').write).toMatchObject({
      status: 'warn',
      text: expect.stringContaining('it belongs there, and no repo is there that could be asked'),
    })
    expect([reader.exitStatus, empty.exitStatus]).toEqual([0, 0])
  })

  it('a rule that only runs when it is named is looked at, too', async () => {
    const { about } = await check(
      ...(await config('huggingface:my-org', 'modelers:my-org', 'token', ', trigger: manual')),
    )
    expect(about('modelers').endpoint?.status).toBe('ok')
  })
})

describe('tokens', () => {
  it.each(hubIds.filter((id) => id !== 'git'))('a wrong one for %s is one line', async (hub) => {
    const from = hub === 'modelscope' ? 'huggingface' : 'modelscope'
    const [options, env] = await config(`${from}:my-org/there`, `${hub}:my-org`, 'wrong')
    const { exitStatus, about } = await check(options, env)
    expect(exitStatus).toBe(1)
    expect(about(hub).token).toMatchObject({ status: 'fail', next: expect.stringMatching(/token/i) })
    expect(about(hub).write).toBeUndefined()
  })

  it.each(['huggingface', 'modelers', 'gitcode', 'github', 'git'] as const)(
    'one for %s that only reads fails for a target that is there',
    async (hub) => {
      const [options, env] = await config('modelscope:my-org/there', `${hub}:my-org`, 'readToken')
      const { exitStatus, about } = await check(options, env)
      expect(exitStatus).toBe(1)
      expect(about(hub).write).toMatchObject({
        status: 'fail',
        next: expect.stringContaining('write permission'),
      })
    },
  )

  it('none at all for a target says which variable to set', async () => {
    const { exitStatus, about } = await check(
      { from: 'hf:my-org/there', to: 'ms:my-org' },
      { MODELSCOPE_TOKEN: '' },
    )
    expect(exitStatus).toBe(1)
    expect(about('modelscope').token).toMatchObject({
      status: 'fail',
      next: expect.stringContaining('MODELSCOPE_TOKEN'),
    })
  })

  it('none for a public source is fine', async () => {
    const { exitStatus, about } = await check({ from: 'hf:my-org/there', to: 'ms:my-org' }, { HF_TOKEN: '' })
    expect(exitStatus).toBe(0)
    expect(about('huggingface').token).toMatchObject({
      status: 'ok',
      text: expect.stringContaining('no token'),
    })
  })
})

describe('owners', () => {
  it('a target owner that the token has no part in fails', async () => {
    const { exitStatus, about } = await check(
      ...(await config('modelscope:my-org/there', 'huggingface:nobody-at-all')),
    )
    expect(exitStatus).toBe(1)
    expect(about('huggingface').write).toMatchObject({
      status: 'fail',
      owner: 'nobody-at-all',
      text: expect.stringContaining('nobody-at-all'),
    })
  })

  it('a source owner without a repo is a warning, and a repo that is not there fails with the nearest name', async () => {
    const { about } = await check({ from: 'hf:nobody-at-all', to: 'ms:my-org' })
    expect(about('huggingface').read).toMatchObject({ status: 'warn', owner: 'nobody-at-all' })
    const named = await check({ from: 'hf:my-org/thera', to: 'ms:my-org' })
    expect(named.exitStatus).toBe(1)
    expect(named.about('huggingface').read).toMatchObject({
      status: 'fail',
      next: expect.stringContaining('my-org/there'),
    })
  })

  it('a repo that is not there is no failure of a two-way rule, which makes it', async () => {
    const ends = ['huggingface:my-org/to-come', 'modelscope:my-org'] as const
    const twoWay = await check(...(await config(...ends, 'token', ', direction: two-way')))
    expect(twoWay.exitStatus).toBe(0)
    for (const hub of ['huggingface', 'modelscope'])
      expect(twoWay.about(hub).read).toMatchObject({ status: 'warn', owner: 'my-org' })
    expect((await check(...(await config(...ends)))).exitStatus).toBe(1)
  })

  it('names that a rule spells out are asked for, and those that are missing counted', async () => {
    const { about } = await check(
      ...(await config(
        'huggingface:my-org',
        'modelscope:my-org',
        'token',
        ', repos: { include: [there, gone] }',
      )),
    )
    expect(about('huggingface').read).toMatchObject({
      status: 'warn',
      text: expect.stringContaining('1 of 2 repos of my-org'),
    })
  })
})

describe('a hub that is not well', () => {
  it('a dead one is one line, and the other is looked at all the same', async () => {
    const server = createTcpServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    server.close()
    await once(server, 'close')
    if (address === null || typeof address === 'string') throw new Error('no port')
    const { exitStatus, value, about } = await check(
      { from: 'hf:my-org/there', to: 'ms:my-org' },
      { MODELSCOPE_ENDPOINT: `http://127.0.0.1:${address.port}` },
    )
    expect(exitStatus).toBe(1)
    expect(value.checks.filter((one) => one.hub === 'modelscope')).toEqual([
      expect.objectContaining({
        check: 'endpoint',
        status: 'fail',
        next: expect.stringContaining('MODELSCOPE_ENDPOINT'),
      }),
    ])
    expect(about('huggingface').read?.status).toBe('ok')
  })

  it('one whose page fails is a warning, and its API is asked all the same', async () => {
    const server = createServer((_, response) => response.writeHead(503).end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const { about } = await check(
      { from: 'hf:my-org/there', to: 'ms:my-org' },
      { MODELSCOPE_ENDPOINT: `http://127.0.0.1:${address.port}` },
    )
    server.close()
    expect(about('modelscope').endpoint).toMatchObject({
      status: 'warn',
      text: expect.stringContaining('503'),
    })
    expect(about('modelscope').token?.status).toBe('fail')
  })

  it.each([
    [3_600_000, 'ahead of'],
    [-3_600_000, 'behind'],
  ])('a clock that is %i ms off is a warning', async (off, word) => {
    const { clock } = await harness.context()
    const skewed = { ...clock, now: () => clock.now() + off }
    const { exitStatus, about } = await check(
      { from: 'hf:my-org/there', to: 'ms:my-org' },
      {},
      { clock: skewed },
    )
    expect(exitStatus).toBe(0)
    expect(about('huggingface').clock).toMatchObject({ status: 'warn', text: expect.stringContaining(word) })
    expect(about('huggingface').clock?.text).toMatch(/ (3599|3600|3598) s /)
  })

  it('a stop is no finding', async () => {
    const stop = new AbortController()
    stop.abort(new Error('stopped by the test'))
    await expect(check({ from: 'hf:my-org', to: 'ms:my-org' }, {}, { signal: stop.signal })).rejects.toThrow()
  })
})

describe('folders, proxies and configuration', () => {
  it('a folder is looked at without reading what lies in it', async () => {
    const source = await mkdtemp(join(harness.folder, 'source-'))
    const good = await check({ repos: [`dir:${source}`], to: `dir:${harness.folder}/backup/{name}` })
    expect([good.exitStatus, good.about('dir')]).toMatchObject([
      0,
      {
        read: { status: 'ok', text: `${source} can be read` },
        write: { status: 'ok', text: expect.stringMatching(/backup can be written, .+ free$/) },
      },
    ])
    const absent = await check({ repos: [`dir:${source}/nothing`], to: 'ms:my-org' })
    expect([absent.exitStatus, absent.about('dir').read?.status]).toEqual([1, 'fail'])
    await writeFile(join(source, 'file'), 'x')
    const below = await check({ repos: ['hf:my-org/there'], to: `dir:${source}/file/backup` })
    expect(below.about('dir').write).toMatchObject({
      status: 'fail',
      text: expect.stringContaining('written'),
    })
    const file = await check({ repos: ['hf:my-org/there'], to: `dir:${source}/file` })
    expect(file.about('dir').write).toMatchObject({
      status: 'fail',
      text: expect.stringContaining('no folder'),
    })
  })

  it('proxies are named by their hosts', async () => {
    const proxy = { https: 'http://user:secret@proxy.example:3128', none: '127.0.0.1' }
    const { text } = await check({ from: 'hf:my-org/there', to: 'ms:my-org' }, {}, { proxy })
    expect(text).toContain('HTTPS_PROXY goes through proxy.example:3128')
    expect(text).not.toContain('secret')
    const wrong = await check(
      { from: 'hf:my-org/there', to: 'ms:my-org' },
      {},
      { proxy: { http: 'nowhere' } },
    )
    expect([wrong.exitStatus, wrong.about('huggingface')]).toEqual([1, {}])
    expect(wrong.text).toContain('HTTP_PROXY is no address → Write HTTP_PROXY as http://HOST:PORT.')
  })

  it('a wrong configuration ends with its errors before anything is asked', async () => {
    const [options, env] = await config('huggingface:my-org', 'modelscope:my-org', 'token', ', gaed: skip')
    const error = await refusal(check(options, env))
    expect([error.code, error.message]).toEqual(['config', expect.stringContaining('gated')])
    expect((await refusal(check({}))).code).toBe('usage')
  })

  it('where names are hidden, none is told', async () => {
    const { text, value } = await check({ from: 'hf:nobody-at-all', to: 'ms:my-org', hideNames: true })
    for (const name of ['nobody-at-all', 'my-org', hubs.modelscope.username]) {
      expect(text).not.toContain(name)
      expect(JSON.stringify(value)).not.toContain(name)
    }
    expect(text).toContain('huggingface read')
  })
})
