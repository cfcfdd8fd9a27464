import type { Rule } from '../config/rule.ts'
import type { Manifest } from '../model/file.ts'
import { printable } from '../model/printable.ts'
import { isOpen, type RepoInfo } from '../model/repo.ts'
import type { Repo } from '../repos/repo.ts'
import type { FileWork } from '../repos/work.ts'
import type { RealFiles } from './real-files.ts'

export interface ImportRequest {
  readonly rule: Rule
  readonly source: Repo
  readonly sourceInfo: RepoInfo
  readonly target: Repo
  /** What exists is brought up to date by a push. */
  readonly targetExists: boolean
  /** Everything at the source that the hub did not make by itself. */
  readonly real: RealFiles
  /** What the rule's `files` lets through of it. */
  readonly wanted: Manifest
}

/**
 * Why the hub's own import cannot bring what the rule asks for, one line each. It copies a whole repo with every branch, without a
 * token of ours, and nothing of it could be taken away again, since only what a sync brought is ever deleted.
 */
export function importProblems(request: ImportRequest): string[] {
  const { rule, source, sourceInfo, target, real, wanted } = request
  if (rule.transport !== 'import') return []
  if (target.importFrom === undefined)
    return [`${target.profile.label} cannot make a repo from an address (rule: transport: import)`]
  if (request.targetExists) return []
  if (source.cloneUrl === undefined)
    return ['a local folder has no address to import from (rule: transport: import)']
  if (!isOpen(sourceInfo, 'keep')) {
    const sourceIs = sourceInfo.gated ? 'gated' : sourceInfo.visibility
    return [`the source is ${sourceIs}, and an import reads it without a token (rule: transport: import)`]
  }
  if (rule.revision !== undefined && rule.revision !== sourceInfo.defaultBranch)
    return [
      `an import brings the default branch (${sourceInfo.defaultBranch}), not the rule's revision ${rule.revision}`,
    ]
  const leftOut = [...real.files.keys()].filter((path) => !wanted.has(path))
  return [
    ...leftOut.map((path) => `${printable(path)}: left out by the rule's files, and an import takes all`),
    ...real.notes.map((note) => `${note}; an import would bring it`),
  ]
}

/** As the files are when the hub copies them: no byte is ours, so the README keeps the source's form. */
export function asImported(files: readonly FileWork[]): FileWork[] {
  return files.map((file) => ({
    ...file,
    size: file.source.size ?? file.size,
    move: 'import',
    transformed: false,
  }))
}

/** What comes along although it never goes over otherwise. */
export function importNotes({ source, real }: ImportRequest, files: Manifest): string[] {
  const own = [...files.keys()].filter((path) => !real.files.has(path) && path !== '.gitattributes')
  return own.map(
    (path) => `${printable(path)}: comes with the import, though ${source.profile.label} made it`,
  )
}
