import { describe, expect, it } from 'vitest'
import { createHub } from '../../../src/hubs/index.ts'
import { startHuggingFace } from '../../stand-ins/huggingface/index.ts'
import type { Reply } from './fake-http.ts'
import { at, endpoint, hubAt, hubWith, info, model, sha } from './huggingface-hub.ts'
import { collect, failureOf, settingsOf, testContext } from './settings.ts'

describe('a plain 404 for a repo', () => {
  const advertisement = { headers: { 'content-type': 'application/x-git-upload-pack-advertisement' } }
  type Answers = { readonly git?: Reply; readonly list?: Reply }
  const asked = (answers: Answers, hasToken = true) =>
    hubWith((url) => {
      if (url.pathname.endsWith('/info/refs')) return answers.git ?? { status: 404 }
      if (url.pathname === '/api/models') return answers.list ?? { status: 404 }
      return { status: 404 }
    }, hasToken)

  it('is absence where a listing shows that the server speaks this API, and git does not serve the repo', async () => {
    expect(await asked({ list: { json: [] } }).hub.findRepo(model)).toBeUndefined()
    expect(await asked({ list: { json: [] }, git: { status: 401 } }).hub.findRepo(model)).toBeUndefined()
    expect(await asked({ list: { json: [] } }).hub.resolveRevision?.(model, 'main')).toBeUndefined()
    expect(await asked({ list: { json: [] } }).hub.history?.(model, 'main', 5)).toEqual([])
  })

  it('says nothing to somebody without a token', async () => {
    const error = await failureOf(asked({ list: { json: [] } }, false).hub.findRepo(model), 'unauthorized')
    expect(error.next).toContain('HUB_TOKEN')
  })

  it.each<[Answers]>([[{}], [{ list: { json: { error: 'no' } } }], [{ list: { status: 401 } }]])(
    'says nothing where no listing is to be had: %j',
    async (answers) => {
      await failureOf(asked(answers).hub.findRepo(model), 'not-found')
    },
  )

  it('is a missing route where git serves the repo; only reading is asked for', async () => {
    const { hub, requests } = asked({ git: advertisement, list: { json: [] } })
    await failureOf(hub.findRepo(model), 'unsupported')
    const git = requests.find((request) => request.purpose === 'git')
    expect(`${git?.url}`).toBe(`${endpoint}/Qwen/Qwen3-0.6B/info/refs?service=git-upload-pack`)
  })
})

describe('who may read it, where the answer leaves it out', () => {
  const advertisement = { headers: { 'content-type': 'application/x-git-upload-pack-advertisement' } }
  const seen = (given: object, stranger: { readonly api: Reply; readonly git: Reply }, hasToken = true) =>
    hubAt(
      'https://models.example',
      ({ url, purpose }) => {
        if (purpose !== 'signed') return { json: given }
        return new URL(url).pathname.endsWith('/info/refs') ? stranger.git : stranger.api
      },
      hasToken,
    ).hub.findRepo(model)
  const { private: _private, ...noPrivate } = info
  const { gated: _gated, ...noGated } = info
  const { gated: _neither, ...nothing } = noPrivate
  const open = { api: { json: info }, git: advertisement }
  const shut = { api: { status: 401 }, git: { status: 401 } }
  const gate = { api: { json: info }, git: { status: 401 } }
  const onlyGit = { api: { status: 401 }, git: advertisement }

  it.each([
    ['no private, strangers see it', noPrivate, open, 'public', false],
    ['no private, strangers do not', noPrivate, shut, 'private', false],
    ['no private, strangers see it by git only', noPrivate, onlyGit, 'public', false],
    ['private is null', { ...info, private: null }, shut, 'private', false],
    ['no gated, strangers read it', noGated, open, 'public', false],
    ['no gated, strangers see it and cannot read', noGated, gate, 'internal', false],
    ['no gated and private', { ...noGated, private: true }, open, 'private', false],
    ['neither, open', nothing, open, 'public', false],
    ['neither, shut', nothing, shut, 'private', false],
    ['neither, behind a gate', nothing, gate, 'internal', false],
    ['both are told', { ...info, gated: 'auto' }, shut, 'public', true],
  ] as const)('%s', async (_name, given, stranger, visibility, gated) => {
    expect(await seen(given, stranger)).toMatchObject({ visibility, gated })
  })

  it('is open to a stranger who is told of it', async () => {
    expect(await seen(noPrivate, shut, false)).toMatchObject({ visibility: 'public' })
  })
})

