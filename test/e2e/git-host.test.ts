import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ReportItem } from '../../src/model/report.ts'
import type { SeedRepo, StandIn } from '../stand-ins/core/stand-in.ts'
import { type PlainGitOptions, type PlainGitStandIn, startPlainGit } from '../stand-ins/plain-git/index.ts'
import { defaultSettings } from '../stand-ins/plain-git/options.ts'
import { ways } from '../stand-ins/plain-git/ways.ts'
import { bytes, type Harness, onlyItem, startHarness } from './harness.ts'

let hub: Harness
beforeAll(async () => {
  hub = await startHarness()
})
afterAll(() => hub.close())

/** How the token is configured, where not as the password of any user name. */
interface Login {
  readonly auth?: 'bearer'
  readonly username?: string
  readonly password?: true
}

interface Case {
  readonly name: string
  readonly options: PlainGitOptions
  readonly login?: Login
}

/**
 * Every way of every option of the host, in as few hosts as will do: one by one, the LFS part is in test/unit/lfs/plain-git.test.ts.
 */
const hosts: readonly Case[] = [
  { name: 'an easy host', options: { createOn: 'push' } },
  {
    name: 'an old host with a store of all its repos',
    options: {
      createOn: 'push',
      challenge: 'lfs-authenticate',
      credentialForms: ['user-token'],
      actionHeader: 'caller',
      strayAuthorization: 401,
      expiry: 'zero-date',
      transfer: 'absent',
      storedObject: 'offered-again',
      missingObject: 'nested-error',
      invalidObject: 'nested-error',
      emptyRef: 'refused',
      batchContentType: 'application/json',
      strictAccept: true,
      wrongBytes: 500,
      verifyAction: 'size',
      ranges: 'ignored',
      headObject: 405,
      objectStore: 'global',
      filter: false,
      gitProtocol: 1,
      unservedPath: 'web-page',
      locks: 'served',
      errorBody: 'error',
    },
    login: { username: 'alice' },
  },
  {
    name: 'a host that makes repos when asked for them, with storage elsewhere',
    options: {
      createOn: 'info-refs',
      newRepo: 'attributes',
      challenge: 'forbidden-with-challenge',
      credentialForms: ['oauth2-token'],
      actionHeader: 'own-bearer',
      objectHost: 'other',
      strayAuthorization: 403,
      expiry: 'expires-in',
      storedObject: 'download-action',
      missingObject: 'null-actions',
      invalidObject: 'batch-422',
      wrongBytes: 'closed',
      verifyAction: 'none',
      ranges: 'wrong',
      gitProtocol: 0,
      locks: 'refused',
      errorBody: 'empty',
    },
    login: { username: 'oauth2' },
  },
  {
    name: 'a host with bearer tokens, and others in the queries of its objects',
    options: {
      createOn: 'push',
      challenge: 'forbidden',
      credentialForms: ['bearer'],
      actionHeader: 'query',
      strayAuthorization: 401,
      expiry: 'early',
      storedObject: 'null-actions',
      missingObject: 'whole-batch',
      invalidObject: 'batch-400',
      wrongBytes: 'kept',
      errorBody: 'html',
    },
    login: { auth: 'bearer' },
  },
  {
    name: 'a host with passwords, that keeps what is wrong',
    options: {
      createOn: 'info-refs',
      credentialForms: ['user-password'],
      actionHeader: 'null',
      strayAuthorization: 403,
      expiredStatus: 401,
      invalidObject: 'offered',
      wrongBytes: 'kept-for-ever',
      errorBody: 'text',
    },
    login: { username: 'alice', password: true },
  },
]

