import type { Limits, Profile } from '../model/profile.ts'
import type { RepoRef } from '../model/repo.ts'

interface Sized {
  readonly path: string
  readonly size: number
  readonly object?: { readonly oid: string } | undefined
}

/**
 * Everything the target would refuse, one line each, before a byte moves. `files` are those to write; `allPaths` are all
 * paths the target will hold afterwards.
 */
export function preflight(
  profile: Profile,
  target: RepoRef,
  files: readonly Sized[],
  allPaths: ReadonlySet<string>,
): string[] {
  const problems: string[] = []
  const name = profile.nameProblem(target.owner, target.name)
  if (name !== undefined)
    problems.push(`${profile.label} refuses the name ${target.owner}/${target.name}: ${name}`)
  for (const file of files) problems.push(...fileProblems(profile, file))
  problems.push(...countProblems(profile.label, profile.limits, allPaths), ...collisions(files, allPaths))
  return [...problems, ...sizeProblems(files)]
}

/** One SHA-256 has one size: a listing that says otherwise would have a pointer published that no object fits. */
function sizeProblems(files: readonly Sized[]): string[] {
  const sizes = new Map<string, number>()
  return files.flatMap(({ path, size, object }) => {
    if (object === undefined) return []
    const known = sizes.get(object.oid) ?? size
    sizes.set(object.oid, known)
    return known === size
      ? []
      : [`${path}: listed with ${size} bytes, and elsewhere with ${known} under the same SHA-256`]
  })
}

/** Git lets a file take the place of a folder and all that is in it, and the other way round: what is there would be deleted. */
function collisions(files: readonly Sized[], allPaths: ReadonlySet<string>): string[] {
  const written = new Set(files.map((file) => file.path))
  const problems: string[] = []
  for (const path of allPaths) {
    for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
      const folder = path.slice(0, end)
      if (allPaths.has(folder) && (written.has(folder) || written.has(path)))
        problems.push(
          `${folder}: is a file on one side and a folder (${path}) on the other; nothing is ever deleted for it`,
        )
    }
  }
  return problems
}

function fileProblems({ label, limits }: Profile, file: Sized): string[] {
  if (file.size > limits.fileBytes) {
    return [`${file.path}: ${file.size} bytes, over the ${limits.fileBytes} bytes ${label} takes in one file`]
  }
  if (file.object === undefined && file.size > limits.plainFileBytes) {
    return [
      `${file.path}: ${file.size} bytes as a plain file, over the ${limits.plainFileBytes} bytes ${label} takes`,
    ]
  }
  return []
}

function countProblems(label: string, limits: Limits, paths: Iterable<string>): string[] {
  const folders = new Map<string, number>()
  let count = 0
  for (const path of paths) {
    count += 1
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    folders.set(folder, (folders.get(folder) ?? 0) + 1)
  }
  const problems =
    count > limits.filesPerRepo
      ? [`${count} files, over the ${limits.filesPerRepo} ${label} takes in one repo`]
      : []
  for (const [folder, files] of folders) {
    if (files > limits.filesPerFolder) {
      problems.push(
        `${folder || 'the top folder'}: ${files} files, over the ${limits.filesPerFolder} ${label} takes in one folder`,
      )
    }
  }
  return problems
}
