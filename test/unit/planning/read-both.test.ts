import { expect, it } from 'vitest'
import type { FileEntry } from '../../../src/model/file.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import { isEnding } from '../../../src/planning/derived.ts'
import { listBoth } from '../../../src/planning/read-both.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import { ruleBetween } from '../../contract/bring.ts'
import { fakeRepo } from './fake-repo.ts'

const commit = 'a'.repeat(40)

/** A repo with a file, a link, a submodule, and a file that its hub made. */
function mixedRepo(hub: string, keepsModes: boolean): Repo {
  const repo = fakeRepo({ hub, type: 'model', owner: 'o', name: 'n' }, {}, [commit], [{ path: '.msc' }])
  const entry = (name: string, mode?: FileEntry['mode']): FileEntry => {
    const base = { path: parseRepoPath(name), size: 1, storage: 'git', digests: {} } as const
    return { ...base, ...(mode && { mode }), ...(mode === 'symlink' && { leadsTo: 'f' }) }
  }
  const entries = [entry('f'), entry('link', 'symlink'), entry('sub', 'submodule'), entry('.msc')]
  return { ...repo, keepsModes, manifest: async () => new Map(entries.map((one) => [one.path, one])) }
}

async function listed(source: Repo, target: Repo) {
  const [here, there] = [await source.info(), await target.info()]
  if (here === undefined || there === undefined) throw new Error('both repos are there')
  const at = ({ ref }: Repo) => ({ repo: ref, branch: 'master', commit })
  const pair = { rule: ruleBetween(source, target), source, target }
  const infos = { source: here, target: there }
  const both = await listBoth(pair, infos, { source: at(source), target: at(target) })
  if (isEnding(both)) throw new Error('both sides take part')
  return both
}

it('tells what people put there and what never goes over from what the hub made', async () => {
  const { source, target } = await listed(mixedRepo('a', true), mixedRepo('b', false))
  for (const side of [source, target]) {
    expect([...side.files.keys()]).toEqual(['f'])
    expect([...side.others]).toEqual(['link', 'sub', '.msc'])
    expect([...side.links]).toEqual(['link', 'sub'])
  }
})

it('takes links for files where both sides keep them', async () => {
  const { source } = await listed(mixedRepo('a', true), mixedRepo('b', true))
  expect([...source.files.keys()]).toEqual(['f', 'link'])
  expect([...source.links]).toEqual(['sub'])
})