describe('a listing of another server', () => {
  const listing = (json: unknown) => collect(hubWith(() => ({ json })).hub.listFiles?.(at))

  it('may name folders without their path, and leave ids and sizes out', async () => {
    const json = [
      { type: 'directory', path: '', oid: null },
      { type: 'file', path: 'a/b.txt', oid: null, size: null, lfs: null },
    ]
    expect(await listing(json)).toEqual([{ path: 'a/b.txt', storage: 'git', digests: {} }])
  })

  it('is cut where a folder has nothing in it, which git knows not', async () => {
    const folder = { type: 'directory', path: 'a/b', oid: sha }
    const file = { type: 'file', path: 'a/c.txt', oid: sha, size: 1 }
    await failureOf(listing([folder, file]), 'listing-cut')
    expect(await listing([folder, { ...file, path: 'a/b/c.txt' }])).toHaveLength(1)
  })

  it.each([404, 405, 501])(
    'is left to git where it is answered %i, and the repo is there',
    async (status) => {
      const there = hubWith((url) => (url.pathname.includes('/tree/') ? { status } : { json: info }))
      await failureOf(collect(there.hub.listFiles?.(at)), 'unsupported')
      const absent = { status: 404, headers: { 'x-error-code': 'RepoNotFound' } }
      const gone = hubWith((url) => (url.pathname.includes('/tree/') ? { status } : absent))
      await failureOf(collect(gone.hub.listFiles?.(at)), 'not-found')
    },
  )

  it.each([401, 403])('is not left to git where the hub says %i of the repo', async (status) => {
    const closed = hubWith((url) => (url.pathname.includes('/tree/') ? { status: 404 } : { status }))
    await failureOf(collect(closed.hub.listFiles?.(at)), status === 401 ? 'unauthorized' : 'forbidden')
  })
})

describe('a commit that a server has no route for', () => {
  const commit = { branch: 'main', parent: sha, title: 'Sync', trailers: [], changes: [] }
  const committing = (answer: Reply, repo: Reply) =>
    failureOf(
      Promise.resolve(
        hubWith((url) => (url.pathname.includes('/commit/') ? answer : repo)).hub.commit?.(model, commit),
      ),
    )

  it.each<[string, Reply, Reply, string]>([
    ['of a repo that is shown', { status: 404 }, { json: info }, 'unsupported'],
    ['by its method', { status: 405 }, { json: info }, 'unsupported'],
    [
      'of a repo that is absent',
      { status: 404 },
      { status: 404, headers: { 'x-error-code': 'RepoNotFound' } },
      'not-found',
    ],
    ['with a bad token', { status: 404 }, { status: 401 }, 'unauthorized'],
    [
      'is not what the hub says of a file',
      { status: 404, headers: { 'x-error-code': 'EntryNotFound' } },
      { json: info },
      'not-found',
    ],
  ])('%s', async (_name, answer, repo, code) => {
    expect((await committing(answer, repo)).code).toBe(code)
  })
})

describe('listRepos', () => {
  it('leaves out what was not asked for', async () => {
    const json = [{ id: 'Qwen/a', sha }, { id: 'gpt2' }, { id: 'other/b' }, { id: 'qwen/c', sha: 'v1' }]
    const rows = await collect(hubWith(() => ({ json })).hub.listRepos?.('Qwen', 'model'))
    expect(rows.map(({ ref, head }) => [ref.name, head])).toEqual([
      ['a', sha],
      ['c', undefined],
    ])
  })

  it('says that there is no listing', async () => {
    await failureOf(collect(hubWith(() => ({ status: 404 })).hub.listRepos?.('Qwen', 'model')), 'unsupported')
  })
})

describe('create on another server', () => {
  it('says private in both ways, and in one on the hub itself', async () => {
    const sent = async (origin: string) => {
      const { hub, requests } = hubAt(origin, ({ url }) =>
        new URL(url).pathname === '/api/repos/create' ? {} : { json: { ...info, private: true } },
      )
      await hub.createRepo?.(model, { visibility: 'private' })
      return requests[0]?.json
    }
    const asked = { name: model.name, organization: model.owner, type: 'model', visibility: 'private' }
    expect(await sent('https://models.example')).toEqual({ ...asked, private: true })
    expect(await sent(endpoint)).toEqual(asked)
  })
})

describe('create on a server where the owner decides who sees a repo', () => {
  it('takes what is there only if it is what was asked for, and names what stays', async () => {
    const standIn = await startHuggingFace({ compatible: true, privateOwners: ['my-org'] })
    try {
      const { endpoint: origin, token } = standIn
      const hub = createHub(testContext(), settingsOf('huggingface', origin, { token }))
      const inOrg = { ...model, owner: 'my-org' }
      for (const _again of [1, 2]) {
        expect(await hub.createRepo?.(inOrg, { visibility: 'private' })).toMatchObject({
          visibility: 'private',
        })
      }
      const own = { ...model, owner: standIn.username }
      const leak = await failureOf(Promise.resolve(hub.createRepo?.(own, { visibility: 'private' })), 'leak')
      expect(leak.message).toContain(`${own.owner}/${own.name} is public`)
      expect(leak.next).toContain(`${origin}/${own.owner}/${own.name}`)
    } finally {
      await standIn.close()
    }
  })
})

describe('whoAmI of another server', () => {
  it.each<[Reply]>([[{ status: 404 }], [{ status: 501 }], [{ json: { user: 'alice' } }]])(
    '%j tells nothing',
    async (reply) => {
      await failureOf(Promise.resolve(hubWith(() => reply).hub.whoAmI?.()), 'unsupported')
    },
  )
})
