import { describe, expect, it } from 'vitest'
import type { Context } from '../../../src/context.ts'
import type { Hub } from '../../../src/hubs/hub.ts'
import { createHub } from '../../../src/hubs/index.ts'
import type { CommitChange, NewCommit } from '../../../src/model/commit.ts'
import { SyncError } from '../../../src/model/errors.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import type { CommitInfo } from '../../../src/model/repo.ts'
import { publishCommit } from '../../../src/repos/publish-commit.ts'
import { settingsOf, testContext } from '../hubs/settings.ts'
import { httpTo, json, startLoopback } from '../net/loopback.ts'

const context = {
  clock: { now: () => 0, sleep: async () => undefined },
  log: { debug: () => undefined, info: () => undefined, warn: () => undefined },
  signal: new AbortController().signal,
} as unknown as Context

const repo = { hub: 'hub', type: 'model', owner: 'o', name: 'n' } as const
const parent = 'a'.repeat(40)

function change(path: string, kind: 'lfs' | 'plain', size = 10): CommitChange {
  if (kind === 'lfs')
    return { kind, path: parseRepoPath(path), object: { oid: '0'.repeat(64), size }, isNew: true }
  return { kind, path: parseRepoPath(path), size, isNew: true, read: async () => Buffer.alloc(size) }
}

const commitOf = (changes: readonly CommitChange[]): NewCommit => ({
  branch: 'main',
  parent,
  title: 'Sync',
  trailers: ['Synced-Run: 1'],
  changes,
})

/** A hub that keeps a history; `answer` may break a commit before or after it lands. */
function fakeHub(options: {
  compareAndSwap: boolean
  answer?: (nth: number, land: () => string, history: CommitInfo[]) => string
  actions?: number
}) {
  const history: CommitInfo[] = [{ id: parent, message: 'before' }]
  const sent: NewCommit[] = []
  const hub = {
    id: 'hub',
    profile: {
      compareAndSwap: options.compareAndSwap,
      commit: { actions: options.actions ?? 10, bodyBytes: 10_000, inlineFiles: 10 },
    },
    history: async (_repo: unknown, _branch: string, limit: number) => history.slice(0, limit),
    commit: async (_repo: unknown, commit: NewCommit) => {
      sent.push(commit)
      const land = () => {
        const id = String(sent.length).repeat(40).slice(0, 40)
        history.unshift({ id, message: `${commit.title}\n\n${commit.trailers.join('\n')}` })
        return id
      }
      return options.answer === undefined ? land() : options.answer(sent.length, land, history)
    },
  } as unknown as Hub
  return { hub, history, sent }
}

const gitRefuses = async () => {
  throw new SyncError('refused', 'git says no')
}