describe('from Hugging Face into a git host, and out of it again to ModelScope', () => {
  it.each(hosts)('$name', async ({ options, login }) => {
    await withHost(options, login, async (host, run) => {
      const name = await seedSource()
      const into = { repos: [`Qwen/${name}`], from: 'hf', to: 'plain:alice', type: 'model' } as const
      expect(await run(into)).toMatchObject({ outcome: 'synced', files: { mismatch: 0, unverifiable: 0 } })
      const source = await contents(hub.hf, { owner: 'Qwen', name })
      expect(await contents(host, { owner: 'alice', name })).toEqual(source)

      const outOf = { repos: [`alice/${name}`], from: 'plain', to: 'ms:my-org', type: 'model' } as const
      const back = await run(outOf)
      expect(back).toMatchObject({ outcome: 'synced', files: { mismatch: 0, unverifiable: 0 } })
      expect(back.bytes.moved).toBeGreaterThan(300_000)
      expect(await contents(hub.ms, { owner: 'my-org', name })).toEqual(source)

      host.requests.length = 0
      for (const again of [into, outOf])
        expect(await run(again)).toMatchObject({ outcome: 'unchanged', bytes: { moved: 0 } })
      const writing = host.requests.filter(
        ({ method, path }) => method === 'PUT' || path.endsWith('receive-pack'),
      )
      expect(writing).toEqual([])
    })
  })

  it('tries every way of every option', () => {
    const all: PlainGitOptions[] = [...hosts, ...refusals].map(({ options }) => ({
      ...defaultSettings,
      ...options,
    }))
    const tried = new Set(
      all.flatMap((options) => Object.entries(options).map(([name, way]) => `${name}: ${way}`)),
    )
    const wanted = Object.entries(ways).flatMap(([name, values]) => values.map((way) => `${name}: ${way}`))
    expect(wanted.filter((way) => !tried.has(way))).toEqual([])
  })
})

interface Refusal extends Case {
  /** Done to the host before the run. */
  readonly before?: (host: PlainGitStandIn, name: string) => Promise<void>
  readonly token?: string
  /** In the name of the repo: a fault of both hosts, or `large`. */
  readonly fault?: string
  /** The target is not there before. */
  readonly isNew?: true
  readonly error: { readonly code: string; readonly says: RegExp }
}

const wrongToken = [401, 403, 500].map(
  (status): Refusal => ({
    name: `a wrong token, answered with ${status}`,
    options: { wrongCredentials: status as 401, errorBody: status === 403 ? 'empty' : 'text' },
    token: 'pg-of-somebody-else',
    error:
      status === 500
        ? { code: 'unavailable', says: /500/ }
        : { code: status === 401 ? 'unauthorized' : 'forbidden', says: /40[13]|token|denied|credentials/i },
  }),
)

const refusals: readonly Refusal[] = [
  ...wrongToken,
  {
    name: 'a form of credentials that this program does not have (Authorization: Token)',
    options: { credentialForms: ['token-scheme'] },
    error: { code: 'unauthorized', says: /./ },
  },
  {
    name: 'a token that is wanted as the user name',
    options: { credentialForms: ['token-as-user'] },
    error: { code: 'unauthorized', says: /./ },
  },
  {
    name: 'a host that makes no repos',
    options: { createOn: 'never' },
    isNew: true,
    error: { code: 'unsupported', says: /does not exist/ },
  },
  {
    name: 'addresses that are dead at once',
    options: { actionHeader: 'query', expiry: 'early', urlLifetime: 0 },
    error: { code: 'forbidden', says: /expired/ },
  },
  {
    name: 'addresses that are dead at once, with 401',
    options: { actionHeader: 'null', expiry: 'expires-in', urlLifetime: 0, expiredStatus: 401 },
    error: { code: 'unauthorized', says: /expired/ },
  },
  {
    name: 'wrong bytes of somebody else under the id of the object, for ever',
    options: { wrongBytes: 'kept-for-ever' },
    before: putWrongBytes,
    error: { code: 'object-missing', says: /took the upload/ },
  },
  {
    name: 'wrong bytes in the middle of a large object, for ever',
    options: { wrongBytes: 'kept-for-ever', verifyAction: 'size' },
    fault: 'large',
    before: putWrongBytes,
    error: { code: 'object-missing', says: /took the upload/ },
  },
  {
    name: 'wrong bytes of somebody else, and a host that wants no others',
    options: { wrongBytes: 'kept' },
    before: putWrongBytes,
    error: { code: 'object-missing', says: /took the upload/ },
  },
  {
    name: 'uploads that are lost',
    options: {},
    fault: 'fault-lost-object',
    error: { code: 'object-missing', says: /took the upload/ },
  },
  {
    name: 'a source whose bytes are wrong, and a host that would keep them',
    options: { wrongBytes: 'kept' },
    fault: 'fault-corrupt',
    error: { code: 'corrupt', says: /SHA-256/ },
  },
]

