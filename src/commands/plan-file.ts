import { z } from 'zod'
import { parseFolder } from '../config/folder-path.ts'
import { isBranchName } from '../model/branch.ts'
import { SyncError } from '../model/errors.ts'
import type { StoredPlan, WorkItem } from '../model/plan.ts'
import { folderHub } from '../model/repo.ts'
import type { JobResult } from '../model/report.ts'

/** A plan file's text as a plan of this version, or a `plan` error. */
export function parsePlan(text: string, file: string): StoredPlan {
  const json = parseJson(text, file)
  if (typeof json === 'object' && json !== null && 'version' in json && json.version !== 1) {
    throw new SyncError(
      'plan',
      `The plan ${file} is of version ${JSON.stringify(json.version)}; this model-hub-sync reads version 1.`,
      {
        next: 'Plan again with the same version that syncs.',
        isPublic: true,
      },
    )
  }
  return checked(planSchema, json, file)
}

/** One item that was sealed in a plan. */
export function parseItem(text: Buffer): WorkItem {
  return checked(itemSchema, parseJson(text.toString('utf8'), 'a sealed item'), 'a sealed item')
}

/** A result file's text, or a `plan` error. */
export function parseResult(text: string, file: string): JobResult {
  return checked(resultSchema, parseJson(text, file), file)
}

const namePattern = /^[\w.-]{1,128}$/
/** A rule, `back` where its source is written, a type, and a target's owner and name; of a folder only its name, which may be any. */
const idSchema = z
  .string()
  .max(800)
  .regex(/^[a-z0-9][a-z0-9.-]{0,63}(\/back)?\/(models|datasets)(\/[^/]{1,128})+\/[^/]{1,255}$/)
  .refine((id) => {
    const [, second, ...rest] = id.split('/')
    const path = second === 'back' ? rest.slice(1) : rest
    const [owner, name = ''] = [path.slice(0, -1).join('/'), path.at(-1)]
    return areNames(owner, name) || (owner === folderHub && isFolder('.', name))
  }, 'is not as an id is')
const commitSchema = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)
/** What a configuration takes as a revision, or a hub calls its branch. */
const branchSchema = z.string().refine(isBranchName, 'is no branch name')
/** Sums of what hubs say need not be exact: a number that is none of theirs must not spoil the plan for all other repos. */
const bytesSchema = z.number().nonnegative().refine(Number.isInteger, 'is no whole number')
const textSchema = z.string().max(100_000)
const jobIdSchema = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/)

const heldBackSchema = z.strictObject({
  rule: textSchema,
  repo: textSchema,
  target: textSchema,
  reason: textSchema,
  public: z.literal(true).optional(),
  sourceUrl: textSchema.optional(),
})

const changeSchema = z.strictObject({
  kind: z.enum(['add', 'update', 'delete']),
  path: z.string().min(1).max(4096),
  size: bytesSchema,
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  move: z.enum(['reuse', 'relay', 'inline', 'import', 'none']),
})

/** Owner (on some hosts of git a path of groups) and name go into addresses; those of a folder are a path as a configuration may write it. */
function isRepo({ hub, owner, name }: { hub: string; owner: string; name: string }): boolean {
  return hub === folderHub ? isFolder(owner, name) : namePattern.test(hub) && areNames(owner, name)
}

function areNames(owner: string, name: string): boolean {
  return [...owner.split('/'), name].every((part) => namePattern.test(part) && !/^\.+$/.test(part))
}

function isFolder(owner: string, name: string): boolean {
  const folder = parseFolder(`${owner}/${name}`)
  return folder.kind === 'folder' && folder.owner === owner && folder.name === name && !name.includes('{')
}

const repoShape = { hub: z.string(), owner: z.string().max(300), name: z.string().max(300) }

const ruleSchema = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/)

const itemSchema = z.strictObject({
  id: idSchema,
  rule: ruleSchema,
  type: z.enum(['model', 'dataset']),
  back: z.literal(true).optional(),
  source: z
    .strictObject({
      ...repoShape,
      space: z.literal(true).optional(),
      branch: branchSchema,
      commit: commitSchema,
    })
    .refine(isRepo, 'names no repo'),
  target: z
    .strictObject({ ...repoShape, branch: branchSchema, head: commitSchema.nullable() })
    .refine(isRepo, 'names no repo'),
  visibility: z.enum(['public', 'internal', 'private']),
  public: z.literal(true).optional(),
  changes: z.array(changeSchema),
  bytes: z.strictObject({ move: bytesSchema, reuse: bytesSchema }),
})

