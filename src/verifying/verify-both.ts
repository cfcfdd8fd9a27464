import type { Rule } from '../config/rule.ts'
import type { Context } from '../context.ts'
import { asSyncError } from '../model/errors.ts'
import type { FileEntry } from '../model/file.ts'
import { type Finding, isWrong } from '../model/verification.ts'
import { compareBoth } from '../planning/compare-both.ts'
import type { Decision } from '../planning/decide.ts'
import type { BothDecision } from '../planning/decide-both.ts'
import { withoutTargetsOwn } from '../planning/derive-changes.ts'
import type { Pair } from '../planning/derived.ts'
import { type Histories, historiesOf } from '../planning/histories.ts'
import type { BothListed } from '../planning/read-both.ts'
import { type ContentCheck, readBack, type Sorted } from './verify-content.ts'
import { differenceFindings, extraFiles, extraNote } from './verify-files.ts'
import type { Reading } from './verify-objects.ts'

/**
 * What `verifyContent` is for a two-way pair. What one side has changed since both were last equal waits for a run and is no damage;
 * what both have changed, or what no base tells, is a difference, also where the rule says which of the two counts.
 */
export async function verifyBothContents(
  context: Context,
  { rule, others }: Pair,
  both: BothListed,
  reading: Omit<Reading, 'source' | 'target'>,
): Promise<ContentCheck> {
  const { source, target } = both
  const histories = asStranger(historiesOf(source, target, others))
  const { compared, decided } = await compareBoth({ ...rule, conflict: 'fail' }, both, histories)
  const { decision } = await withoutTargetsOwn(source, target.repo, compared)
  const found = await differenceFindings(source, target, decision)
  const sorted = sortedBy(rule, await pendingIn(both, decided), decided, both, decision, found)
  return readBack(context, { ...reading, source, target }, decision.same, sorted)
}

/** Who verifies needs no token, and a hub may show its history to none but members: then there is no base. */
function asStranger(histories: Histories): Histories {
  const pasts = async () => {
    try {
      return await histories.pasts()
    } catch (thrown) {
      if (asSyncError(thrown).code !== 'unauthorized') throw thrown
      return { kind: 'none', why: 'the history is shown to members only' } as const
    }
  }
  return { ...histories, pasts }
}

const bring = ': a run brings it over'

/** What the next run does, by path. */
type Pending = ReadonlyMap<string, Finding>

async function pendingIn({ source, target }: BothListed, { forward, back }: BothDecision): Promise<Pending> {
  const nothing = { update: [], same: [], unknown: [] }
  const { decision } = await withoutTargetsOwn(target, source.repo, { ...nothing, add: back.add })
  const then = 'since both were equal'
  const remove = (side: string) => `: a run deletes it on the ${side}, if the guards let it`
  const all: readonly (readonly [readonly FileEntry[], string])[] = [
    [forward.add, `only the source has it${bring}`],
    [forward.update, `only the source has changed it ${then}${bring}`],
    [forward.deletes, `the source has deleted it ${then}${remove('target')}`],
    [decision.add, `only the target has it${bring}`],
    [back.update, `only the target has changed it ${then}${bring}`],
    [back.deletes, `the target has deleted it ${then}${remove('source')}`],
  ]
  return new Map(
    all.flatMap(([files, text]) =>
      files.map(({ path }) => [
        path,
        {
          kind: 'behind',
          path,
          severity: 'note',
          text,
          next: '`run` settles it.',
          repairable: false,
        } as const,
      ]),
    ),
  )
}

function sortedBy(
  rule: Rule,
  pending: Pending,
  { conflicts }: BothDecision,
  both: BothListed,
  { add, update }: Decision,
  found: readonly Finding[],
): Sorted {
  const whys = new Map<string, string>(conflicts.map(({ path, why }) => [path, why]))
  const byPath = Map.groupBy(found, ({ path }) => path)
  const extra = extraFiles(both.source, both.target)
  const onlyThere = new Set<string>(extra.map(({ path }) => path))
  const findings: Finding[] = []
  for (const { path } of [...add, ...update, ...extra]) {
    const own = byPath.get(path) ?? []
    const [waiting, why] = [pending.get(path), whys.get(path)]
    if (waiting !== undefined) findings.push(...pointersOr(own, waiting))
    else if (why !== undefined) findings.push(...conflictFindings(rule, path, why, own))
    else if (onlyThere.has(path)) findings.push(extraNote(path))
    else findings.push(...own.map(inTheWay))
  }
  const waits = new Set(findings.filter(({ kind }) => kind === 'behind').flatMap(({ path }) => path ?? []))
  const isOpen = ({ path }: FileEntry) => !waits.has(path)
  const differing = { add: add.filter(isOpen), update: update.filter(isOpen) }
  return { differing, extra, findings, pending: waits }
}

/** A pointer that stands where a file should is damage, whoever has put it there: a run would bring it to the other side. */
function pointersOr(own: readonly Finding[], waiting: Finding): readonly Finding[] {
  const pointers = own.filter(({ kind }) => kind === 'pointer-as-file')
  return pointers.length > 0 ? pointers : [waiting]
}

function conflictFindings({ conflict }: Rule, path: string, why: string, own: readonly Finding[]): Finding[] {
  const next =
    conflict === 'fail'
      ? 'Make both sides equal by hand, or say in the rule which of them counts (conflict).'
      : `\`run\` settles it: the ${conflict} counts (rule: conflict: ${conflict}).`
  const wrong = own.filter(isWrong)
  if (wrong.length === 0)
    return [{ kind: 'differs', path, severity: 'problem', text: why, next, repairable: false }]
  return wrong.map((finding): Finding => {
    if (finding.kind === 'pointer-as-file') return finding
    return { ...finding, text: `${finding.text} (${why})`, next, repairable: false }
  })
}

/** A run leaves a path alone where the other side has a link or the like, which never goes over. */
function inTheWay(finding: Finding): Finding {
  if (!isWrong(finding) || finding.kind === 'pointer-as-file') return finding
  const next =
    'The other side has a link or a submodule of this name, which no run touches: rename one of the two.'
  return { ...finding, next, repairable: false }
}
