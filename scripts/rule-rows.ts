import { ruleShape } from '../src/config/rule-schema.ts'
import { type EndType, endTypes, hubIdOf, profileOf } from './rule-ends.ts'

/** What is there before the run, in words; who runs a row makes it so. */
export const settings = {
  open: 'a public source, no target',
  gated: 'a gated source, no target',
  hidden: 'a private source, no target',
  folder: 'a local folder, no target',
  unlicensed: 'a source that names no license, no target',
  older: 'a public source, a public target with an older file',
  tagged: 'a source that went on after its tag `v1`, no target',
  brought: 'a target with the same files, brought by other means',
  left: 'one of five files left the source after the last run',
  added: 'a person added `note.txt` to the target after the last run',
  apart: 'both sides changed `config.json` after the last run',
} as const
export type Setting = keyof typeof settings

/** One value of a key with one hub as target: what must come of it. */
export interface Row {
  readonly key: string
  /** Undefined: the key is left out. */
  readonly value: unknown
  readonly setting: Setting
  /** Further keys of the rule. */
  readonly beside: Readonly<Record<string, unknown>>
  readonly from: EndType
  readonly to: EndType
  readonly expected: string
}

/** The rows of one key, by values and situation. */
interface Group {
  readonly key: keyof typeof ruleShape
  readonly values: readonly unknown[]
  readonly setting: Setting
  readonly beside?: Readonly<Record<string, unknown>>
  readonly from?: EndType
  readonly expected: (value: unknown, to: EndType, from: EndType) => string
}

/** Every value of every key that makes a difference to what comes of a repo, with every type of hub as target. */
export function ruleRows(): readonly Row[] {
  return groups.flatMap(({ key, values, setting, beside = {}, from = 'huggingface', expected }) =>
    values.flatMap((value) =>
      endTypes.map((to) => {
        const row = { key, value, setting, beside, from, to }
        return { ...row, expected: expected(value, to, from) }
      }),
    ),
  )
}

const [visibilities, yesNo] = [ruleShape.visibility.unwrap().options, [false, true]]
const noHistory = 'a local folder has no history that could tell what both sides had'
const twoWay = { direction: 'two-way' }

const groups: readonly Group[] = [
  {
    key: 'gated',
    values: ruleShape.gated.unwrap().options,
    setting: 'gated',
    expected: (value, to) =>
      value === 'private'
        ? made('private', to)
        : `${value === 'skip' ? 'skipped' : 'failed'}: the source is gated (rule: gated: ${value})`,
  },
  {
    key: 'license',
    values: ruleShape.license.unwrap().options,
    setting: 'unlicensed',
    expected: (value, to) =>
      value === 'keep' ? made('public', to) : 'skipped: the source names no license (rule: license: require)',
  },
  {
    key: 'existing',
    values: ruleShape.existing.unwrap().options,
    setting: 'older',
    expected: (value) =>
      value === 'update' ? 'updated' : 'skipped: the target exists with content (rule: existing: skip)',
  },
  {
    key: 'visibility',
    values: visibilities,
    setting: 'open',
    expected: (value, to) => made(value === 'private' ? 'private' : 'public', to),
  },
  {
    key: 'visibility',
    values: visibilities,
    setting: 'hidden',
    expected: (value, to) =>
      value === 'public'
        ? 'blocked: critical: the source is private and the rule says visibility: public; nothing non-public is ever made public'
        : made('private', to),
  },
  {
    key: 'visibility',
    values: visibilities,
    setting: 'folder',
    from: 'dir',
    expected: (value, to) => made(value === 'public' ? 'public' : 'private', to),
  },
  {
    key: 'visibility',
    values: visibilities,
    setting: 'older',
    expected: (value, to) =>
      value === 'private' && to !== 'dir'
        ? 'blocked: critical: the rule says visibility: private, but the target exists and is public; make it private on the hub, or choose another target'
        : 'updated',
  },
  {
    key: 'revision',
    values: [undefined, 'v1', 'v2'],
    setting: 'tagged',
    expected: (value, to) =>
      value === 'v2'
        ? 'failed: huggingface:alice/m has no revision v2.'
        : `${made('public', to)}, ${value === 'v1' ? 'as at v1' : 'as at the newest commit'}`,
  },
  {
    key: 'files',
    values: [undefined, { include: ['*.json'] }, { exclude: ['*.safetensors'] }],
    setting: 'open',
    expected: (value, to) => `${made('public', to)} with ${filesBy(value)}`,
  },
  {
    key: 'bandwidth',
    values: ['off', '100kB/s', '1Mbit/s'],
    setting: 'open',
    expected: (value, to) =>
      `${made('public', to)}, ${value === 'off' ? 'at full speed' : `at ${value} at most`}`,
  },
  {
    key: 'verify',
    values: ruleShape.verify.unwrap().options,
    setting: 'open',
    expected: (value, to) => `${made('public', to)}, weights ${proofOf(value, to)}`,
  },
  {
    key: 'transport',
    values: ruleShape.transport.unwrap().options,
    setting: 'open',
    expected: transported,
  },
  {
    key: 'transport',
    values: ['import'],
    setting: 'folder',
    from: 'dir',
    beside: { visibility: 'public' },
    expected: transported,
  },
  ...(['adopt', 'delete'] as const).map((key) => fromFolder(key, true, `refused: ${key}: ${noHistory}`)),
  fromFolder('direction', 'two-way', `refused: direction: two-way: ${noHistory}`),
  {
    key: 'adopt',
    values: yesNo,
    setting: 'brought',
    expected: (value, to) =>
      to === 'dir' && value === true
        ? `refused: adopt: ${noHistory}`
        : value === true
          ? 'updated by a commit without changes'
          : 'unchanged',
  },
  {
    key: 'delete',
    values: [false, true, { 'max-files': 0 }, { 'max-ratio': 0.1 }],
    setting: 'left',
    expected: deleted,
  },
  {
    key: 'direction',
    values: ruleShape.direction.unwrap().options,
    setting: 'added',
    expected: (value, to) =>
      value === 'one-way'
        ? 'unchanged'
        : to === 'dir'
          ? `refused: direction: two-way: ${noHistory}`
          : 'note.txt goes to the source',
  },
  {
    key: 'conflict',
    values: ruleShape.conflict.unwrap().options,
    setting: 'apart',
    beside: twoWay,
    expected: (value, to) => {
      if (to === 'dir') return `refused: direction: two-way: ${noHistory}`
      return value === 'fail'
        ? 'conflict: nothing is written'
        : `config.json of the ${value} goes to the other side`
    },
  },
]

