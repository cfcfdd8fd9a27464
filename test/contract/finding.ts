import { describe, expect, it } from 'vitest'
import type { RepoSummary, RepoType } from '../../src/model/repo.ts'
import { discover } from '../../src/planning/discover.ts'
import { failureOf } from '../unit/hubs/settings.ts'
import { bring, outcomeOf, ruleBetween } from './bring.ts'
import { type Part, variantsFor } from './describe-hub.ts'
import { fastPaths, type RunningHub } from './harness.ts'
import { memoryRepo } from './memory-repo.ts'

const one = { 'x.txt': Buffer.from('x') }

/** Which repos there are, what is said of them, and how they come to be. */
export function describeFinding(part: Part): void {
  it('has the ways that its harness says', () => {
    const hub = part.hub().hub()
    if (hub !== undefined && part.harness.optional.length > 0)
      expect(fastPaths.filter((path) => hub[path] !== undefined)).toEqual(part.harness.optional)
  })
  describe.each<RepoType>(['model', 'dataset'])('a %s', (type) => {
    describeInfo(part, type)
    describeCreation(part, type)
  })
  describeAccount(part)
  describeNames(part)
}

function describeInfo(part: Part, type: RepoType): void {
  const { harness, hub } = part
  const variants = variantsFor(part, type)
  it.each(variants)('that is absent is known to be absent: $title', async ({ missing }) => {
    const repo = hub().repo(type, 'not-there', 'writer', missing)
    expect([await repo.info(), await repo.head('main')]).toEqual([undefined, undefined])
  })

  it.each(variants)('that is there says what it is: $title', async ({ missing }) => {
    const commit = await hub().seed(type, `${type}-public`, one)
    const repo = hub().repo(type, `${type}-public`, 'writer', missing)
    const info = await repo.info()
    const visibility = harness.hidden === 'open' ? 'private' : 'public'
    expect(info).toMatchObject({ ref: repo.ref, visibility, gated: false })
    expect(await repo.head(info?.defaultBranch ?? '')).toBe(commit)
    expect(await repo.head('no-such-branch')).toBeUndefined()
  })

  it.each(variants)('that is private is neither public nor shown to others: $title', async ({ missing }) => {
    await hub().seed(type, `${type}-private`, one, { private: true })
    const info = await hub().repo(type, `${type}-private`, 'writer', missing).info()
    expect(info?.visibility).toBe('private')
    if (harness.hidden === 'open') return
    const asked = hub().repo(type, `${type}-private`, 'nobody', missing).info()
    // Git alone is told the same of what is hidden and of what is not there.
    if (harness.hidden === 'absent' && !missing.includes('findRepo')) expect(await asked).toBeUndefined()
    else expect(['unauthorized', 'forbidden', 'gated']).toContain((await failureOf(asked)).code)
  })

  if (harness.gates) {
    it('that is gated says so', async () => {
      await hub().seed(type, `${type}-gated`, one, { gated: true })
      expect(await hub().repo(type, `${type}-gated`).info()).toMatchObject({ gated: true })
    })
  }
}

function describeCreation({ harness, hub }: Part, type: RepoType): void {
  it('is created once, however often it is asked for', async () => {
    const repo = hub().repo(type, `${type}-new`)
    const first = await repo.createIfAbsent({ visibility: 'public' })
    expect(await repo.createIfAbsent({ visibility: 'public' })).toEqual(first)
    expect(await repo.info()).toEqual(first)
    expect(repo.creation).toBe(harness.creation)
  })

  it('is created private, or not at all', async () => {
    const repo = hub().repo(type, `${type}-new-private`)
    const creating = repo.createIfAbsent({ visibility: 'private' })
    if (harness.creation === 'exact') expect((await creating).visibility).toBe('private')
    else await failureOf(creating, 'unsupported')
    if (harness.hidden === 'open') return
    expect(await isSeen(hub(), type, `${type}-new-private`)).toBe(false)
  })

  it('is not taken for another visibility than was asked for', async () => {
    const { createRepo } = hub().hub() ?? {}
    if (createRepo === undefined) return
    for (const [there, wanted, code] of [
      ['public', 'private', 'leak'],
      ['private', 'public', 'refused'],
    ] as const) {
      const { ref } = hub().repo(type, `${type}-is-${there}`)
      expect((await createRepo(ref, { visibility: there })).visibility).toBe(there)
      await failureOf(createRepo(ref, { visibility: wanted }), code)
    }
  })

  it('without files is an empty source, and a target like any other', async () => {
    const name = `${type}-empty`
    await hub().repo(type, name).createIfAbsent({ visibility: 'public' })
    const { context } = hub()
    const elsewhere = memoryRepo(context, type, 'of-empty', {})
    expect(outcomeOf(await bring(context, hub().repo(type, name), elsewhere))).toMatch(/^skipped: /)
    const source = memoryRepo(context, type, 'filled', one)
    expect(outcomeOf(await bring(context, source, hub().repo(type, name)))).toBe('synced')
    expect(outcomeOf(await bring(context, source, hub().repo(type, name)))).toBe('unchanged')
    expect((await hub().kept(type, name)).get('x.txt')?.size).toBe(1)
  })
}

