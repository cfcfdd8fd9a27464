import { describe, expect, it } from 'vitest'
import type { FileEntry } from '../../../src/model/file.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import { realFiles } from '../../../src/planning/real-files.ts'
import { fakeRepo } from './fake-repo.ts'

const at = {
  repo: { hub: 'git', type: 'model' as const, owner: 'o', name: 'n' },
  branch: 'main',
  commit: 'a'.repeat(40),
}

/** Paths of the links that are taken. */
async function taken(links: Readonly<Record<string, string>>): Promise<string[]> {
  const repo = fakeRepo(at.repo, links, [at.commit])
  const manifest = new Map(
    [...(await repo.manifest(at))].map(([path, file]) => [path, { ...file, mode: 'symlink' as const }]),
  )
  const { files } = await realFiles({ ...repo, manifest: async () => manifest }, at, true)
  return [...files.keys()]
}

describe('symbolic links', () => {
  it('inside the repo are taken, also to other links', async () => {
    const links = { 'deep/up': '../plain.txt', 'deep/here': '.', next: 'deep/here/up', 'a/b/c': '../../x/y' }
    expect(await taken(links)).toEqual(Object.keys(links))
  })

  it('that lead out over another link are not', async () => {
    expect(await taken({ 'a/b/top': '../..', out: 'a/b/top/../../etc/passwd' })).toEqual(['a/b/top'])
  })

  it('into git’s own folder are not, in any spelling', async () => {
    expect(
      await taken({
        a: '.git/config',
        b: 'x/.GIT/hooks',
        c: 'git~1/config',
        d: '.git /config',
        e: '.g\u200cit/x',
      }),
    ).toEqual([])
  })

  it('are not read one by one where the listing tells where they lead', async () => {
    const repo = fakeRepo(at.repo, {}, [at.commit])
    const link = (path: string, leadsTo?: string): FileEntry => ({
      ...{ path: parseRepoPath(path), storage: 'git', digests: {}, mode: 'symlink' },
      ...(leadsTo !== undefined && { leadsTo }),
    })
    const entries = [link('a', 'b'), link('out', '../b'), link('longer-than-a-path')]
    const listed = {
      ...repo,
      listsModes: true,
      manifest: async () => new Map(entries.map((entry) => [entry.path, entry])),
      readFile: () => Promise.reject(new Error('read')),
    }
    const { files, notes } = await realFiles(listed, at, true)
    expect([...files.keys()]).toEqual(['a'])
    expect(notes).toHaveLength(2)
  })
})
