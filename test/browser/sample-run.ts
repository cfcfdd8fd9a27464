import { type Job, type Plan, publishJob, type WorkItem } from '../../src/model/plan.ts'
import type { FileResult, ItemResult, JobResult, Report } from '../../src/model/report.ts'
import { buildReport } from '../../src/report/build-report.ts'
import { filesByItem } from '../../src/report/latest-attempts.ts'

/** A made-up run as `report` finds it. */
export interface SampleRun {
  readonly plan: Plan
  readonly results: readonly JobResult[]
  readonly report: Report
  readonly files: ReadonlyMap<string, readonly FileResult[]>
}

const start = Date.UTC(2026, 10, 21, 0, 17)

function iso(seconds: number): string {
  return new Date(start + seconds * 1000).toISOString()
}

/** One repo, moved by one job. */
export function oneRepo(): SampleRun {
  const item = sampleItem(0, 'Qwen', 'Qwen3-0.6B', 'huggingface', 1.5e9)
  const files = filesOf(9)
  const result = synced(item, { files, startedAt: iso(9), seconds: 74 })
  return sampleRun([item], [{ ...job('all', [result], 9, 83) }], [wholeJob('all', [item])])
}

/** Five repos from two hubs in five jobs, one repo cut over two of them; one repo has failed, and others are held back. */
export function fiveRepos(): SampleRun {
  const [small, large, data, gone, other] = [
    sampleItem(0, 'Qwen', 'Qwen3-0.6B', 'huggingface', 1.5e9),
    sampleItem(1, 'Qwen', 'Qwen3-32B', 'huggingface', 65.5e9),
    { ...sampleItem(2, 'Qwen', 'P-MMEval', 'huggingface', 0.4e9), type: 'dataset' as const },
    sampleItem(3, 'Qwen', 'Qwen3-Embedding-8B', 'huggingface', 15.1e9),
    sampleItem(4, 'my-lab', 'tiny-classifier', 'modelers', 0.3e9),
  ]
  const failed: ItemResult = {
    id: gone.id,
    outcome: 'failed',
    files: [],
    bytes: { moved: 9.8e9, reused: 0 },
    seconds: 431,
    startedAt: iso(40),
    sourceUrl: `https://huggingface.co/${gone.source.owner}/${gone.source.name}`,
    error: {
      code: 'object-missing',
      message: 'modelscope:my-org/Qwen3-Embedding-8B took the upload of 4f1c…e7 and does not have it.',
      next: 'Nothing was published. Run again; if it stays, the hub is losing uploads.',
    },
  }
  const moved = (bytes: number, from: number, seconds: number): ItemResult => ({
    ...synced(large, { startedAt: iso(from), seconds }),
    outcome: 'moved',
    bytes: { moved: bytes - 12e9, reused: 12e9 },
    files: [],
  })
  const jobs = [
    { ...wholeJob('qwen3-32b-1', [large]), objects: ['a'.repeat(64)] },
    { ...wholeJob('qwen3-32b-2', [large]), objects: ['b'.repeat(64)] },
    wholeJob('qwen3-embedding-8b-3', [gone]),
    wholeJob('qwen3-0.6b-4', [small, data]),
    wholeJob('tiny-classifier-5', [other]),
  ]
  const published = synced(large, { files: filesOf(26), startedAt: iso(1405), seconds: 48 })
  const results = [
    job('qwen3-32b-1', [moved(33.1e9, 38, 1350)], 38, 1388),
    job('qwen3-32b-2', [moved(32.4e9, 41, 1311)], 41, 1352),
    job('qwen3-embedding-8b-3', [failed], 40, 471),
    job(
      'qwen3-0.6b-4',
      [
        synced(small, { files: filesOf(9), startedAt: iso(486), seconds: 74, reused: 0.2e9 }),
        synced(data, { files: filesOf(212), startedAt: iso(486), seconds: 41, by: 'git', notes: [note] }),
      ],
      486,
      560,
    ),
    job(
      'tiny-classifier-5',
      [synced(other, { files: filesOf(7), startedAt: iso(575), seconds: 22 })],
      575,
      597,
    ),
    job(publishJob, [{ ...published, bytes: { moved: 24_000, reused: 65.5e9 } }], 1405, 1453),
  ]
  return sampleRun([small, large, data, gone, other], results, jobs, {
    blocked: [
      {
        ...heldBack('Qwen', 'Qwen3-235B-A22B'),
        reason: 'the target takes no file over 50 GB',
        details: ['model-00001-of-00002.safetensors: 61.2 GB', 'model-00002-of-00002.safetensors: 58.9 GB'],
      },
    ],
    skipped: [
      { ...heldBack('Qwen', 'Qwen-Audio'), reason: 'the source is gated (rule: gated: skip)' },
      { ...heldBack('Qwen', 'Qwen-VL'), reason: 'the source is gated (rule: gated: skip)' },
    ],
    unchanged: Array.from({ length: 12 }, (_, index) => ({
      ...heldBack('Qwen', `Qwen2.5-${index + 1}B`),
      reason: '',
    })),
  })
}

const note = 'pushed by git: 1,212 files are too many for one commit by the API'

export interface ManyOptions {
  readonly repos: number
  /** Files of each repo. */
  readonly files: number
  readonly jobs: number
}

