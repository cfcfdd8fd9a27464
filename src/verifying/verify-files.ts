import type { FileEntry } from '../model/file.ts'
import { maxPointerBytes, parsePointer } from '../model/pointer.ts'
import { folderHub } from '../model/repo.ts'
import type { Finding } from '../model/verification.ts'
import { compareContent } from '../planning/compare-content.ts'
import { readmeCap, readmePath, type Side } from '../planning/compare-repos.ts'
import type { Decision } from '../planning/decide.ts'
import { inParallel } from '../repos/in-parallel.ts'
import { readIfSmall } from '../repos/read-if-small.ts'
import { type ReadmeDrift, readmeDrift } from '../transform/readme-drift.ts'

/** Differing files looked into at a time. */
const readers = 4

/**
 * What is wrong with the files that a comparison found to differ: one finding a file and cause, in the order of the source. A README
 * whose target merely has further keys of its own is told as a note.
 */
export async function differenceFindings(
  source: Side,
  target: Side,
  decision: Pick<Decision, 'add' | 'update'>,
): Promise<Finding[]> {
  const there = new Set<string>(target.files.keys())
  const missing = decision.add.map((file) => missingFinding(source, there, file))
  const differing = await inParallel(decision.update, readers, (file) => updateFindings(source, target, file))
  return [...missing, ...differing.flat()]
}

const repairIt = '`repair` brings it over.'

/** What tools call a download that has not ended (huggingface_hub, browsers, wget, aria2). */
const unfinished = ['.incomplete', '.part', '.partial', '.crdownload', '.download', '.aria2', '.tmp']

/** Files that only the target has. */
export function extraFiles(source: Side, target: Side): FileEntry[] {
  return [...target.files.values()].filter(({ path }) => !source.files.has(path))
}

/** What is told of a file that only the target has, and that nothing is wrong with. */
export function extraNote(path: string): Finding {
  const text = isUnfinished(path)
    ? 'only the target has it: by its name a download that has not ended'
    : 'only the target has it'
  return { kind: 'extra', path, severity: 'note', text, next: '', repairable: false }
}

/** True for the name of a download that has not ended. */
function isUnfinished(path: string): boolean {
  return unfinished.some((end) => path.endsWith(end))
}

function missingFinding({ repo }: Side, there: ReadonlySet<string>, { path }: FileEntry): Finding {
  const base = { kind: 'missing', path, severity: 'problem' } as const
  if (repo.ref.hub === folderHub && isUnfinished(path)) {
    const text = 'the source holds what looks like a download that has not ended'
    return { ...base, text, next: 'Finish or remove it in the folder.', repairable: false }
  }
  const begun = unfinished.map((end) => `${path}${end}`).find((name) => there.has(name))
  const text =
    begun === undefined
      ? 'the target has no such file'
      : `the target has no such file, only ${begun}: a download that has not ended`
  return { ...base, text, next: repairIt, repairable: true }
}

async function updateFindings(source: Side, target: Side, here: FileEntry): Promise<Finding[]> {
  const there = target.files.get(here.path)
  if (there === undefined) return []
  const pointer = await pointerFinding(source, target, here, there)
  if (pointer !== undefined) return [pointer]
  const readme = here.path === readmePath ? await readmeFindings(source, target, here, there) : undefined
  return readme ?? [await differing(source, target, here, there)]
}

/** A pointer that stands where its content should: git-lfs was not there when somebody committed, or cloned. */
async function pointerFinding(
  source: Side,
  target: Side,
  here: FileEntry,
  there: FileEntry,
): Promise<Finding | undefined> {
  const base = { kind: 'pointer-as-file', path: here.path, severity: 'problem' } as const
  if (await isPointer(target, there)) {
    const text = 'the target holds the text of a git-lfs pointer instead of the file'
    return { ...base, text, next: repairIt, repairable: true }
  }
  if (!(await isPointer(source, here))) return undefined
  const text = 'the source holds the text of a git-lfs pointer instead of the file, and the target the file'
  return { ...base, text, next: 'Fetch the content in the source (git lfs pull).', repairable: false }
}

