import { describe, expect, it } from 'vitest'
import type { CommitChange, NewCommit } from '../../src/model/commit.ts'
import { parseRepoPath } from '../../src/model/path.ts'
import type { Repo } from '../../src/repos/repo.ts'
import { failureOf } from '../unit/hubs/settings.ts'
import { bring, outcomeOf } from './bring.ts'
import { bothEnds, type Part } from './describe-hub.ts'
import { memoryRepo } from './memory-repo.ts'

/** One commit under a lease, and nothing for those who may not. */
export function describeWriting(part: Part): void {
  describe.each(part.variants)('publishing, $title', ({ title, missing }) => {
    const name = `lease-${title.replaceAll(' ', '-')}`.toLowerCase()
    it('takes a commit on the head it was made for, and no other', async () => {
      const { hub } = part
      const first = await hub().seed('model', name, { 'a.txt': Buffer.from('1') })
      const repo = hub().repo('model', name, 'writer', missing)
      const { commit } = await repo.publish(await commitOn(repo, first, 'b.txt'))
      expect(await headOf(repo)).toBe(commit)
      expect([...(await hub().kept('model', name)).keys()]).toEqual(
        expect.arrayContaining(['a.txt', 'b.txt']),
      )

      const stale = await failureOf(repo.publish(await commitOn(repo, first, 'stale.txt')), 'conflict')
      expect(stale.message).not.toBe('')
      const kept = await hub().kept('model', name)
      // A hub that is not known to compare says so after the fact, and its history may keep both.
      if (repo.profile.compareAndSwap || missing.includes('commit')) {
        expect(kept.has('stale.txt')).toBe(false)
        expect(await headOf(repo)).toBe(commit)
      }
      expect(kept.has('b.txt')).toBe(true)
    })
  })

  if (part.harness.tellsRoles) describeRights(part)
}

function describeRights({ hub, variants }: Part): void {
  it.each(bothEnds(variants))(
    'refuses those who may only read, before anything is there: $title',
    async ({ title, missing }) => {
      const name = `rights-${title.replaceAll(' ', '-')}`.toLowerCase()
      const head = await hub().seed('model', name, { 'a.txt': Buffer.from('1') })
      const source = memoryRepo(hub().context, 'model', name, {
        'new.txt': Buffer.from('new'),
        'w.safetensors': { lfs: Buffer.alloc(3000, name) },
      })
      for (const role of ['reader', 'nobody'] as const) {
        const brought = await bring(hub().context, source, hub().repo('model', name, role, missing))
        expect(outcomeOf(brought)).toMatch(/^failed: (forbidden|unauthorized): /)
        const writer = hub().repo('model', name)
        expect(await headOf(writer)).toBe(head)
      }
    },
  )
}

async function headOf(repo: Repo): Promise<string | undefined> {
  const info = await repo.info()
  return info && repo.head(info.defaultBranch)
}

async function commitOn(repo: Repo, parent: string, path: string): Promise<NewCommit> {
  const content = Buffer.from(path)
  const change: CommitChange = {
    kind: 'plain',
    path: parseRepoPath(path),
    size: content.length,
    isNew: true,
    read: async () => content,
  }
  const branch = (await repo.info())?.defaultBranch ?? repo.profile.defaultBranch
  const trailers = [`Synced-Run: contract-${path}`]
  return { branch, parent, title: `Add ${path}`, trailers, changes: [change] }
}
