import type { BlockedRepo, HeldBack, Plan, WorkItem } from '../../../src/model/plan.ts'
import { printable } from '../../../src/model/printable.ts'
import type { FileResult, ItemResult, JobResult, Report } from '../../../src/model/report.ts'
import { buildReport } from '../../../src/report/build-report.ts'

export const options = { dryRun: false, tool: 'model-hub-sync/0', now: Date.UTC(2026, 10, 21) }

/** An item that adds two files, updates one, and deletes one. */
export function sampleItem(id: string, name = id): WorkItem {
  const change = { path: 'model.safetensors', size: 1000, move: 'relay' } as const
  return {
    id,
    rule: 'daily',
    type: 'model',
    source: { hub: 'huggingface', owner: 'Qwen', name, branch: 'main', commit: 'a'.repeat(40) },
    target: { hub: 'modelscope', owner: 'my-org', name, branch: 'master', head: null },
    visibility: 'public',
    changes: [
      { ...change, kind: 'add' },
      { ...change, kind: 'add', path: 'config.json', move: 'inline' },
      { ...change, kind: 'update', path: 'README.md', move: 'inline' },
      { ...change, kind: 'delete', path: 'old', move: 'none' },
    ],
    bytes: { move: 5000, reuse: 700 },
  }
}

export function samplePlan(items: readonly WorkItem[], held: Partial<Plan> = {}): Plan {
  return {
    version: 1,
    tool: 'model-hub-sync/0',
    createdAt: '2026-11-21T00:00:00.000Z',
    runId: 'run-00000001',
    configDigest: 'c'.repeat(64),
    items,
    jobs: [],
    unchanged: [],
    skipped: [],
    blocked: [],
    failed: [],
    ...held,
  }
}

export function held(repo: string, reason: string): HeldBack {
  return { rule: 'daily', repo: `huggingface:Qwen/${repo}`, target: `modelscope:my-org/${repo}`, reason }
}

export function blocked(repo: string, reason: string, details: readonly string[]): BlockedRepo {
  return { ...held(repo, reason), details }
}

export function sampleResult(id: string, more: Partial<ItemResult> = {}): ItemResult {
  return { id, outcome: 'synced', files: [], bytes: { moved: 100, reused: 10 }, seconds: 2, ...more }
}

export function sampleJob(
  job: string,
  items: readonly ItemResult[],
  more: Partial<JobResult> = {},
): JobResult {
  return { version: 1, job, attempt: 1, items, ...more }
}

export function file(path: string, verification: FileResult['verification']): FileResult {
  return { path, verification, evidence: 'read-back' }
}

/** A report of items with these results, one each. */
export function reportOf(results: readonly ItemResult[], heldBack: Partial<Plan> = {}): Report {
  const items = results.map((result) => sampleItem(result.id))
  return buildReport(samplePlan(items, heldBack), [sampleJob('all', results)], options)
}

/** Text that tries everything: markup, HTML, table cells, mentions, references, commands, control and bidi characters. */
export const hostile =
  '<script>alert(1)</script>|`x`**b**[l](javascript:alert(1))@octocat fixes #1 GH-2 ::add-mask::x ##[error]y\n::warning::z\u001b[31m\u202e $x$ ]]"\' --> www.evil.example https://evil.example ```'

/** True if a line of the text holds a control, bidirectional or invisible character. */
export function hasControls(text: string): boolean {
  return text.split('\n').some((line) => printable(line) !== line)
}
