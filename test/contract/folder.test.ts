import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { temporaryFolder } from '../../src/repos/local-profile.ts'
import { createLocalRepo } from '../../src/repos/local-repo.ts'
import { describeHub } from './describe-hub.ts'
import { digestOf } from './digest.ts'
import { contractContext, type Kept, type RunningHub, type Seeds } from './harness.ts'
import { contentsOf } from './seeds.ts'

/** A folder is no hub: nobody but its owner sees it, it keeps no pointers, and it has no history. */
async function start(): Promise<RunningHub> {
  const [context, root] = await Promise.all([contractContext(), mkdtemp(join(tmpdir(), 'mhs-contract-'))])
  const repo: RunningHub['repo'] = (type, name) =>
    createLocalRepo(context, { hub: 'dir', type, owner: root, name }, join(root, name))
  return {
    context,
    hub: () => undefined,
    repo,
    seed: async (type, name, files) => {
      await writeFiles(join(root, name), files)
      return (await repo(type, name).head('main')) ?? ''
    },
    kept: (_type, name) => filesOf(join(root, name)),
    close: () =>
      Promise.all([root, context.workDir].map((path) => rm(path, { recursive: true }))).then(() => undefined),
  }
}

async function writeFiles(folder: string, files: Seeds): Promise<void> {
  for (const [path, content] of Object.entries(contentsOf(files))) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
}

async function filesOf(folder: string): Promise<ReadonlyMap<string, Kept>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith(temporaryFolder))
  const rows = paths.map(async (path) => {
    const content = await readFile(join(folder, path))
    return [path, { size: content.length, sha256: digestOf(content), lfs: false }] as const
  })
  return new Map(await Promise.all(rows))
}

const mebibyte = 1024 * 1024

describeHub('a local folder', {
  start,
  optional: [],
  hidden: 'open',
  creation: 'exact',
  gates: false,
  tellsRoles: false,
  listed: 0,
  manyFiles: 30,
  slowsDown: false,
  names: { taken: ['a', 'ä b'], refused: [] },
  sizes: [
    { size: mebibyte, lfs: false },
    { size: mebibyte + 1, lfs: false },
  ],
})
