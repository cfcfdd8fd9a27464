import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

/** What may stand in an expression's place: its text until it is evaluated. */
const text = z.union([z.string(), z.number(), z.boolean()])
const texts = z.record(z.string(), text.nullable())
const strings = z.union([z.string(), z.array(z.string())]).transform((given) => [given].flat())

const permissionsSchema = z.union([
  z.literal('read-all'),
  z.literal('write-all'),
  z.record(z.string(), z.enum(['read', 'write', 'none'])),
])

const stepSchema = z.strictObject({
  id: z.string().optional(),
  name: z.string().optional(),
  if: text.optional(),
  uses: z.string().optional(),
  with: texts.default({}),
  run: z.string().optional(),
  shell: z.enum(['bash', 'sh']).optional(),
  'working-directory': z.string().optional(),
  env: texts.default({}),
  'continue-on-error': text.default(false),
  'timeout-minutes': text.optional(),
})

const jobSchema = z.strictObject({
  name: text.optional(),
  needs: strings.default([]),
  if: text.optional(),
  permissions: permissionsSchema.optional(),
  'runs-on': z.unknown().optional(),
  environment: z
    .union([z.string(), z.strictObject({ name: z.string(), url: z.string().optional() })])
    .optional(),
  concurrency: z.unknown().optional(),
  outputs: texts.default({}),
  env: texts.default({}),
  steps: z.array(stepSchema).optional(),
  'timeout-minutes': text.optional(),
  strategy: z
    .strictObject({
      matrix: z.union([z.string(), z.record(z.string(), z.unknown())]).default({}),
      'fail-fast': text.default(true),
      'max-parallel': text.default(256),
    })
    .optional(),
  'continue-on-error': text.default(false),
  uses: z.string().optional(),
  with: texts.default({}),
  secrets: z.union([z.literal('inherit'), texts]).default({}),
})

const inputSchema = z.strictObject({
  description: z.string().optional(),
  type: z.enum(['string', 'boolean', 'number', 'choice', 'environment']).default('string'),
  required: z.boolean().default(false),
  default: text.optional(),
  options: z.array(z.string()).optional(),
})

const callSchema = z.strictObject({
  inputs: z.record(z.string(), inputSchema).default({}),
  secrets: z
    .record(
      z.string(),
      z.strictObject({ description: z.string().optional(), required: z.boolean().default(false) }),
    )
    .default({}),
  outputs: z
    .record(z.string(), z.strictObject({ description: z.string().optional(), value: z.string() }))
    .default({}),
})

const workflowSchema = z.strictObject({
  name: z.string().optional(),
  'run-name': z.string().optional(),
  on: z.preprocess(
    (on) => (typeof on === 'string' ? { [on]: null } : on),
    z.looseObject({
      workflow_call: z.preprocess((on) => on ?? {}, callSchema).optional(),
      workflow_dispatch: z
        .preprocess(
          (on) => on ?? {},
          z.strictObject({ inputs: z.record(z.string(), inputSchema).default({}) }),
        )
        .optional(),
    }),
  ),
  permissions: permissionsSchema.optional(),
  concurrency: z.unknown().optional(),
  env: texts.default({}),
  jobs: z.record(z.string(), jobSchema),
})

const actionSchema = z.object({
  inputs: z
    .record(
      z.string(),
      z.object({ description: z.string(), default: text.optional(), required: z.boolean().optional() }),
    )
    .default({}),
  runs: z.strictObject({ using: z.literal('node24'), main: z.string() }),
})

export type WorkflowFile = z.infer<typeof workflowSchema>
export type WorkflowJob = z.infer<typeof jobSchema>
export type WorkflowStep = z.infer<typeof stepSchema>
export type WorkflowInput = z.infer<typeof inputSchema>
export type Permissions = z.infer<typeof permissionsSchema>
export type ActionFile = z.infer<typeof actionSchema>

/** A workflow file of this machine. Throws for a key that this runner does not know, so that none is passed over in silence. */
export function readWorkflow(file: string): WorkflowFile {
  return read(workflowSchema, file)
}

/** An action.yml of this machine, of an action in JavaScript. */
export function readAction(file: string): ActionFile {
  return read(actionSchema, file)
}

function read<T>(schema: z.ZodType<T>, file: string): T {
  const parsed = schema.safeParse(parse(readFileSync(file, 'utf8')))
  if (parsed.success) return parsed.data
  throw new Error(`${file}: ${z.prettifyError(parsed.error)}`)
}
