import { readIfSmall } from '../repos/read-if-small.ts'
import type { Repo } from '../repos/repo.ts'
import { readmeBytesFor } from '../transform/readme-bytes.ts'
import { readmeCap, readmePath, type Side } from './compare-repos.ts'
import type { Decision } from './decide.ts'

/**
 * The README as the target will get it; undefined where none is written, or where it goes over as it is (a link, or too large to be
 * looked into). `license`: for one that names none, where the target requires it.
 */
export async function writtenReadme(
  { repo, at }: Side,
  target: Repo,
  decision: Decision,
  license: string | undefined,
): Promise<Buffer | undefined> {
  const file = [...decision.add, ...decision.update].find(({ path }) => path === readmePath)
  if (file === undefined || file.mode === 'symlink') return undefined
  const content = await readIfSmall(repo, at, file, readmeCap)
  return content && readmeBytesFor(target.profile.licenses, content, license)
}
