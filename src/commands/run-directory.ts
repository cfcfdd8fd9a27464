import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { parseFolder } from '../config/folder-path.ts'
import { SyncError } from '../model/errors.ts'
import type { Plan } from '../model/plan.ts'
import { folderHub } from '../model/repo.ts'
import type { JobResult } from '../model/report.ts'

/** The folder through which the stages talk; private, and ignored by git through a `.gitignore` of its own. */
export interface RunDirectory {
  readonly path: string
  writePlan(plan: Plan): Promise<string>
  readPlan(file?: string): Promise<Plan>
  writeResult(result: JobResult): Promise<string>
  /** Every result that can be read; a damaged one is warned of and left out, so that its items count as missing. */
  readResults(warn: (message: string) => void): Promise<JobResult[]>
  /** Removes the results of an earlier plan. */
  clearResults(): Promise<void>
  writeFile(name: string, text: string): Promise<string>
  readFile(name: string): Promise<string | undefined>
}

/** Makes the folder if need be, with its `.gitignore`. Reading throws `usage` without a plan, `plan` for a damaged file. */
export async function openRunDirectory(path: string): Promise<RunDirectory> {
  await makeFolder(path)
  const results = join(path, 'results')
  const write = (name: string, text: string) => replaceFile(join(path, name), text)
  return {
    path,
    writePlan: (plan) => write('plan.json', `${JSON.stringify(plan, null, 1)}\n`),
    readPlan: async (file = join(path, 'plan.json')) => parsePlan(await planText(file), file),
    async writeResult(result) {
      await mkdir(results, { recursive: true, mode: 0o700 })
      return write(`results/${result.job}.json`, `${JSON.stringify(result, null, 1)}\n`)
    },
    readResults: (warn) => readResults(results, warn),
    clearResults: () => rm(results, { recursive: true, force: true }),
    writeFile: write,
    readFile: (name) => textOf(join(path, name)),
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    await writeFile(join(path, '.gitignore'), '*\n')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SyncError('usage', `The run directory ${path} cannot be written: ${why}.`, {
      next: 'Nothing was done. Name another folder with --dir.',
      cause,
    })
  }
}

/** A file is whole or not there, also when the process dies while writing. */
async function replaceFile(file: string, text: string): Promise<string> {
  const unfinished = `${file}.${process.pid}.tmp`
  await writeFile(unfinished, text, { mode: 0o600 })
  await rename(unfinished, file)
  return file
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function planText(file: string): Promise<string> {
  const text = await textOf(file)
  if (text !== undefined) return text
  throw new SyncError('usage', `There is no plan at ${file}.`, {
    next: 'Make one with `model-hub-sync plan`, or name its file or --dir.',
  })
}

async function readResults(folder: string, warn: (message: string) => void): Promise<JobResult[]> {
  let names: string[]
  try {
    names = await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  const files = names.filter((name) => name.endsWith('.json')).sort()
  const results: JobResult[] = []
  for (const file of files.map((name) => join(folder, name))) {
    try {
      results.push(parseResult((await textOf(file)) ?? '', file))
    } catch (thrown) {
      if (!(thrown instanceof SyncError)) throw thrown
      warn(`${thrown.message} Its repos count as missing.`)
    }
  }
  return results
}

const namePattern = /^[\w.-]{1,128}$/
/** A rule, a type, and a target's owner and name; of a folder only its name, which may be any. */
const idSchema = z
  .string()
  .max(800)
  .regex(/^[a-z0-9][a-z0-9.-]{0,63}\/(models|datasets)(\/[^/]{1,128})+\/[^/]{1,255}$/)
  .refine((id) => {
    const [, , ...path] = id.split('/')
    const [owner, name = ''] = [path.slice(0, -1).join('/'), path.at(-1)]
    return areNames(owner, name) || (owner === folderHub && isFolder('.', name))
  }, 'is not as an id is')
const commitSchema = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)
/** What a configuration takes as a revision, or a hub calls its branch. */
const branchSchema = z
  .string()
  .regex(/^[\w./+@#-]{1,255}$/)
  .regex(/^[^-]/)
const bytesSchema = z.number().int().nonnegative()
const textSchema = z.string().max(100_000)
const jobIdSchema = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/)

const heldBackSchema = z.strictObject({
  rule: textSchema,
  repo: textSchema,
  target: textSchema,
  reason: textSchema,
  public: z.literal(true).optional(),
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

const itemSchema = z.strictObject({
  id: idSchema,
  rule: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/),
  type: z.enum(['model', 'dataset']),
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

const planSchema = z.strictObject({
  version: z.literal(1),
  tool: textSchema,
  startedAt: z.iso.datetime().optional(),
  createdAt: z.iso.datetime(),
  runId: z.string().regex(/^[0-9a-z-]{8,64}$/),
  configDigest: z.string().regex(/^[0-9a-f]{64}$/),
  items: z.array(itemSchema),
  jobs: z.array(
    z.strictObject({
      id: jobIdSchema,
      label: textSchema,
      items: z.array(idSchema),
      objects: z.array(z.string().regex(/^[0-9a-f]{64}$/)).optional(),
      bytes: bytesSchema,
    }),
  ),
  unchanged: z.array(heldBackSchema),
  skipped: z.array(heldBackSchema),
  blocked: z.array(heldBackSchema.extend({ details: z.array(textSchema) })),
  failed: z.array(heldBackSchema.extend({ code: textSchema })),
})

const resultSchema = z.strictObject({
  version: z.literal(1),
  job: jobIdSchema,
  attempt: z.number().int().positive(),
  items: z.array(
    z.strictObject({
      id: idSchema,
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
})

/** A plan file's text as a plan of this version, or a `plan` error. */
export function parsePlan(text: string, file: string): Plan {
  const json = parseJson(text, file)
  if (typeof json === 'object' && json !== null && 'version' in json && json.version !== 1) {
    throw new SyncError(
      'plan',
      `The plan ${file} is of version ${JSON.stringify(json.version)}; this model-hub-sync reads version 1.`,
      {
        next: 'Plan again with the same version that syncs.',
      },
    )
  }
  return checked(planSchema, json, file)
}

function parseResult(text: string, file: string): JobResult {
  return checked(resultSchema, parseJson(text, file), file)
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new SyncError('plan', `${file} is not JSON.`, {
      next: 'It was damaged or cut short: make it again.',
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
