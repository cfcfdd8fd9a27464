import { printable } from '../model/printable.ts'

/** A folder cut where a repo has owner and name: `/data/models/x` is `/data/models` and `x`. */
export type FolderPath =
  | { readonly kind: 'folder'; readonly owner: string; readonly name: string }
  | { readonly kind: 'wrong'; readonly why: string }

/**
 * Reads what stands behind `dir:`. Only paths that begin with `./`, `../` or `/` are folders, and `..` only leads up from where the
 * command runs, so that what is written is where things go. The last part may hold `{name}`, for targets.
 */
export function parseFolder(path: string): FolderPath {
  if (!/^\.{0,2}\//.test(path))
    return wrong('a local folder is written as dir:./path, dir:../path or dir:/path')
  const [start = '', ...parts] = path.replace(/\/$/, '').split('/')
  const name = parts.at(-1)
  while (start === '..' && parts[0] === '..') parts.shift()
  if (name === undefined || name === '..' || name === '')
    return wrong('names no folder of its own: write its name, such as dir:../my-model')
  const odd = [...parts.slice(0, -1), name.replaceAll('{name}', 'name')].find((part) => !isFolderPart(part))
  if (odd !== undefined || /[()]/.test(name))
    return wrong(`the part ${JSON.stringify(printable(odd ?? name))} is not one: ${partRule}`)
  return { kind: 'folder', owner: path.slice(0, path.replace(/\/$/, '').lastIndexOf('/')), name }
}

/** Whether a repo's name, which a hub told, may become a folder: it is joined to a path, and must stay one part of it. */
export function isFolderName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(name) && !/\.\.|\.$/.test(name)
}

const partRule =
  'letters, digits, spaces and _.-@+,=~%&\'#, in folders above also ( and ); "." and ".." only at the beginning'

/** Paths stand in commands, reports and plan files: what hides itself or means several files is left out. */
function isFolderPart(part: string): boolean {
  const isSafe = /^[\p{L}\p{M}\p{N}_.@+,=~%&'#() -]{1,255}$/u.test(part)
  return isSafe && part !== '.' && part !== '..' && part.trim() === part
}

function wrong(why: string): FolderPath {
  return { kind: 'wrong', why }
}
