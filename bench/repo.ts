import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { gitUrl } from '../test/clients/job.ts'
import { mustRun } from '../test/clients/program.ts'
import { type Bench, freshFolder, type RunBench, seedWeights, toModelScope } from './bench.ts'
import { curlAll } from './curl.ts'
import { alone, interleave, lessIsBetter, median, seconds } from './figure.ts'
import { findTransfers } from './transfers.ts'
import { folderBytes, watchedRun } from './watched-run.ts'

const FILES = 20
const FILE_BYTES = 100_000_000

/** Objects at once in a run of ours, by default. */
const AT_ONCE = 4

/**
 * A whole sync of a 2 GB repo of 20 files, against `git clone` + `git lfs push` into an empty repo. The floor is what the machine and
 * the stand-ins need to hand the same objects over at all: `curl | curl`, as many at once as we move. Processor time tells who of all
 * that share the machine needs how much of it, also where other work on it makes seconds say little.
 */
export const benchRepo: RunBench = async (bench) => {
  const disk = { ours: 0, peer: 0 }
  const cpu = { ours: [] as number[], source: [] as number[], target: [] as number[] }
  const { huggingface, modelscope } = bench.hubs
  const times = await interleave(bench.rounds, {
    ours: async (round) => {
      const repo = await seedWeights(bench, `repo-ours-${round}`, FILES, FILE_BYTES)
      const before = { source: await huggingface.cpuSeconds(), target: await modelscope.cpuSeconds() }
      const run = await watchedRun(toModelScope(bench, repo), bench.engine, freshFolder(bench, 'ours'))
      cpu.source.push((await huggingface.cpuSeconds()) - before.source)
      cpu.target.push((await modelscope.cpuSeconds()) - before.target)
      cpu.ours.push(run.cpuSeconds)
      disk.ours = Math.max(disk.ours, run.peakDisk)
      return run.seconds
    },
    peer: async (round) => {
      const name = `repo-peer-${round}`
      await seedWeights(bench, name, FILES, FILE_BYTES)
      const folder = freshFolder(bench, 'peer')
      const taken = await seconds(() => cloneAndPush(bench, name, folder))
      disk.peer = Math.max(disk.peer, folderBytes(folder))
      rmSync(folder, { recursive: true })
      return taken
    },
    floor: async (round) => {
      const repo = await seedWeights(bench, `repo-floor-${round}`, FILES, FILE_BYTES)
      const transfers = await findTransfers(bench, repo)
      return seconds(() => curlAll(transfers, AT_ONCE))
    },
  })
  return [
    lessIsBetter('repo', 's', times('ours'), times('peer')),
    alone('repo: floor, by curl | curl', 's', times('floor')),
    alone('repo: processor time, our process', 's', median(cpu.ours)),
    alone('repo: processor time, source hub', 's', median(cpu.source)),
    alone('repo: processor time, target hub', 's', median(cpu.target)),
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