describe('publishCommit', () => {
  it('sends a commit that changes nothing by git, since no API is known to take one', async () => {
    const { hub, sent } = fakeHub({ compareAndSwap: true })
    const pushed: NewCommit[] = []
    const push = async (commit: NewCommit) => {
      pushed.push(commit)
      return 'c'.repeat(40)
    }
    const published = await publishCommit(context, { hub, repo, push }, commitOf([]))
    expect(published).toMatchObject({ commit: 'c'.repeat(40), by: 'git' })
    expect([sent, pushed.length]).toEqual([[], 1])
    await expect(publishCommit(context, { hub, repo, push: gitRefuses }, commitOf([]))).rejects.toMatchObject(
      {
        code: 'refused',
      },
    )
  })

  it('takes a 5xx whose commit landed for what it is, and sends nothing twice', async () => {
    const { hub, sent } = fakeHub({
      compareAndSwap: true,
      answer: (_, land) => {
        land()
        throw new SyncError('unavailable', '504')
      },
    })
    const published = await publishCommit(
      context,
      { hub, repo, push: gitRefuses },
      commitOf([change('a', 'plain')]),
    )
    expect(published.commit).toBe('1'.repeat(40))
    expect(sent).toHaveLength(1)
  })

  it('does not send again what landed while nobody answered', async () => {
    const { hub, sent } = fakeHub({
      compareAndSwap: false,
      answer: (_, land) => {
        land()
        throw new SyncError('unavailable', '504')
      },
    })
    const { history = async () => [] } = hub
    let looks = 0
    const silent: Hub = {
      ...hub,
      history: async (...asked) => {
        looks += 1
        if (looks === 1) throw new SyncError('unavailable', '503')
        return history(...asked)
      },
    }
    const ways = { hub: silent, repo, push: gitRefuses }
    const published = await publishCommit(context, ways, commitOf([change('a', 'plain')]))
    expect(published.commit).toBe('1'.repeat(40))
    expect(sent).toHaveLength(1)
  })

  it('finds a commit that landed behind a 5xx also when somebody committed on top of it', async () => {
    const { hub, sent } = fakeHub({
      compareAndSwap: true,
      answer: (_, land, history) => {
        land()
        history.unshift({ id: 'f'.repeat(40), message: 'theirs' })
        throw new SyncError('unavailable', '504')
      },
    })
    const published = await publishCommit(
      context,
      { hub, repo, push: gitRefuses },
      commitOf([change('a', 'plain')]),
    )
    expect(published.commit).toBe('1'.repeat(40))
    expect(sent).toHaveLength(1)
  })

  it('sends again after a 5xx that did not land', async () => {
    const { hub, sent } = fakeHub({
      compareAndSwap: true,
      answer: (nth, land) => {
        if (nth === 1) throw new SyncError('unavailable', '503')
        return land()
      },
    })
    await publishCommit(context, { hub, repo, push: gitRefuses }, commitOf([change('a', 'plain')]))
    expect(sent).toHaveLength(2)
  })

  it.each(['huggingface', 'modelscope'] as const)(
    'asks %s no oftener for a history that never comes than one retry does',
    async (type) => {
      const { origin, log } = await startLoopback((_req, res) => json(res, {}, 503))
      const hub = createHub(testContext(), settingsOf(type, origin, { token: 'hf_0123456789abcdef' }))
      const publishing = publishCommit(
        testContext(),
        { hub, repo: { ...repo, hub: type }, push: gitRefuses },
        commitOf([change('a', 'plain')]),
      )
      await expect(publishing).rejects.toMatchObject({ code: 'unavailable' })
      expect(log.filter((line) => line.startsWith('POST'))).toHaveLength(1)
      expect(log.filter((line) => line.startsWith('GET'))).toHaveLength(5)
    },
  )

  it('reads no oftener from a source that is down than one retry does', async () => {
    const { origin, log } = await startLoopback((_req, res) => json(res, {}, 503))
    const { hub } = fakeHub({ compareAndSwap: true })
    const http = httpTo(origin)
    const commit: Hub['commit'] = async (_repo, { changes }) => {
      for (const one of changes) if (one.kind === 'plain') await one.read()
      return '1'.repeat(40)
    }
    const read = async () => (await http.send({ url: `${origin}/a` })).body
    const changes: CommitChange[] = [{ kind: 'plain', path: parseRepoPath('a'), size: 10, isNew: true, read }]
    const ways = { hub: { ...hub, commit }, repo, push: gitRefuses }
    await expect(publishCommit(context, ways, commitOf(changes))).rejects.toMatchObject({
      code: 'unavailable',
    })
    expect(log).toHaveLength(5)
  })

  it('ends as conflict when someone else moved the branch', async () => {
    const { hub } = fakeHub({
      compareAndSwap: true,
      answer: (_nth, _land, history) => {
        history.unshift({ id: 'f'.repeat(40), message: 'theirs' })
        throw new SyncError('conflict', '412')
      },
    })
    const publishing = publishCommit(
      context,
      { hub, repo, push: gitRefuses },
      commitOf([change('a', 'plain')]),
    )
    await expect(publishing).rejects.toMatchObject({ code: 'conflict' })
  })

  it('without compare-and-swap, finds by the history that a commit slipped in between', async () => {
    const { hub } = fakeHub({
      compareAndSwap: false,
      answer: (_, land, history) => {
        history.unshift({ id: 'f'.repeat(40), message: 'theirs' })
        return land()
      },
    })
    const publishing = publishCommit(
      context,
      { hub, repo, push: gitRefuses },
      commitOf([change('a.bin', 'lfs')]),
    )
    await expect(publishing).rejects.toMatchObject({
      code: 'conflict',
      next: expect.stringContaining('a.bin'),
    })
    await expect(publishing).rejects.toThrow(/f{40}/)
  })

  it('without compare-and-swap, a commit of someone else right after ours is no conflict', async () => {
    const { hub } = fakeHub({
      compareAndSwap: false,
      answer: (_, land, history) => {
        land()
        history.unshift({ id: 'f'.repeat(40), message: 'theirs' })
        // The hub told no id, so the head was taken for it.
        return 'f'.repeat(40)
      },
    })
    const ways = { hub, repo, push: gitRefuses }
    const published = await publishCommit(context, ways, commitOf([change('a', 'plain')]))
    expect(published.commit).toBe('1'.repeat(40))
  })

  it('goes by git beyond the limits of the API', async () => {
    const { hub, sent } = fakeHub({ compareAndSwap: true, actions: 2 })
    const push = async () => 'e'.repeat(40)
    const published = await publishCommit(
      context,
      { hub, repo, push },
      commitOf(['a', 'b', 'c'].map((path) => change(path, 'lfs'))),
    )
    expect(published.commit).toBe('e'.repeat(40))
    expect(sent).toHaveLength(0)
  })

  it('only if git is refused too, in pieces with weights first and what makes them visible last, and says: not atomic', async () => {
    const { hub, sent } = fakeHub({ compareAndSwap: true, actions: 2 })
    const changes = [
      change('README.md', 'plain'),
      change('model.safetensors.index.json', 'plain'),
      change('vocab.txt', 'plain'),
      change('b.safetensors', 'lfs'),
      change('a.safetensors', 'lfs'),
    ]
    const published = await publishCommit(context, { hub, repo, push: gitRefuses }, commitOf(changes))
    expect(published.notes.join()).toContain('not atomic')
    expect(sent.map((commit) => commit.changes.map((one) => one.path))).toEqual([
      ['b.safetensors', 'a.safetensors'],
      ['vocab.txt', 'README.md'],
      ['model.safetensors.index.json'],
    ])
    expect(sent.map((commit) => commit.parent)).toEqual([parent, '1'.repeat(40), '2'.repeat(40)])
  })

  describe('a commit that must swap', () => {
    const mustSwap = { ...commitOf([change('a', 'plain')]), mustSwap: true } as const

    it('goes by git where the API cannot compare and swap, however small it is, and by the API where it can', async () => {
      for (const compareAndSwap of [false, true]) {
        const { hub, history, sent } = fakeHub({ compareAndSwap })
        const push = async (commit: NewCommit) => {
          history.unshift({ id: 'e'.repeat(40), message: commit.trailers.join() })
          return 'e'.repeat(40)
        }
        const published = await publishCommit(context, { hub, repo, push }, mustSwap)
        const byGit = {
          commit: 'e'.repeat(40),
          by: 'git',
          notes: ['published by git: the API cannot compare and swap'],
        }
        expect(published).toEqual(compareAndSwap ? { commit: '1'.repeat(40), by: 'api', notes: [] } : byGit)
        expect(sent).toHaveLength(compareAndSwap ? 1 : 0)
      }
    })

    it.each([
      'refused',
      'forbidden',
      'too-large',
      'unsupported',
      'unauthorized',
      'not-found',
      'bad-answer',
      'git',
    ] as const)('never goes by that API instead, nor in pieces, where git says %s', async (code) => {
      const many = ['a', 'b', 'c'].map((path) => change(path, 'plain'))
      for (const changes of [mustSwap.changes, many]) {
        const { hub, sent, history } = fakeHub({ compareAndSwap: false, actions: 2 })
        const push = async () => {
          throw new SyncError(code, 'git says no')
        }
        const publishing = publishCommit(context, { hub, repo, push }, { ...mustSwap, changes })
        await expect(publishing).rejects.toMatchObject({
          code,
          message: `git says no Nothing was published to hub:o/n: a two-way rule writes there by git push alone, since the API cannot compare and swap.`,
          next: expect.stringContaining('direction: one-way'),
          retryable: false,
        })
        expect([sent.length, history.length]).toEqual([0, 1])
      }
    })

    it('has landed where git says so: a history that cannot be read then says nothing else', async () => {
      const { hub } = fakeHub({ compareAndSwap: false })
      const closed = async () => {
        throw new SyncError('forbidden', 'members only')
      }
      const ways = { hub: { ...hub, history: closed }, repo, push: async () => 'e'.repeat(40) }
      const publishing = publishCommit(context, ways, mustSwap)
      await expect(publishing).rejects.not.toMatchObject({
        message: expect.stringContaining('Nothing was published'),
      })
    })

    it('is a conflict, and nothing of it is published, where somebody was faster', async () => {
      const { hub, history, sent } = fakeHub({ compareAndSwap: false })
      const push = async () => {
        history.unshift({ id: 'f'.repeat(40), message: 'theirs' })
        throw new SyncError('conflict', 'stale info')
      }
      const publishing = publishCommit(context, { hub, repo, push }, mustSwap)
      await expect(publishing).rejects.toMatchObject({
        code: 'conflict',
        next: expect.stringContaining('Nothing was published'),
      })
      expect([sent.length, history.length]).toEqual([0, 2])
    })
  })

  it('does not look for another way with a bad token', async () => {
    const { hub } = fakeHub({
      compareAndSwap: true,
      answer: () => {
        throw new SyncError('unauthorized', '401')
      },
    })
    const push = async () => {
      throw new Error('git must not be tried')
    }
    await expect(
      publishCommit(context, { hub, repo, push }, commitOf([change('a', 'plain')])),
    ).rejects.toMatchObject({ code: 'unauthorized' })
  })
})