describe('a git host that cannot be the target', () => {
  it.each(refusals)('$name', async ({ options, login, before, token, fault, isNew, error }) => {
    await withHost(
      options,
      login,
      async (host, run) => {
        const name = await seedSource(fault)
        const target = { type: 'model', owner: 'alice', name } as const
        const head = isNew ? undefined : await host.seed({ ...target, files: { 'README.md': '# Old\n' } })
        await before?.(host, name)
        const item = await run({ repos: [`Qwen/${name}`], from: 'hf', to: 'plain:alice', type: 'model' })
        expect(['failed', 'blocked']).toContain(item.outcome)
        expect(item.error ?? item.reason).toMatchObject({ code: error.code })
        expect(JSON.stringify(item.error ?? item.reason)).toMatch(error.says)
        expect(await host.head(target)).toBe(head)
      },
      token,
    )
  })

  it('puts right what is wrong in its store, where the host lets it', async () => {
    await withHost({ wrongBytes: 'kept', storedObject: 'offered-again' }, {}, async (host, run) => {
      const name = await seedSource()
      await host.seed({ type: 'model', owner: 'alice', name, files: { 'README.md': '# Old\n' } })
      await putWrongBytes(host, name)
      const given = { repos: [`Qwen/${name}`], from: 'hf', to: 'plain:alice', type: 'model' } as const
      expect(await run(given)).toMatchObject({ outcome: 'synced', files: { mismatch: 0, unverifiable: 0 } })
      const source = await contents(hub.hf, { owner: 'Qwen', name })
      expect(await contents(host, { owner: 'alice', name })).toEqual(source)
    })
  })
})

/** The bytes of the object but for one in the middle. */
async function putWrongBytes(host: PlainGitStandIn, name: string): Promise<void> {
  const files = await hub.hf.files({ type: 'model', owner: 'Qwen', name })
  const object = files.get('model.safetensors')
  const wrong = Buffer.from(object?.content ?? '')
  wrong[wrong.length / 2] = 255 - (wrong[wrong.length / 2] ?? 0)
  const url = `${host.gitUrl({ owner: 'alice', name })}/info/lfs/objects/${object?.sha256}/${wrong.length}`
  const authorization = `Basic ${Buffer.from(`alice:${host.token}`).toString('base64')}`
  const answer = await fetch(url, { method: 'PUT', headers: { authorization }, body: wrong })
  expect(answer.status).toBe(200)
}

async function withHost(
  options: PlainGitOptions,
  login: Login = {},
  act: (
    host: PlainGitStandIn,
    run: (given: Parameters<Harness['run']>[0]) => Promise<ReportItem>,
  ) => Promise<void>,
  token?: string,
): Promise<void> {
  const host = await startPlainGit(options)
  try {
    const configFile = join(hub.folder, `${new URL(host.endpoint).port}.yaml`)
    const { password, ...keys } = login
    const plain = { type: 'git', endpoint: host.endpoint, token: '$' + '{PLAIN_TOKEN}', ...keys }
    await writeFile(configFile, JSON.stringify({ version: 1, hubs: { plain } }))
    const PLAIN_TOKEN = token ?? (password ? host.password : host.token)
    await act(host, async (given) =>
      onlyItem((await hub.run({ ...given, configFile }, { PLAIN_TOKEN })).report),
    )
  } finally {
    await host.close()
  }
}

let seeded = 0

/** A repo of its own on Hugging Face: an object that no store has yet. */
async function seedSource(suffix = ''): Promise<string> {
  seeded += 1
  const name = `tiny-${seeded}${suffix}`
  await hub.hf.seed({
    type: 'model',
    owner: 'Qwen',
    name,
    files: filesOf(seeded, suffix === 'large' ? 2_600_000 : 300_000),
  })
  return name
}

function filesOf(seed: number, size: number): SeedRepo['files'] {
  return {
    'README.md': '---\nlicense: apache-2.0\n---\n# Tiny\n',
    'über space/naïve 模型 #1%.txt': 'awkward\n',
    'model.safetensors': { lfs: bytes(size, seed) },
  }
}

async function contents(at: StandIn, repo: { owner: string; name: string }): Promise<Record<string, string>> {
  const files = await at.files({ type: 'model', ...repo })
  return Object.fromEntries(
    [...files]
      .filter(([path]) => path !== '.gitattributes')
      .map(([path, file]) => [path, `${file.lfs} ${file.sha256}`]),
  )
}
