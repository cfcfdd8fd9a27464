import type { FileEntry, Manifest } from '../model/file.ts'
import { grouped } from '../model/grouped.ts'
import type { RepoPath } from '../model/path.ts'
import { printable } from '../model/printable.ts'
import type { Limits, Profile } from '../model/profile.ts'
import type { RepoRef } from '../model/repo.ts'

interface Sized {
  readonly path: RepoPath
  readonly size: number
  readonly object?: { readonly oid: string } | undefined
  /** `reuse`: the target has the object. */
  readonly move?: string
}

/** What the target holds now, and what of it leaves in the same commit. */
interface Held {
  readonly existing: Manifest
  readonly deletes: readonly Pick<FileEntry, 'path'>[]
  /** What leaves is not in the way of a file that takes the place of a folder, nor of a folder in that of a file. */
  readonly swaps: boolean
}

/** Everything that the target's known rules refuse, one line each, before a byte moves. `files` are those to write. */
export function preflight(
  profile: Profile,
  target: RepoRef,
  files: readonly Sized[],
  { existing, deletes, swaps }: Held,
): string[] {
  const { label, limits } = profile
  const gone = new Set<string>(deletes.map(({ path }) => path))
  const stays = [...existing.keys()].filter((path) => !gone.has(path))
  const written = files.map(({ path }) => path)
  const allPaths = new Set<string>([...stays, ...written])
  const name = profile.nameProblem(target.owner, target.name)
  return [
    ...(name === undefined ? [] : [`${label} refuses the name ${target.owner}/${target.name}: ${name}`]),
    ...files.flatMap((file) => fileProblems(profile, file)),
    ...countProblems(label, limits, allPaths),
    ...totalProblems(label, limits, files, existing),
    ...collisions(label, written, swaps ? stays : existing.keys(), gone),
    ...sizeProblems(files),
  ]
}

/** What the repo's objects come to at least: those that only its history has are not seen from here. */
function totalProblems(
  label: string,
  { repoBytes }: Limits,
  files: readonly Sized[],
  existing: Manifest,
): string[] {
  if (repoBytes === undefined || !files.some(({ object, move }) => object && move !== 'reuse')) return []
  const sizes = new Map<string, number>()
  for (const { storage, digests, size } of existing.values())
    if (storage === 'lfs' && digests.sha256 !== undefined) sizes.set(digests.sha256, size ?? 0)
  for (const { object, size } of files) if (object !== undefined) sizes.set(object.oid, size)
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  if (total <= repoBytes) return []
  return [
    `${grouped(total)} bytes of LFS objects, over the ${grouped(repoBytes)} bytes ${label} takes in one repo`,
  ]
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
      : [`${printable(path)}: listed with ${size} bytes, and elsewhere with ${known} under the same SHA-256`]
  })
}

/**
 * Git lets a file take the place of a folder and all that is in it, and the other way round: what is there would be deleted. `gone`
 * leaves by the rule, which is in the way only of a commit that cannot do both.
 */
function collisions(
  label: string,
  files: readonly string[],
  there: Iterable<string>,
  gone: ReadonlySet<string>,
): string[] {
  const written = new Set(files)
  const allPaths = new Set([...there, ...files])
  const problems: string[] = []
  for (const path of allPaths) {
    for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
      const folder = path.slice(0, end)
      if (!allPaths.has(folder) || !(written.has(folder) || written.has(path))) continue
      const why =
        gone.has(folder) || gone.has(path)
          ? `${label} is not known to take both in one commit`
          : 'nothing is ever deleted for it'
      problems.push(
        `${printable(folder)}: is a file on one side and a folder (${printable(path)}) on the other; ${why}`,
      )
    }
  }
  return problems
}

function fileProblems({ label, limits, pathProblem }: Profile, file: Sized): string[] {
  const path = printable(file.path)
  const refused = pathProblem?.(file.path)
  if (refused !== undefined) return [`${path}: ${label} refuses it: ${refused}`]
  if (file.size > limits.fileBytes) {
    return [
      `${path}: ${grouped(file.size)} bytes, over the ${grouped(limits.fileBytes)} bytes ${label} takes in one file`,
    ]
  }
  if (file.object === undefined && file.size > limits.plainFileBytes) {
    return [
      `${path}: ${grouped(file.size)} bytes as a plain file, over the ${grouped(limits.plainFileBytes)} bytes ${label} takes`,
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
        `${printable(folder) || 'the top folder'}: ${files} files, over the ${limits.filesPerFolder} ${label} takes in one folder`,
      )
    }
  }
  return problems
}
