import { posix } from 'node:path'
import picomatch from 'picomatch'
import type { Rule } from '../config/rule.ts'
import type { FileEntry, Manifest } from '../model/file.ts'
import { isRepoPath, type RepoPath } from '../model/path.ts'
import { printable } from '../model/printable.ts'
import type { Snapshot } from '../model/repo.ts'
import { isPlatformMade } from '../repos/platform-made.ts'
import type { Repo } from '../repos/repo.ts'

export interface RealFiles {
  readonly files: Manifest
  /** Files that never go over, one line each. */
  readonly notes: readonly string[]
}

/**
 * The files of a snapshot that people put there: without what the hub made by itself, which is told by content where the name is
 * not enough. Symbolic links count only where `links` says that both sides can keep them, and if they stay inside the repo.
 */
export async function realFiles(repo: Repo, at: Snapshot, links: boolean): Promise<RealFiles> {
  const files = new Map<RepoPath, FileEntry>()
  const notes: string[] = []
  for (const file of (await repo.manifest(at)).values()) {
    const why = file.mode === 'symlink' && links ? await strayLink(repo, at, file) : neverCopied(file)
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

/** Longer than any path that git or a file system takes. */
const maxLinkBytes = 4096

/** Source: git stores where a link points to as its content, relative to the link's folder (gitglossary, "symbolic link"). */
async function strayLink(repo: Repo, at: Snapshot, file: FileEntry): Promise<string | undefined> {
  const leadsTo = file.leadsTo ?? (repo.listsModes ? '' : await readLink(repo, at, file))
  const end = posix.join(posix.dirname(file.path), leadsTo).replace(/\/$/, '')
  const steps = leadsTo.split('/')
  const firstName = steps.findIndex((step) => !['', '.', '..'].includes(step))
  // Behind a name, `..` is above wherever that name leads, which may be another link.
  const isTold = firstName < 0 || steps.lastIndexOf('..') < firstName
  const isInside = end === '.' || isRepoPath(end)
  return leadsTo !== '' && !posix.isAbsolute(leadsTo) && isTold && isInside
    ? undefined
    : 'a symbolic link that leads out of the repo is not copied'
}

async function readLink(repo: Repo, at: Snapshot, file: FileEntry): Promise<string> {
  return (await repo.readFile(at, file, maxLinkBytes)).toString('utf8')
}

function neverCopied(file: FileEntry): string | undefined {
  // In any case: a file system that ignores case hands it to git-lfs all the same.
  if (file.path.toLowerCase() === '.lfsconfig')
    return '.lfsconfig is never copied, since it redirects where LFS objects come from'
  if (file.mode === 'symlink' || file.mode === 'submodule')
    return file.mode === 'symlink'
      ? 'a symbolic link is not copied, since the other side has none'
      : 'a submodule is not copied'
  return undefined
}
