import { SyncError } from './errors.ts'
import { printable } from './printable.ts'

declare const checked: unique symbol
/** A path inside a repo that has passed `parseRepoPath`: relative, `/`-separated, safe to write. */
export type RepoPath = string & { readonly [checked]: true }

const maxPathBytes = 4096
const maxPartBytes = 255

/** Returns the path unchanged, or throws `bad-path` with the rule it breaks. Case, spaces, emoji and leading dashes are fine. */
export function parseRepoPath(text: string): RepoPath {
  const broken = brokenRule(text)
  if (broken !== undefined) {
    throw new SyncError(
      'bad-path',
      `The path ${JSON.stringify(printable(text.slice(0, 200)))} is refused: ${broken}.`,
      {
        // No files.exclude: a path is judged before any rule sees it.
        next: 'Rename or remove it on the hub that has it.',
      },
    )
  }
  return text as RepoPath
}

/** Whether `parseRepoPath` takes it. */
export function isRepoPath(text: string): boolean {
  return brokenRule(text) === undefined
}

function brokenRule(text: string): string | undefined {
  if (text === '') return 'it is empty'
  if (Buffer.byteLength(text) > maxPathBytes) return `it is longer than ${maxPathBytes} bytes`
  if (hasControl(text)) return 'it holds a control character'
  if (text.includes('\\')) return 'it holds a backslash'
  if (text.startsWith('/')) return 'it is absolute'
  if (/^[A-Za-z]:/.test(text)) return 'it begins with a drive letter'
  for (const part of text.split('/')) {
    if (part === '' || part === '.' || part === '..') return `it holds the part ${JSON.stringify(part)}`
    if (Buffer.byteLength(part) > maxPartBytes) return `a part of it is longer than ${maxPartBytes} bytes`
    if (isDotGit(part)) return 'it holds a spelling of .git'
  }
  return undefined
}

function hasControl(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x20 || code === 0x7f || (code >= 0x80 && code < 0xa0) || (code >= 0xd800 && code < 0xe000))
      return true
  }
  return false
}

/**
 * `.git` in every spelling that a file system may read as `.git`: any case, NTFS (trailing dots and spaces, `git~1`, streams)
 * and HFS+ (ignorable code points inside). Source: git's path.c (is_ntfs_dotgit) and utf8.c (is_hfs_dotgit).
 */
function isDotGit(part: string): boolean {
  const hfs = part.replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '').toLowerCase()
  const ntfs = (hfs.split(':')[0] ?? '').replace(/[. ]+$/, '')
  return ntfs === '.git' || ntfs === 'git~1'
}
