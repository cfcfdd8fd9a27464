import { afterEach, describe, expect, test } from 'vitest'
import { createGit } from '../../../src/hubs/git/create-git.ts'
import { lacking, type Proof } from '../../../src/lfs/lacking.ts'
import { openLfsObject } from '../../../src/lfs/open-object.ts'
import { relayObject } from '../../../src/lfs/relay.ts'
import type { Range } from '../../../src/model/file.ts'
import { createBandwidth } from '../../../src/net/bandwidth.ts'
import { type PlainGitOptions, type PlainGitStandIn, startPlainGit } from '../../stand-ins/plain-git/index.ts'
import { ways } from '../../stand-ins/plain-git/ways.ts'
import { settingsOf, testContext } from '../hubs/settings.ts'
import { readAll } from '../net/loopback.ts'
import { chunksOf, contentOf, fileOf, objectOf } from './objects.ts'

const content = contentOf(1_200_000)
const object = objectOf(content)
const absent = objectOf(contentOf(7))
const repo = { hub: 'git', type: 'model', owner: 'alice', name: 'tiny' } as const

const hosts: PlainGitStandIn[] = []
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()))
})

/** A host that behaves so, with one empty repo, and the LFS layer as a hub of type git has it. */
async function start(options: PlainGitOptions) {
  const host = await startPlainGit(options)
  hosts.push(host)
  await host.seed({ ...repo, files: {} })
  const forms = new Set(options.credentialForms)
  const username = forms.has('oauth2-token') ? 'oauth2' : host.username
  const token = forms.has('user-password') ? host.password : host.token
  const auth = forms.has('bearer') ? 'bearer' : 'basic'
  const hub = createGit(testContext(), settingsOf('git', host.endpoint, { token, username, auth }))
  const { lfsUrl } = hub.remote(repo)
  const store = { http: hub.http, lfsUrl, profile: hub.profile.lfs, proven: new Map() }
  const send = (bytes: Buffer) =>
    relayObject(testContext(), {
      ...store,
      object,
      open: async (range) => fileOf(chunksOf(bytes, range)),
      onBytes: () => undefined,
      bandwidth: createBandwidth(undefined),
      stallTimeout: 5,
    })
  return {
    host,
    send,
    lacks: (proof: Proof = 'read') => lacking(testContext(), store, [object, absent], proof),
    read: async (range?: Range) => {
      const file = await openLfsObject(store.http, lfsUrl, store.profile, object, range)
      return readAll(file.body)
    },
  }
}

/** What our LFS requests never meet: git itself, wrong tokens, malformed ids, errors without a cause. All are in test/e2e/git-host.test.ts. */
const unmet =
  /^(wrongCredentials|invalidObject|filter|gitProtocol|createOn|newRepo|unservedPath|locks|errorBody)$/
/** The first way of each is how the easy host is. */
const oneByOne = Object.entries(ways)
  .filter(([name]) => !unmet.test(name))
  .flatMap(([name, [, ...values]]) =>
    values.map((value): [string, PlainGitOptions] => [`${name}: ${value}`, { [name]: value }]),
  )
const together: [string, PlainGitOptions][] = [
  ...(ways.actionHeader ?? []).flatMap((actionHeader) =>
    ([401, 403] as const).map((strayAuthorization): [string, PlainGitOptions] => [
      `actionHeader: ${actionHeader}, strayAuthorization: ${strayAuthorization}`,
      { actionHeader, strayAuthorization },
    ]),
  ),
  ['objectHost: other, signed', { objectHost: 'other', actionHeader: 'query', strayAuthorization: 403 }],
  ['objectStore: global, offered again', { objectStore: 'global', storedObject: 'offered-again' }],
  ['nothing special', {}],
]
/** The token in a form that this program does not have, and objects elsewhere that want our credentials. */
const impossible = ['credentialForms: token-as-user', 'credentialForms: token-scheme', 'objectHost: other']

describe('a host of git and LFS with', () => {
  test.each([...oneByOne, ...together].filter(([name]) => !impossible.includes(name)))(
    '%s',
    async (_name, options) => {
      const { host, send, lacks, read } = await start(options)
      const wrong = Buffer.from(content)
      wrong[600_000] = 255 - (wrong[600_000] ?? 0)
      await expect(send(wrong)).rejects.toMatchObject({ code: 'corrupt' })
      expect(await lacks()).toEqual([object, absent])

      host.requests.length = 0
      expect((await send(content)).kind).toBe('sent')
      // The first guess on whose credentials are wanted is right.
      expect(host.requests.filter(({ status }) => (status ?? 0) >= 400)).toEqual([])
      expect(await lacks()).toEqual([absent])
      expect((await read()).equals(content)).toBe(true)
      expect(await read({ start: 1000 })).toEqual(content.subarray(1000))
      expect(await read({ start: 1_100_000, end: 1_100_009 })).toEqual(content.subarray(1_100_000, 1_100_010))
      host.requests.length = 0
      expect(await lacks('told')).toEqual([absent])
      expect(host.requests).toHaveLength(1)
    },
  )

  test.each(oneByOne.concat(together).filter(([name]) => impossible.includes(name)))(
    '%s: refused, and nothing is stored',
    async (_name, options) => {
      const { host, send } = await start(options)
      await expect(send(content)).rejects.toMatchObject({ code: 'unauthorized' })
      const uploads = host.requests.filter(({ method }) => method === 'PUT')
      expect(uploads.filter(({ status }) => status === 200)).toEqual([])
    },
  )
})

test('a first address that is dead already is asked for again', async () => {
  const host = await startPlainGit({ actionHeader: 'query' })
  hosts.push(host)
  const name = 'tiny-fault-expired-url'
  await host.seed({ ...repo, name, files: {} })
  const hub = createGit(testContext(), settingsOf('git', host.endpoint, { token: host.token }))
  const { lfsUrl } = hub.remote({ ...repo, name })
  const relay = {
    proven: new Map(),
    http: hub.http,
    lfsUrl,
    profile: hub.profile.lfs,
    object,
    open: async (range?: Range) => fileOf(chunksOf(content, range)),
    onBytes: () => undefined,
    bandwidth: createBandwidth(undefined),
    stallTimeout: 5,
  }
  expect((await relayObject(testContext(), relay)).kind).toBe('sent')
  expect(await lacking(testContext(), relay, [object], 'read')).toEqual([])
})
