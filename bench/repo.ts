import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { gitUrl } from '../test/clients/job.ts'
import { mustRun } from '../test/clients/program.ts'
import { type Bench, freshFolder, type RunBench, seedWeights, toModelScope } from './bench.ts'
import { alone, interleave, lessIsBetter, seconds } from './figure.ts'
import { folderBytes, watchedRun } from './watched-run.ts'

const FILES = 20
const FILE_BYTES = 100_000_000

/** A whole sync of a 2 GB repo of 20 files, against `git clone` + `git lfs push` into an empty repo. */
export const benchRepo: RunBench = async (bench) => {
  const disk = { ours: 0, peer: 0 }
  const times = await interleave(
    bench.rounds,
    async (round) => {
      const repo = await seedWeights(bench, `repo-ours-${round}`, FILES, FILE_BYTES)
      const run = await watchedRun(toModelScope(bench, repo), bench.engine, freshFolder(bench, 'ours'))
      disk.ours = Math.max(disk.ours, run.peakDisk)
      return run.seconds
    },
    async (round) => {
      const name = `repo-peer-${round}`
      await seedWeights(bench, name, FILES, FILE_BYTES)
      const folder = freshFolder(bench, 'peer')
      const taken = await seconds(() => cloneAndPush(bench, name, folder))
      disk.peer = Math.max(disk.peer, folderBytes(folder))
      rmSync(folder, { recursive: true })
      return taken
    },
  )
  return [
    lessIsBetter('repo', 's', times.ours, times.peer),
    alone('repo: disk used by us', 'MB', disk.ours / 1e6),
    alone('repo: disk used by git', 'MB', disk.peer / 1e6),
  ]
}

/** What a careful person types, the target repo made beforehand by the hub's client. */
function cloneAndPush(bench: Bench, name: string, folder: string): void {
  const { huggingface, modelscope } = bench.hubs
  const copy = join(folder, 'copy')
  const git = (...args: string[]) => mustRun('git', args, { env: bench.clients, cwd: folder })
  const repo = `${modelscope.address.username}/${name}`
  mustRun(bench.tools.python, ['test/clients/hub_copy.py', 'modelscope', 'create', repo, 'model'], {
    env: bench.clients,
  })
  mustRun('git-lfs', ['install', '--skip-repo'], { env: bench.clients })
  git('clone', '--quiet', gitUrl('huggingface', huggingface.address, 'model', name), copy)
  const target = gitUrl('modelscope', modelscope.address, 'model', name)
  git('-C', copy, 'lfs', 'push', '--all', target)
  // The new repo holds a first commit of the hub's own, and force pushes are refused: the files go on top of it.
  git('-C', copy, 'fetch', '--quiet', target, 'master')
  const commit = git('-C', copy, 'commit-tree', 'HEAD^{tree}', '-p', 'FETCH_HEAD', '-m', 'Copy').trim()
  git('-C', copy, 'push', '--quiet', target, `${commit}:refs/heads/master`)
}
