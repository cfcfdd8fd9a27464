import { rmSync } from 'node:fs'
import { mustRun } from '../test/clients/program.ts'
import { type Bench, freshFolder, type RunBench, seedWeights, toModelScope } from './bench.ts'
import { interleave, lessIsBetter, seconds } from './figure.ts'
import { watchedRun } from './watched-run.ts'

const FILES = 20
const FILE_BYTES = 100_000_000

/** A whole sync of a 2 GB repo of 20 files, against the official clients: download to disk, then upload. */
export const benchSdk: RunBench = async (bench) => {
  const times = await interleave(bench.rounds, {
    ours: async (round) => {
      const repo = await seedWeights(bench, `sdk-ours-${round}`, FILES, FILE_BYTES)
      return (await watchedRun(toModelScope(bench, repo), bench.engine, freshFolder(bench, 'ours'))).seconds
    },
    peer: async (round) => {
      const repo = await seedWeights(bench, `sdk-peer-${round}`, FILES, FILE_BYTES)
      const folder = freshFolder(bench, 'peer')
      const taken = await seconds(() => downloadAndUpload(bench, repo, folder))
      rmSync(folder, { recursive: true })
      return taken
    },
  })
  return [lessIsBetter('sdk', 's', times('ours'), times('peer'))]
}

function downloadAndUpload(bench: Bench, repo: string, folder: string): void {
  const client = (...args: string[]) =>
    mustRun(bench.tools.python, ['test/clients/hub_copy.py', ...args], { env: bench.clients })
  const target = `${bench.hubs.modelscope.address.username}/${repo.split('/')[1]}`
  client('huggingface', 'download', repo, 'model', folder)
  client('modelscope', 'upload', target, 'model', folder)
}