async function isPointer({ repo, at }: Side, file: FileEntry): Promise<boolean> {
  if (file.storage === 'lfs' || file.mode === 'symlink' || file.mode === 'submodule') return false
  if (file.size === undefined || file.size === 0 || file.size >= maxPointerBytes) return false
  const content = await readIfSmall(repo, at, file, maxPointerBytes)
  // Line ends of another system make a pointer that no hub follows, and is one all the same.
  const text = content?.toString('utf8').replaceAll('\r\n', '\n')
  return text !== undefined && parsePointer(Buffer.from(text)) !== undefined
}

/** What became of a README's metadata; undefined where its bytes say more than that. */
async function readmeFindings(
  source: Side,
  target: Side,
  here: FileEntry,
  there: FileEntry,
): Promise<Finding[] | undefined> {
  if (here.mode === 'symlink' || there.mode === 'symlink') return undefined
  const own = await readIfSmall(source.repo, source.at, here, readmeCap)
  const other = await readIfSmall(target.repo, target.at, there, readmeCap)
  if (own === undefined || other === undefined) return undefined
  const map = { ...source.repo.profile.licenses.map, ...target.repo.profile.licenses.map }
  const drift = readmeDrift(own, other, map)
  return drift && driftFindings(drift)
}

function driftFindings({ lost, changed, added, license, body }: ReadmeDrift): Finding[] | undefined {
  const base = { path: readmePath, severity: 'problem', next: repairIt, repairable: true } as const
  const findings: Finding[] = []
  if (license !== undefined) {
    const text = `the license is ${JSON.stringify(license.source)} at the source and ${JSON.stringify(license.target)} on the target`
    findings.push({ ...base, kind: 'license', text })
  }
  if (lost.length > 0)
    findings.push({ ...base, kind: 'metadata', text: `the front matter lost ${lost.join(', ')}` })
  if (changed.length > 0)
    findings.push({
      ...base,
      kind: 'metadata',
      text: `the front matter says otherwise of ${changed.join(', ')}`,
    })
  if (body) findings.push({ ...base, kind: 'differs', text: 'the text below the front matter differs' })
  if (findings.length > 0) return findings
  if (added.length === 0) return undefined
  const text = `the target's front matter has ${added.join(', ')} besides`
  return [{ ...base, kind: 'extra', severity: 'note', text, next: '', repairable: false }]
}

async function differing(source: Side, target: Side, here: FileEntry, there: FileEntry): Promise<Finding> {
  const base = { kind: 'differs', path: here.path, severity: 'problem' } as const
  if (await isCutAtSource(source, target, here, there)) {
    const text = `the source has only the first ${here.size} of the target's ${there.size} bytes`
    return { ...base, text, next: 'Finish the download in the folder.', repairable: false }
  }
  return { ...base, text: differenceText(here, there), next: repairIt, repairable: true }
}

/** A download into the source folder that broke off: repairing would cut the target as well. */
async function isCutAtSource(
  source: Side,
  target: Side,
  here: FileEntry,
  there: FileEntry,
): Promise<boolean> {
  const { size } = here
  if (source.repo.ref.hub !== folderHub || size === undefined || there.size === undefined) return false
  if (size >= there.size) return false
  if (size === 0) return true
  const { digests } = await target.repo.hashFile(target.at, there, { start: 0, end: size - 1 })
  return digests.sha256 === here.digests.sha256
}

function differenceText(here: FileEntry, there: FileEntry): string {
  if (here.size !== undefined && there.size !== undefined && here.size !== there.size)
    return `the target has ${there.size} bytes instead of ${here.size}`
  if (compareContent(here, there) === 'same') return 'it is executable on one side only'
  return 'the content differs'
}
