import { grouped } from '../model/grouped.ts'
import {
  type Finding,
  isWrong,
  type PairVerification,
  type VerificationReport,
} from '../model/verification.ts'
import { logLine } from './escape.ts'
import { counted, formatFiles, hiddenPairs } from './phrases.ts'

export interface FindingsTextOptions {
  /** Where verify.json and verify.md are. */
  readonly directory?: string
  /** What else was done with it: before the last lines. */
  readonly after?: readonly string[]
}

/** Pairs told in full, and findings of one cause told by name. */
const toldPairs = 200
const toldPaths = 5

/**
 * What was found, for a terminal: one line a pair, those in need of a hand first, below it each finding with what to do, findings of
 * one cause together. No line can be a workflow command, whatever a file is called.
 */
export function findingsText(report: VerificationReport, options: FindingsTextOptions = {}): string {
  const pairs = byNeed(report.pairs)
  const more = pairs.length - toldPairs
  const place = options.directory === undefined ? [] : [`Written to ${logLine(options.directory)}`]
  const hidden = hiddenPairs(report.hidden)
  const lines = [
    ...pairs.slice(0, toldPairs).flatMap(pairLines),
    ...(more > 0 ? [`… and ${more} more, listed in verify.json`] : []),
    ...(pairs.length > 0 ? [''] : []),
    ...(options.after ?? []).map(logLine),
    findingsHeadline(report),
    ...(hidden === undefined ? [] : [hidden]),
    ...place,
  ]
  return `${lines.join('\n')}\n`
}

/** `Not in order: 2 of 5 pairs, 3 findings; files: 12 verified, 3 sampled`. */
export function findingsHeadline(report: VerificationReport): string {
  const { pairs, files } = report.totals
  const looked = pairs['in-order'] + pairs.findings
  const wrong = report.pairs.flatMap(({ findings }) => findings).filter(isWrong).length
  const start =
    pairs.findings > 0
      ? `Not in order: ${grouped(pairs.findings)} of ${counted(looked, 'pair')}, ${counted(wrong, 'finding')}`
      : looked === 0
        ? 'No pair was looked at'
        : `In order: ${counted(looked, 'pair')}`
  const others = (['skipped', 'blocked', 'stopped'] as const).flatMap((word) =>
    pairs[word] === 0 ? [] : [`${grouped(pairs[word])} ${word === 'stopped' ? 'not looked at' : word}`],
  )
  const checked = formatFiles(files)
  return [[start, ...others].join(', '), ...(checked === '' ? [] : [`files: ${checked}`])].join('; ')
}

const ranks = ['findings', 'stopped', 'blocked', 'skipped', 'in-order'] as const

/** Pairs in the order in which a person wants to see them. Equal ones keep theirs. */
export function byNeed(pairs: readonly PairVerification[]): PairVerification[] {
  return [...pairs].sort((a, b) => ranks.indexOf(a.outcome) - ranks.indexOf(b.outcome))
}

/** The words for what a pair is. */
export const pairWords: Readonly<Record<PairVerification['outcome'], string>> = {
  'in-order': 'in order',
  findings: 'NOT IN ORDER',
  skipped: 'skipped',
  blocked: 'blocked',
  stopped: 'not looked at',
}

function pairLines(pair: PairVerification): string[] {
  const facts = [pair.reason ?? '', formatFiles(pair.files)].filter((text) => text !== '').join('; ')
  const line = `${pairWords[pair.outcome]}  ${pair.source} → ${pair.target}${facts === '' ? '' : `: ${facts}`}`
  return [logLine(line), ...sameFindings(pair.findings).flatMap(findingLines)]
}

/** Findings of one kind, text and next step together, what is wrong first. */
export function sameFindings(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  const order = ['critical', 'problem', 'note']
  const sorted = [...findings].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
  return [...Map.groupBy(sorted, ({ kind, text, next }) => JSON.stringify([kind, text, next])).values()]
}

/** The first paths of findings that are one, and how many more there are; empty where they are of the repo as a whole. */
export function pathsOf(group: readonly Finding[]): string {
  const paths = group.flatMap(({ path }) => path ?? [])
  const more = paths.length - toldPaths
  return [...paths.slice(0, toldPaths), ...(more > 0 ? [`and ${grouped(more)} more`] : [])].join(', ')
}

function findingLines(group: readonly Finding[]): string[] {
  const [first] = group
  if (first === undefined) return []
  const paths = pathsOf(group)
  const told = `  ${first.severity === 'note' ? 'note ' : ''}${first.kind}: ${paths === '' ? '' : `${paths}: `}${first.text}`
  const next = first.next === '' || first.severity === 'note' ? [] : [`    Next: ${first.next}`]
  return [told, ...next].map(logLine)
}
