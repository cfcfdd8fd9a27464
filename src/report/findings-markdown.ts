import type { Finding, PairVerification, VerificationReport } from '../model/verification.ts'
import { markdownText } from './escape.ts'
import { byNeed, findingsHeadline, pairWords, pathsOf, sameFindings } from './findings-text.ts'
import { fitSections } from './fit-sections.ts'
import { runLink } from './markdown.ts'
import { formatFiles, hiddenPairs } from './phrases.ts'

/** What was found, for a job summary or an issue: never larger than `maxBytes` (default 1,000,000). */
export function findingsMarkdown(
  report: VerificationReport,
  { maxBytes = 1_000_000 }: { readonly maxBytes?: number } = {},
): string {
  const pairs = byNeed(report.pairs)
  const needy = pairs.filter(({ outcome }) => outcome === 'findings')
  const rest = pairs.filter(({ outcome }) => outcome !== 'findings')
  const sections = [
    { head: [], rows: [() => opening(report)], tail: [] },
    { head: ['### Not in order', ''], rows: needy.map((pair) => () => needyText(pair)), tail: [] },
    {
      head: ['### Pairs', '', '| Pair | Outcome | Files | Notes |', '|---|---|---|---|'],
      rows: rest.map((pair) => () => row(pair)),
      tail: [],
    },
  ]
  return fitSections(sections, maxBytes, (left) => `… and ${left} more: see verify.json of this run.`)
}

function opening(report: VerificationReport): string {
  const mark = { success: '✅', failure: '❌', incomplete: '⚠️' }[report.outcome]
  const facts = [report.run === undefined ? '' : runLink(report.run), markdownText(report.tool)]
  return [
    `## ${mark} ${findingsHeadline(report)}`,
    facts.filter((fact) => fact !== '').join(' · '),
    hiddenPairs(report.hidden),
  ]
    .filter((part) => part !== undefined)
    .join('\n\n')
}

function needyText({ source, target, files, findings }: PairVerification): string {
  const counts = formatFiles(files)
  const lines = sameFindings(findings).map((group) => `  - ${findingText(group)}`)
  return [
    `- **${markdownText(source)} → ${markdownText(target)}**${counts === '' ? '' : ` (${counts})`}`,
    ...lines,
  ].join('\n')
}

function findingText(group: readonly Finding[]): string {
  const [first] = group
  if (first === undefined) return ''
  const paths = pathsOf(group)
  const next = first.next === '' ? '' : ` **Next:** ${short(first.next)}`
  return `\`${first.kind}\` ${paths === '' ? '' : `${short(paths)}: `}${short(first.text)}.${next}`
}

function row({ source, target, outcome, reason = '', files, findings }: PairVerification): string {
  const notes = sameFindings(findings).map((group) => findingText(group))
  const told = [reason === '' ? '' : short(reason), ...notes].filter((text) => text !== '')
  const cells = [
    `${markdownText(source)} → ${markdownText(target)}`,
    pairWords[outcome],
    formatFiles(files),
    told.slice(0, 5).join('<br>'),
  ]
  return `| ${cells.join(' | ')} |`
}

function short(text: string): string {
  return markdownText(text.length > 1000 ? `${text.slice(0, 1000)}…` : text)
}
