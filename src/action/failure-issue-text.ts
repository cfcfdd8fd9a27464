import { explain, type SyncError } from '../model/errors.ts'
import { printable } from '../model/printable.ts'
import { markdownText } from '../report/escape.ts'
import { findingsMarkdown } from '../report/findings-markdown.ts'
import { findingsHeadline } from '../report/findings-text.ts'
import { markdown, runLink } from '../report/markdown.ts'
import { counted, rowCounts } from '../report/phrases.ts'
import { digest, type Ending, type FailureState, formatState } from './failure-state.ts'

/** What tells the issue of one workflow from all others in its repository, and how people call it. */
export interface IssueSubject {
  /** As GITHUB_WORKFLOW says. */
  readonly workflow: string
  /** The same in every run: the workflow's file, its configuration, or source and target where it has none. */
  readonly identity: readonly string[]
  /** Address of this run. */
  readonly run?: string
}

/** The first line of an issue: it is found by this line and by its author, whatever people make of its title. */
export function issueMarker({ identity }: IssueSubject): string {
  return `<!-- model-hub-sync:failure ${digest(identity, 16)} -->`
}

/** `Sync models: 2 failed, 3 synced`. Plain text: no mention, reference or markup comes of it. */
export function issueTitle({ workflow }: IssueSubject, ending: Ending): string {
  const name = printable(workflow.slice(0, 80)).replace(/[^\p{L}\p{N} ._/()-]/gu, ' ')
  const what = counts(ending) ?? 'did not finish'
  return `${name.trim() || 'model-hub-sync'}: ${what}`
}

/** The whole issue, within GitHub's 65,536 characters; text from outside is escaped as in the job summary. */
export function issueBody(subject: IssueSubject, state: FailureState, ending: Ending): string {
  const story = endingText(ending)?.trimEnd() ?? errorText(ending.error, subject.run)
  const again = state.runs > 1 ? [`**${counted(state.runs, 'run')} failed** since this was opened.`] : []
  return [[issueMarker(subject), formatState(state)].join('\n'), ...again, story, footer].join('\n\n')
}

/** What is said when the issue is closed. */
export function goodNews({ run }: IssueSubject, ending: Ending): string {
  const link = run === undefined ? '' : runLink(run)
  const told = counts(ending)
  return [`✅ It works again${told === undefined ? '' : `: ${told}`}.`, link]
    .filter((part) => part !== '')
    .join(' ')
}

const footer =
  '<sub>Later runs that fail update this issue, and the first good one closes it. Close it yourself, and the next failure opens another. What to do about each outcome: docs/failures.md of model-hub-sync.</sub>'

/** Bytes of the report at the most; the state has up to 20,000 beside it. */
const mostBytes = 40_000

function endingText({ report, verification, error }: Ending): string | undefined {
  if (error !== undefined) return undefined
  if (verification !== undefined) return findingsMarkdown(verification, { maxBytes: mostBytes })
  return report && markdown(report, { maxBytes: mostBytes })
}

function counts({ report, verification, error }: Ending): string | undefined {
  if (error !== undefined) return undefined
  return verification === undefined ? report && rowCounts(report) : findingsHeadline(verification)
}

function errorText(error: SyncError | undefined, run: string | undefined): string {
  const lines = error === undefined ? [] : [explain(error), ...error.lines]
  const text = lines.join('\n').slice(0, 6000).split('\n').map(markdownText)
  const link = run === undefined ? '' : runLink(run)
  const title = `## ❌ model-hub-sync did not finish${error === undefined ? '' : `: ${error.code}`}`
  return [title, ...text, link].filter((part) => part !== '').join('\n\n')
}