async function isSeen(hub: RunningHub, type: RepoType, name: string): Promise<boolean> {
  try {
    return (await hub.repo(type, name, 'nobody').info()) !== undefined
  } catch {
    // Nobody is told of it: that is what is asked here.
    return false
  }
}

function describeAccount({ harness, hub }: Part): void {
  it('knows who its token belongs to, and that none is none', async () => {
    const [writer, nobody] = [hub().hub(), hub().hub('nobody')]
    if (writer?.whoAmI === undefined || nobody?.whoAmI === undefined) return
    expect((await writer.whoAmI()).username).toBe('alice')
    await failureOf(nobody.whoAmI(), 'unauthorized')
  })

  it('says so where an owner cannot be listed', async () => {
    const repo = hub().repo('model', 'x')
    const { hub: id, owner, type } = repo.ref
    const rule = { ...ruleBetween(repo, repo), from: { hub: id, owner, type, name: undefined } }
    const blind = { id, profile: repo.profile, findRepo: async () => undefined }
    await failureOf(
      discover(rule, blind, () => false),
      'unsupported',
    )
  })

  if (harness.listed === 0) {
    it('lists no owner', () => expect(hub().hub()?.listRepos).toBeUndefined())
    return
  }
  it('lists all repos of an owner over more than one page, each once', async () => {
    const names = Array.from({ length: harness.listed }, (_, n) => `listed-${n}`)
    for (let from = 0; from < names.length; from += 8)
      await Promise.all(
        names.slice(from, from + 8).map((name) => hub().seed('model', name, { 'x.bin': Buffer.from(name) })),
      )
    const rows: RepoSummary[] = []
    const { owner } = hub().repo('model', 'x').ref
    for await (const row of hub().hub()?.listRepos?.(owner, 'model') ?? []) rows.push(row)
    const listed = rows.map((row) => row.ref.name).filter((name) => name.startsWith('listed-'))
    expect(listed.sort()).toEqual(names.sort())
    expect(rows.every((row) => row.ref.type === 'model')).toBe(true)
  }, 120_000)

  it('lists nothing for an owner that has nothing', async () => {
    const rows: RepoSummary[] = []
    for await (const row of hub().hub()?.listRepos?.('nobody-at-all', 'model') ?? []) rows.push(row)
    expect(rows).toEqual([])
  })
}

function describeNames({ harness, hub }: Part): void {
  it.each(harness.names.taken)('takes the name %j', async (name) => {
    const repo = hub().repo('model', name)
    expect(repo.profile.nameProblem(repo.ref.owner, name)).toBeUndefined()
    await repo.createIfAbsent({ visibility: 'public' })
    expect((await repo.info())?.ref).toEqual(repo.ref)
  })

  if (harness.names.refused.length === 0) return
  it.each(harness.names.refused)('blocks the name %j before anything is asked of it', async (name) => {
    const { context } = hub()
    const source = memoryRepo(context, 'model', 'named', one)
    const target = hub().repo('model', name)
    // What no hub has, it would answer for in many ways; what counts is that the rule is known here.
    const brought = await bring(context, source, { ...target, info: async () => undefined })
    expect(outcomeOf(brought)).toMatch(/^blocked: .*refuses the name/)
  })
}
