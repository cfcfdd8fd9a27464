import { z } from 'zod'
import { check } from './checks.ts'
import { ruleShape } from './rule-schema.ts'
import { parseRequestRate } from './units.ts'

const maxList = 1000

const licensesSchema = z.strictObject({
  allow: z
    .array(z.string().min(1).max(100))
    .max(maxList)
    .optional()
    .meta({
      description: 'License ids the hub takes; without it: any.',
      examples: [['apache-2.0', 'mit', 'other']],
    }),
  map: z
    .record(z.string().max(200), z.string().min(1).max(100))
    .optional()
    .meta({
      description: 'Spellings of the hub and the id they mean.',
      examples: [{ 'Apache License 2.0': 'apache-2.0' }],
    }),
})

export const hubTypeSchema = z.enum(['huggingface', 'modelscope', 'modelers', 'gitcode', 'github', 'git'])

const hubSchema = z.strictObject({
  type: hubTypeSchema.optional().meta({
    description:
      'Which API the hub speaks; `git` is any host of git with LFS. Needed for every hub that is not built in.',
  }),
  endpoint: z
    .string()
    .max(500)
    .optional()
    .meta({
      description:
        'Origin of the hub, without a path; for type `git` with the path that all repos are below, if any. May hold an environment variable.',
      examples: ['https://hub.example.org'],
    }),
  token: z
    .string()
    .max(8192)
    .optional()
    .meta({
      description: 'Access token, best as an environment variable.',
      examples: [variable('MATRIXHUB_TOKEN')],
    }),
  username: z
    .string()
    .max(200)
    .optional()
    .meta({
      description: 'User name for git, where a hub wants one. May hold an environment variable.',
      examples: ['sync-bot'],
    }),
  auth: z.enum(['basic', 'bearer']).optional().meta({
    description:
      'Type `git` only: how the token is sent, as the password of `username` or as a bearer token.',
    default: 'basic',
  }),
  'lfs-endpoint': z
    .string()
    .max(500)
    .optional()
    .meta({
      description:
        "Type `git` only: where LFS is, if not at the repo's address and `/info/lfs`. The hub's token goes there, too.",
      examples: ['https://lfs.example.org/{owner}/{name}'],
    }),
  'rate-limit': z
    .string()
    .superRefine(
      check((text) =>
        parseRequestRate(text) === undefined
          ? 'expected requests a second, minute or hour, such as 5/s'
          : undefined,
      ),
    )
    .optional()
    .meta({ description: 'Ceiling for requests.', examples: ['5/s', '1000/h'] }),
  concurrency: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .meta({ description: 'Ceiling for LFS objects moved to this hub at a time.', examples: [4] }),
  'ca-file': z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .meta({
      description: 'PEM file of a certificate authority to trust for this hub.',
      examples: ['./ca.pem'],
    }),
  'insecure-http': z
    .boolean()
    .optional()
    .meta({ description: 'Allows plain http beyond loopback, on a private network.', default: false }),
  licenses: licensesSchema.optional().meta({ description: 'Replaces the built-in license list of the hub.' }),
})

/** Any rule key but its name: `defaults`, and what `--set` may say. */
export const ruleKeysSchema = z.strictObject(ruleShape)

const ruleSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, {
      error: () => 'expected 1 to 64 lower-case letters, digits, dots and dashes, a letter or digit first',
    })
    .meta({ description: 'Unique; letters, digits, dots, dashes.', examples: ['qwen-to-modelscope'] }),
  ...ruleShape,
})

/** The whole configuration file. Sections and keys: interface of the project, docs/rules.md. */
export const configSchema = z.strictObject({
  version: z
    .literal(1, { error: () => 'expected 1, the only version there is' })
    .meta({ description: 'Version of the file format.' }),
  hubs: z
    .record(z.string(), hubSchema)
    .optional()
    .meta({ description: 'Hubs by id. Built-in ids need no entry unless something differs.' }),
  defaults: ruleKeysSchema.optional().meta({ description: 'Any rule key but `name`, for all rules.' }),
  rules: z.array(ruleSchema).max(maxList).optional().meta({ description: 'What goes where.' }),
})

export type HubEntry = z.output<typeof hubSchema>
export type RuleKeys = z.output<typeof ruleKeysSchema>
export type RuleEntry = z.output<typeof ruleSchema>

/** How the file names an environment variable. */
function variable(name: string): string {
  return `\${${name}}`
}