/** Many repos over many jobs; every 40th fails, every 25th is blocked, and one job has left no result. */
export function manyRepos({ repos, files, jobs: count }: ManyOptions): SampleRun {
  const items = Array.from({ length: repos }, (_, index) =>
    sampleItem(
      index,
      'Qwen',
      `model-${index}`,
      index % 3 === 0 ? 'modelers' : 'huggingface',
      1e8 * (1 + (index % 90)),
    ),
  )
  const parts = Array.from({ length: count }, (_, index) => items.filter((_, at) => at % count === index))
  const jobs = parts.map((part, index) => wholeJob(`model-${index}-${index + 1}`, part))
  const results = parts.slice(0, count > 1 ? -1 : 1).map((part, index): JobResult => {
    const begins = 30 + Math.floor(index / 10) * 310 + (index % 10) * 3
    const done = part.map((item, at): ItemResult => {
      const result = synced(item, {
        files: filesOf(files),
        startedAt: iso(begins + at * 60),
        seconds: 60 + (index % 7) * 9,
      })
      return Number(item.id.split('-').at(-1)) % 40 === 7 ? failure(result, index) : result
    })
    return job(`model-${index}-${index + 1}`, done, begins, begins + 250 + ((index * 37) % 60))
  })
  const blocked = Array.from({ length: Math.floor(repos / 25) }, (_, index) => ({
    ...heldBack('Qwen', `large-${index}`),
    reason: 'the target takes no file over 50 GB',
    details: [`model-${index}.safetensors: 61.2 GB`],
  }))
  return sampleRun(items, results, jobs, { blocked })
}

function failure(result: ItemResult, index: number): ItemResult {
  const message = index % 2 === 0 ? 'modelscope: 401 Unauthorized' : `modelscope: no answer for ${result.id}`
  const error = {
    code: index % 2 === 0 ? 'unauthorized' : 'network',
    message,
    next: 'Check the token, then run again.',
  }
  return { id: result.id, outcome: 'failed', files: [], bytes: result.bytes, seconds: result.seconds, error }
}

/** A report and its files as the commands make them. */
export function sampleRun(
  items: readonly WorkItem[],
  results: readonly JobResult[],
  jobs: readonly Job[],
  heldBack: Partial<Plan> = {},
): SampleRun {
  const plan: Plan = {
    version: 1,
    tool: 'model-hub-sync/0.1.0',
    startedAt: iso(0),
    createdAt: iso(8),
    runId: 'run-00000001',
    configDigest: 'c'.repeat(64),
    items,
    jobs,
    ...{ unchanged: [], skipped: [], blocked: [], failed: [], ...heldBack },
  }
  const run = 'https://github.com/my-org/models/actions/runs/19573215'
  const now = start + 1_470_000
  const report = buildReport(plan, results, { dryRun: false, tool: plan.tool, now, run })
  return { plan, results, report, files: filesByItem(results) }
}

export function sampleItem(index: number, owner: string, name: string, hub: string, move: number): WorkItem {
  return {
    id: `daily/models/my-org/${name}-${index}`,
    rule: 'daily',
    type: 'model',
    source: { hub, owner, name, branch: 'main', commit: commitOf(index + 1) },
    target: { hub: 'modelscope', owner: 'my-org', name, branch: 'master', head: null },
    visibility: 'public',
    public: true,
    changes: [
      { kind: 'add', path: 'model.safetensors', size: move, move: 'relay', sha256: 'a'.repeat(64) },
      { kind: 'add', path: 'config.json', size: 700, move: 'inline' },
      { kind: 'update', path: 'README.md', size: 9000, move: 'inline' },
    ],
    bytes: { move, reuse: 0 },
  }
}

interface Ended {
  readonly files?: readonly FileResult[]
  readonly startedAt: string
  readonly seconds: number
  readonly reused?: number
  readonly by?: 'api' | 'git'
  readonly notes?: readonly string[]
}

export function synced(item: WorkItem, ended: Ended): ItemResult {
  const { files = [], startedAt, seconds, reused = 0, by = 'api', notes = [] } = ended
  const kind = item.type === 'dataset' ? 'datasets/' : ''
  const { owner, name, hub } = item.source
  return {
    id: item.id,
    outcome: 'synced',
    published: {
      commit: commitOf(item.bytes.move),
      url: `https://www.modelscope.cn/${item.type}s/my-org/${name}`,
      by,
    },
    files,
    bytes: { moved: item.bytes.move - reused, reused },
    seconds,
    startedAt,
    sourceUrl: `https://${hub === 'modelers' ? 'modelers.cn/models/' : `huggingface.co/${kind}`}${owner}/${name}`,
    notes,
  }
}

/** Small files that were read back, and some weights of which a sample was. */
export function filesOf(count: number): FileResult[] {
  return Array.from({ length: count }, (_, index): FileResult => {
    if (index % 5 === 4)
      return {
        path: `model-${String(index).padStart(5, '0')}.safetensors`,
        verification: 'sampled',
        evidence: 'sample',
      }
    return {
      path: `data/part-${index % 20}/row-${index}.json`,
      verification: 'verified',
      evidence: 'read-back',
    }
  })
}

function commitOf(seed: number): string {
  return (Math.imul(Math.floor(seed) % 1e9, 2_654_435_761) >>> 0).toString(16).padStart(8, '0').repeat(5)
}

function heldBack(owner: string, name: string) {
  return {
    rule: 'daily',
    repo: `huggingface:${owner}/${name}`,
    target: `modelscope:my-org/${name}`,
    public: true as const,
  }
}

export function wholeJob(id: string, items: readonly WorkItem[]): Job {
  return {
    ...{ id, label: id, items: items.map((item) => item.id) },
    bytes: items.reduce((sum, item) => sum + item.bytes.move, 0),
  }
}

/** A job's result; it ran from one second of the run to another. */
export function job(id: string, items: readonly ItemResult[], from: number, to: number): JobResult {
  return { version: 1, job: id, attempt: 1, items, startedAt: iso(from), finishedAt: iso(to) }
}
