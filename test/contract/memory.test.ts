import { rm } from 'node:fs/promises'
import { createHubRepo } from '../../src/repos/hub-repo.ts'
import { describeHub } from './describe-hub.ts'
import { digestOf } from './digest.ts'
import { contractContext, type Kept, type Role, type RunningHub } from './harness.ts'
import { createMemoryHub } from './memory-hub.ts'
import { createMemoryStore, seedMemory } from './memory-store.ts'

/** The hub that the suite uses as the other side: held to the contract itself. There is no git behind it to do without a way of its own. */
async function start(): Promise<RunningHub> {
  const context = await contractContext()
  const store = createMemoryStore()
  const roles = { writer: 'write', reader: 'read', nobody: 'none' } as const
  const hub = (role: Role = 'writer') => createMemoryHub(store, { role: roles[role] })
  const noGit = () => {
    throw new Error('there is no git behind a hub in memory')
  }
  return {
    context,
    hub,
    repo: (type, name, role) =>
      createHubRepo(context, hub(role), { hub: 'memory', type, owner: 'alice', name }, noGit, 'auto'),
    seed: async (type, name, files, how) =>
      seedMemory(store, { hub: 'memory', type, owner: 'alice', name }, files, how),
    kept: async (type, name) => {
      const repo = [...store.repos.values()].find(({ ref }) => ref.type === type && ref.name === name)
      const files = [...(repo?.commits[0]?.files ?? [])]
      return new Map(
        files.map(([path, file]): [string, Kept] => [
          path,
          Buffer.isBuffer(file)
            ? { size: file.length, sha256: digestOf(file), lfs: false }
            : { size: file.size, sha256: file.oid, lfs: true },
        ]),
      )
    },
    close: () => rm(context.workDir, { recursive: true }),
  }
}

const mebibyte = 1024 * 1024

describeHub('a hub in memory', {
  start,
  optional: [],
  hidden: 'refused',
  creation: 'exact',
  gates: true,
  tellsRoles: true,
  listed: 5,
  manyFiles: 30,
  slowsDown: false,
  names: { taken: ['a', 'A.b-c_d'], refused: ['ä', '..'] },
  sizes: [
    { size: mebibyte, lfs: false },
    { size: mebibyte + 1, lfs: true },
  ],
})