/** What stands for the id of an item that is sealed. */
const aliasSchema = z.string().regex(/^private-[1-9]\d{0,5}(-[1-9]\d{0,3})?$/)
const base64Schema = z.base64()

const sealedSchema = z.strictObject({
  id: aliasSchema,
  rule: ruleSchema,
  type: z.enum(['model', 'dataset']),
  source: z.strictObject({ hub: z.string().regex(namePattern) }),
  target: z.strictObject({ hub: z.string().regex(namePattern) }),
  changes: z.strictObject({ add: bytesSchema, update: bytesSchema, delete: bytesSchema }),
  bytes: z.strictObject({ move: bytesSchema, reuse: bytesSchema }),
  sealed: base64Schema,
})

const planSchema = z.strictObject({
  version: z.literal(1),
  tool: textSchema,
  startedAt: z.iso.datetime().optional(),
  createdAt: z.iso.datetime(),
  runId: z.string().regex(/^[0-9a-z-]{8,64}$/),
  configDigest: z.string().regex(/^[0-9a-f]{64}$/),
  dryRun: z.literal(true).optional(),
  narrowed: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
  salt: base64Schema.min(44).optional(),
  items: z.array(z.union([itemSchema, sealedSchema])),
  jobs: z.array(
    z.strictObject({
      id: jobIdSchema,
      label: textSchema,
      items: z.array(z.union([idSchema, aliasSchema])),
      objects: z.array(z.string().regex(/^[0-9a-f]{64}$/)).optional(),
      sealed: base64Schema.optional(),
      bytes: bytesSchema,
    }),
  ),
  unchanged: z.array(heldBackSchema),
  skipped: z.array(heldBackSchema),
  blocked: z.array(heldBackSchema.extend({ details: z.array(textSchema) })),
  conflicts: z.array(heldBackSchema.extend({ details: z.array(textSchema) })).optional(),
  failed: z.array(heldBackSchema.extend({ code: textSchema })),
})

const resultSchema = z.strictObject({
  version: z.literal(1),
  job: jobIdSchema,
  plan: textSchema.optional(),
  attempt: z.number().int().positive(),
  items: z.array(
    z.strictObject({
      id: z.union([idSchema, aliasSchema]),
      outcome: z.enum([
        'synced',
        'moved',
        'unchanged',
        'skipped',
        'blocked',
        'conflict',
        'failed',
        'missing',
      ]),
      published: z
        .strictObject({
          commit: z.string().max(64),
          url: textSchema,
          by: z.enum(['api', 'git', 'import', 'files']).optional(),
        })
        .optional(),
      files: z.array(
        z.strictObject({
          path: z.string().max(4096),
          verification: z.enum(['verified', 'sampled', 'mismatch', 'unverifiable']),
          evidence: z.enum(['read-back', 'listed-digest', 'hub-hashed', 'sample', 'present']),
        }),
      ),
      bytes: z.strictObject({ moved: bytesSchema, reused: bytesSchema }),
      seconds: z.number().nonnegative(),
      startedAt: z.iso.datetime().optional(),
      sourceUrl: textSchema.optional(),
      error: z
        .strictObject({ code: textSchema, message: textSchema, next: textSchema.optional() })
        .optional(),
      notes: z.array(textSchema).optional(),
    }),
  ),
  startedAt: z.iso.datetime().optional(),
  finishedAt: z.iso.datetime().optional(),
  stopped: z.boolean().optional(),
  unfinished: z.boolean().optional(),
  ledger: z.record(z.string().max(1024), z.unknown()).optional(),
})

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new SyncError('plan', `${file} is not JSON.`, {
      next: 'It was damaged or cut short: make it again.',
      isPublic: true,
      cause: error,
    })
  }
}

function checked<T>(schema: z.ZodType<T>, json: unknown, file: string): T {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new SyncError(
    'plan',
    `${file} is not as model-hub-sync writes it: ${issue?.path.join('.')}: ${issue?.message}.`,
    {
      next: 'It was edited or damaged: plan again.',
    },
  )
}
