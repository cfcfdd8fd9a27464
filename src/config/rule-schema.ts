import { z } from 'zod'
import { check, globProblem, revisionProblem, triggerProblem } from './checks.ts'
import { parseBandwidth, parseDuration } from './units.ts'

/** What a rule says where neither it nor `defaults` says anything; keys as in the file. */
export const ruleDefaults = {
  types: ['model'],
  repos: { include: ['*'], exclude: [] },
  files: { include: ['**'], exclude: [] },
  direction: 'one-way',
  trigger: 'scheduled',
  existing: 'update',
  adopt: false,
  delete: false,
  visibility: 'keep',
  gated: 'skip',
  license: 'keep',
  conflict: 'fail',
  bandwidth: 'off',
  verify: 'sampled',
  transport: 'auto',
  'stall-timeout': '60s',
} as const

/** What `delete: true` means. */
export const deleteGuards = { 'max-files': 20, 'max-ratio': 0.2 } as const

const maxList = 1000
const glob = z.string().max(500).superRefine(check(globProblem))
const globs = z.array(glob).max(maxList)

/** Keys of a rule, all but `name`, with what they mean. */
export const ruleShape = {
  description: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'For people.', examples: ['Qwen, twice a day'] }),
  from: z
    .string()
    .max(300)
    .optional()
    .meta({
      description: 'Source: an owner, a repo, a glob of names, or a local folder.',
      examples: ['huggingface:Qwen', 'hf:Qwen/Qwen3-*', 'dir:./my-model'],
    }),
  to: z
    .string()
    .max(300)
    .optional()
    .meta({
      description: 'Target: an owner, a repo, a name with `{name}`, or a local folder.',
      examples: ['modelscope:my-org', 'ms:my-org/qwen-{name}', 'dir:./backup/{name}'],
    }),
  types: z
    .array(z.enum(['model', 'dataset']))
    .min(1)
    .max(2)
    .optional()
    .meta({
      description: 'Types of repos. A single repo named without a type is looked up as model, then dataset.',
      default: ruleDefaults.types,
    }),
  repos: z
    .strictObject({
      include: globs
        .min(1)
        .optional()
        .meta({
          description: 'Names to take.',
          default: ruleDefaults.repos.include,
          examples: [['Qwen3-*']],
        }),
      exclude: globs.optional().meta({
        description: 'Names to leave out.',
        default: ruleDefaults.repos.exclude,
        examples: [['*-GGUF']],
      }),
    })
    .optional()
    .meta({ description: 'Which repos of the owner.' }),
  requires: glob.optional().meta({
    description: 'Models only: just repos that hold a file like this.',
    examples: ['*.safetensors'],
  }),
  revision: z
    .string()
    .superRefine(check(revisionProblem))
    .optional()
    .meta({
      description: "Branch, tag or commit of the source. Without it: the source's default branch.",
      examples: ['main'],
    }),
  files: z
    .strictObject({
      include: globs
        .min(1)
        .optional()
        .meta({
          description: 'Files to copy.',
          default: ruleDefaults.files.include,
          examples: [['*.safetensors', '*.json']],
        }),
      exclude: globs.optional().meta({
        description: 'Files to leave out.',
        default: ruleDefaults.files.exclude,
        examples: [['original/**']],
      }),
    })
    .optional()
    .meta({ description: 'Which files of a repo.' }),
  direction: z.enum(['one-way', 'two-way']).optional().meta({
    description:
      '`one-way`: the source wins; `two-way`: changes go over in both directions, by what both sides had when they were last equal.',
    default: ruleDefaults.direction,
  }),
  trigger: z
    .string()
    .max(100)
    .superRefine(check(triggerProblem))
    .optional()
    .meta({
      description:
        '`scheduled`, `manual` (only when named), or a cron line (only when the schedule that fired is that line).',
      default: ruleDefaults.trigger,
      examples: ['17 */12 * * *', 'scheduled', 'manual'],
    }),
  existing: z.enum(['update', 'skip']).optional().meta({
    description: '`skip` leaves a repo alone that already exists with content.',
    default: ruleDefaults.existing,
  }),
  adopt: z.boolean().optional().meta({
    description:
      '`true` gives a target that already has equal content one sync commit, so that deletes and two-way rules have a base.',
    default: ruleDefaults.adopt,
  }),
  delete: z
    .union([
      z.boolean(),
      z.strictObject({
        'max-files': z.int().min(0).max(1_000_000).optional().meta({
          description: 'Most files of a repo that may go at once.',
          default: deleteGuards['max-files'],
        }),
        'max-ratio': z.number().min(0).max(1).optional().meta({
          description: "Largest share of a repo's files that may go at once, from 0 to 1.",
          default: deleteGuards['max-ratio'],
        }),
      }),
    ])
    .optional()
    .meta({
      description:
        'Whether files that left one side leave the other. `true` is these guards; over one of them the repo is blocked and nothing is deleted.',
      default: ruleDefaults.delete,
      examples: [true, { 'max-files': 20, 'max-ratio': 0.2 }],
    }),
  visibility: z.enum(['keep', 'private', 'public']).optional().meta({
    description: 'Of the target. `keep` never makes a private or gated source public.',
    default: ruleDefaults.visibility,
  }),
  gated: z.enum(['skip', 'fail', 'private']).optional().meta({
    description: 'What to do with a gated source; `private` mirrors it into a private repo.',
    default: ruleDefaults.gated,
  }),
  license: z
    .enum(['keep', 'require'])
    .optional()
    .meta({ description: '`require` skips repos without a known license.', default: ruleDefaults.license }),
  conflict: z.enum(['fail', 'source', 'target']).optional().meta({
    description:
      'Two-way rules only: what to do with a file that both sides changed differently. `fail` holds the repo; `source` and `target` say who wins.',
    default: ruleDefaults.conflict,
  }),
  bandwidth: z
    .string()
    .superRefine(
      check((text) =>
        parseBandwidth(text) === undefined ? 'expected off, or a rate such as 10MB/s or 80Mbit/s' : undefined,
      ),
    )
    .optional()
    .meta({
      description: 'Ceiling for moving content.',
      default: ruleDefaults.bandwidth,
      examples: ['10MB/s', '80Mbit/s'],
    }),
  verify: z.enum(['sampled', 'full']).optional().meta({
    description:
      '`sampled`: digests the hub lists, and the first and last MiB of every LFS object read back; `full`: every byte is read back and hashed.',
    default: ruleDefaults.verify,
  }),
  transport: z.enum(['auto', 'git', 'import']).optional().meta({
    description:
      "`auto`: each hub's best way, git where an API refuses; `git`: always git; `import`: GitCode creates the repo from the source's clone address (targets of type `gitcode` only).",
    default: ruleDefaults.transport,
  }),
  'stall-timeout': z
    .string()
    .superRefine(
      check((text) =>
        parseDuration(text) === undefined ? 'expected a duration such as 60s or 5m' : undefined,
      ),
    )
    .optional()
    .meta({
      description: 'A stream without a byte for this long counts as failed.',
      default: ruleDefaults['stall-timeout'],
      examples: ['5m', '60s'],
    }),
}