/** What a folder as the source makes of a value, whatever the target is. */
function fromFolder(key: Group['key'], value: unknown, expected: string): Group {
  return { key, values: [value], setting: 'folder', from: 'dir', expected: () => expected }
}

/** A target that was absent: hubs make it with the visibility asked for, but a push cannot, and a folder has none. */
function made(visibility: 'public' | 'private', to: EndType): string {
  if (to === 'dir') return 'written'
  if (profileOf(to).createsOnPush !== true || visibility === 'public') return `made ${visibility}`
  const name = `${hubIdOf(to)}:my-org/m`
  return `blocked: critical: ${name} does not exist, and would be made by a push, which cannot make it private: create it there as private first`
}

function filesBy(value: unknown): string {
  if (value === undefined) return 'README.md, config.json, w.safetensors'
  return JSON.stringify(value).includes('include') ? 'config.json' : 'README.md, config.json'
}

/** A hub that hashes what it is sent has seen every byte; of others the ends are read, or all of it. */
function proofOf(value: unknown, to: EndType): string {
  if (value === 'full') return 'verified (read-back)'
  return profileOf(to).lfs.hashesUploads === undefined ? 'sampled (sample)' : 'verified (hub-hashed)'
}

function transported(value: unknown, to: EndType, from: EndType): string {
  if (value === 'import') {
    if (to !== 'gitcode')
      return `refused: transport: import: only hubs of type gitcode can, and the target is ${hubIdOf(to)}`
    if (from === 'dir')
      return 'refused: transport: import: a local folder has no address that a hub could fetch from'
    return `${made('public', to)}, by import`
  }
  const byApi = value === 'auto' && profileOf(to).commit !== undefined
  return `${made('public', to)}, by ${to === 'dir' ? 'files' : byApi ? 'api' : 'git'}`
}

function deleted(value: unknown, to: EndType): string {
  if (value === false) return 'unchanged'
  if (to === 'dir') return `refused: delete: ${noHistory}`
  if (value === true) return 'updated, old.txt is gone'
  const over = JSON.stringify(value).includes('files')
    ? '1 file would be deleted, over max-files: 0 (rule: delete)'
    : '1 file would be deleted of the 5 that both sides had, over max-ratio: 0.1 (rule: delete)'
  return `blocked: ${over}`
}
