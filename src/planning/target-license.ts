import type { FileEntry, Manifest } from '../model/file.ts'
import { printable } from '../model/printable.ts'
import type { RepoInfo, Snapshot } from '../model/repo.ts'
import { readIfSmall } from '../repos/read-if-small.ts'
import type { Repo } from '../repos/repo.ts'
import { canonicalLicense, takesLicense } from '../transform/license.ts'
import { licenseOfText } from '../transform/license-text.ts'
import { readmeMetadata } from '../transform/readme.ts'
import { readmeCap, readmePath } from './compare-repos.ts'
import type { Decision } from './decide.ts'

/** What the target is told of the source's license. */
export interface TargetLicense {
  readonly license: string | undefined
  readonly notes: readonly string[]
}

export interface LicenseQuestion {
  readonly source: Repo
  readonly at: Snapshot
  readonly info: RepoInfo
  /** All files of the source, those included that the rule leaves out. */
  readonly files: Manifest
  readonly target: Repo
  readonly decision: Decision
  readonly targetExists: boolean
}

/** Larger files hold more than a license. */
const licenseCap = 131_072

/**
 * The license to name where the target makes a repo, and in a README that names none. Where the target requires one it is an id that
 * it takes: the README's own, else what the source's hub says, else what the text of the LICENSE file is, else `other` with a note.
 * Reads nothing where none of this is needed.
 */
export async function targetLicense(question: LicenseQuestion): Promise<TargetLicense> {
  const { info, target, decision, targetExists } = question
  const { licenses, label } = target.profile
  const isWritten = [...decision.add, ...decision.update].some((file) => file.path === readmePath)
  if (licenses.required !== true || (targetExists && !isWritten)) return { license: info.license, notes: [] }
  const taken = (id: string) => (takesLicense(licenses, id) ? id : 'other')
  const own = await readmeLicense(question)
  if (own !== undefined) return { license: taken(own), notes: [] }
  const told = info.license === undefined ? undefined : canonical(question, info.license)
  const found = told === undefined ? await licenseFile(question) : undefined
  const license = taken(told ?? found?.id ?? 'other')
  if (!isWritten) return { license, notes: [] }
  const origin = told !== undefined ? "of the source's page" : found && `of ${printable(found.path)}`
  const why = origin === undefined ? ': name the right one at the source' : `, the license ${origin}`
  return {
    license,
    notes: [
      `${readmePath}: names no license, as ${label} wants it: ${JSON.stringify(license)} is written${why}`,
    ],
  }
}

function canonical({ source, target }: LicenseQuestion, license: string): string {
  return canonicalLicense(license, { ...source.profile.licenses.map, ...target.profile.licenses.map })
}

async function readmeLicense(question: LicenseQuestion): Promise<string | undefined> {
  const { source, at, files } = question
  const readme = files.get(readmePath)
  if (readme === undefined || readme.mode === 'symlink') return undefined
  const content = await readIfSmall(source, at, readme, readmeCap)
  if (content === undefined) return undefined
  const { license } = readmeMetadata(content.toString('utf8'), source.profile.licenses.map)
  return license === undefined ? undefined : canonical(question, license)
}

/** The license that a LICENSE file of the top folder is the text of. Two files are two licenses, which no id says. */
async function licenseFile({
  source,
  at,
  files,
}: LicenseQuestion): Promise<{ id: string; path: string } | undefined> {
  const [file, ...more] = [...files.values()].filter(isLicenseFile)
  if (file === undefined || more.length > 0) return undefined
  const content = await readIfSmall(source, at, file, licenseCap)
  const id = content && licenseOfText(content.toString('utf8'))
  return id === undefined ? undefined : { id, path: file.path }
}

function isLicenseFile({ path, size, storage, mode }: FileEntry): boolean {
  const isSmall = storage === 'git' && mode !== 'symlink' && (size ?? 0) <= licenseCap
  return isSmall && /^(licen[cs]e|copying)([.-](txt|md|rst|mit|apache|bsd))?$/i.test(path)
}
