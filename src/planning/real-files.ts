import picomatch from 'picomatch'
import type { Rule } from '../config/rule.ts'
import type { FileEntry, Manifest } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import { printable } from '../model/printable.ts'
import type { Snapshot } from '../model/repo.ts'
import { isPlatformMade } from '../repos/platform-made.ts'
import type { Repo } from '../repos/repo.ts'

export interface RealFiles {
  readonly files: Manifest
  /** Files that never go over, one line each. */
  readonly notes: readonly string[]
}

/** The files of a snapshot that people put there: without what the hub made by itself, which is told by content where the name is not enough. */
export async function realFiles(repo: Repo, at: Snapshot): Promise<RealFiles> {
  const files = new Map<RepoPath, FileEntry>()
  const notes: string[] = []
  for (const file of (await repo.manifest(at)).values()) {
    const why = neverCopied(file)
    if (why !== undefined) notes.push(`${printable(file.path)}: ${why}`)
    else if (!(await isPlatformMade(repo, at, file))) files.set(file.path, file)
  }
  return { files, notes }
}

/** The part of a manifest that a rule's `files` lets through. */
export function filterFiles(rule: Rule, files: Manifest): Manifest {
  const options = { dot: true }
  const included = picomatch([...rule.files.include], options)
  const excluded = picomatch([...rule.files.exclude], options)
  return new Map([...files].filter(([path]) => included(path) && !excluded(path)))
}

function neverCopied(file: FileEntry): string | undefined {
  // In any case: a file system that ignores case hands it to git-lfs all the same.
  if (file.path.toLowerCase() === '.lfsconfig')
    return '.lfsconfig is never copied, since it redirects where LFS objects come from'
  if (file.mode === 'symlink' || file.mode === 'submodule') return `a ${file.mode} is not copied`
  return undefined
}
