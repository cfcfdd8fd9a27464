import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Context } from '../../../src/context.ts'
import type { OpenFile, Range } from '../../../src/model/file.ts'
import type { Snapshot } from '../../../src/model/repo.ts'
import { createBandwidth } from '../../../src/net/bandwidth.ts'
import { createLocalRepo } from '../../../src/repos/local-repo.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import { chunksOf, fileOf } from '../lfs/objects.ts'

export const ref = { hub: 'dir', type: 'model', owner: '.', name: 'folder' } as const

export function contextOf(signal = new AbortController().signal): Context {
  const quiet = () => undefined
  return {
    clock: { now: () => Date.now(), sleep: async () => undefined },
    log: { debug: quiet, info: quiet, warn: quiet },
    progress: quiet,
    signal,
    workDir: tmpdir(),
    proxy: {},
    inherited: { PATH: process.env.PATH ?? '' },
  }
}

/** A folder with these files, gone in the end. */
export async function folderOf(files: Readonly<Record<string, string | Uint8Array>>) {
  const path = await mkdtemp(join(tmpdir(), 'local-repo-'))
  for (const [name, content] of Object.entries(files)) await write(path, name, content)
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

export async function write(folder: string, name: string, content: string | Uint8Array): Promise<void> {
  const file = join(folder, name)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}

export function repoAt(folder: string, context = contextOf()): Repo {
  return createLocalRepo(context, ref, folder)
}

/** Where the repo is now. */
export async function nowAt(repo: Repo): Promise<Snapshot> {
  const commit = await repo.head('main')
  if (commit === undefined) throw new Error('the folder holds nothing')
  return { repo: repo.ref, branch: 'main', commit }
}

/** All files of the folder, the temporary ones included, sorted. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

export const options = { onBytes: () => undefined, bandwidth: createBandwidth(undefined), stallTimeout: 60 }

/** Opens content as a source would, and notes where it was asked to begin. */
export function sourceOf(content: Uint8Array, starts: number[] = []) {
  return async (range?: Range): Promise<OpenFile> => {
    starts.push(range?.start ?? 0)
    return fileOf(chunksOf(content, range))
  }
}
