import { z } from 'zod'
import type { Report } from '../model/report.ts'

const count = z.number().int().nonnegative()
const text = z.string()
const time = z.iso.datetime()
const bytes = z.strictObject({
  moved: count.describe('Bytes that went over the wire in this run.'),
  reused: count.describe('Bytes that were on the target already.'),
})
const files = z
  .strictObject({ verified: count, sampled: count, mismatch: count, unverifiable: count })
  .describe('How sure a copy is, in files; the four are never added up.')

const item = z.strictObject({
  id: text.describe('Rule, type, and name of the target.'),
  rule: text,
  source: text.describe('hub:owner/name or hub:datasets/owner/name.'),
  target: text,
  public: z.literal(true).optional().describe('Source and target are known to be public.'),
  outcome: z
    .enum(['synced', 'moved', 'unchanged', 'skipped', 'blocked', 'conflict', 'failed', 'missing'])
    .describe('Meanings in docs/outcomes.md. A row with a forecast says skipped.'),
  reason: text.optional().describe('Why it was held back, or has no result.'),
  state: z
    .enum(['running', 'waiting'])
    .optional()
    .describe('Only while the run goes on: it is worked on, or its turn comes. Such a row says missing.'),
  details: z.array(text).optional().describe('Every offending path or rule.'),
  error: z
    .strictObject({
      code: text.describe('One of docs/errors.md.'),
      message: text,
      next: text.optional().describe('What to do.'),
    })
    .optional(),
  published: z
    .strictObject({
      commit: text,
      url: text.describe('Page of the target.'),
      by: z.enum(['api', 'git', 'import', 'files']).optional().describe('How the commit got there.'),
    })
    .optional(),
  sourceCommit: text.optional().describe('The commit of the source that is synced.'),
  sourceUrl: text.optional().describe('Page of the source.'),
  changes: z
    .strictObject({ add: count, update: count, delete: count })
    .describe('Files that the plan wants changed.'),
  bytes,
  files,
  seconds: z.number().nonnegative().describe('Work of all jobs on it, added up.'),
  startedAt: time.optional().describe('When the first job began with it.'),
  notes: z.array(text).describe('What a reader should know, such as why git was used.'),
  forecast: z
    .strictObject({ move: count, reuse: count })
    .optional()
    .describe('Only in a dry run: bytes that a run would move and reuse.'),
})

const stage = z.strictObject({ name: z.enum(['plan', 'sync', 'publish']), startedAt: time, finishedAt: time })

const job = z.strictObject({
  kind: z.enum(['sync', 'publish']),
  rows: z.array(count).describe('Indexes into items.'),
  part: z
    .strictObject({ number: count, of: count })
    .optional()
    .describe('Which share of its only repo it moved, from 1.'),
  state: z.enum(['done', 'failed', 'stopped', 'missing']).describe('missing: it left no result.'),
  bytes,
  startedAt: time.optional(),
  finishedAt: time.optional(),
  attempt: z.number().int().positive().optional(),
})

/** `report.json`; what it lets through is a `Report`. */
export const reportSchema: z.ZodType<Report> = z.strictObject({
  version: z.literal(1),
  tool: text.describe('model-hub-sync/<version>.'),
  createdAt: time,
  outcome: z
    .enum(['success', 'failure', 'incomplete'])
    .describe(
      'incomplete: nothing failed, but something planned has no result, or the run was stopped early.',
    ),
  dryRun: z.boolean(),
  underWay: z.literal(true).optional().describe('The run goes on: this is how far it is.'),
  run: text.optional().describe('Address of the workflow run.'),
  hidden: count
    .optional()
    .describe('Rows that are called private-1 and so on, since everybody can read this report.'),
  totals: z.strictObject({
    outcomes: z.strictObject({
      ...{ synced: count, moved: count, unchanged: count, skipped: count },
      ...{ blocked: count, conflict: count, failed: count, missing: count },
    }),
    bytes,
    files,
    seconds: z.number().nonnegative().describe('Work of all jobs, added up.'),
    forecast: z.strictObject({ repos: count, move: count, reuse: count }).optional(),
  }),
  stages: z
    .array(stage)
    .optional()
    .describe('From the first start to the last end of each, by the clocks of the machines.'),
  jobs: z.array(job).optional().describe("In the plan's order; none in a dry run."),
  items: z.array(item).describe('One row for each repo: what was planned first, then what was held back.'),
})

/** The JSON schema of report.json (draft 2020-12), published as report.schema.json. */
export function reportJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(reportSchema)
  return {
    $schema,
    title: 'model-hub-sync report',
    description: 'What became of each repo, as `report` and `run` write it to report.json.',
    ...rest,
  }
}
