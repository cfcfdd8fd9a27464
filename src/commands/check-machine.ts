import type { Rule } from '../config/rule.ts'
import type { Context } from '../context.ts'
import { gitVersion } from '../git/git-version.ts'
import type { Check } from '../model/check.ts'
import { asSyncError } from '../model/errors.ts'
import { folderHub } from '../model/repo.ts'
import { formatBytes } from '../report/phrases.ts'
import { folderPlace } from '../repos/folder-place.ts'
import { freeBytes } from '../repos/free-bytes.ts'
import { folderPath } from '../repos/real-folder.ts'

/** Bytes that git's small files may take while a repo is worked on (docs/limits.md). */
const enoughDisk = 2 * 2 ** 30

/** Looks at what a run needs of this machine: git, disk, proxies, and the folders of the rules. Writes nothing. */
export async function checkMachine(context: Context, rules: readonly Rule[]): Promise<Check[]> {
  const folders = await Promise.all(foldersOf(rules).map(checkFolder))
  return [await checkGit(context), await checkDisk(context), ...proxies(context), ...folders]
}

async function checkGit(context: Context): Promise<Check> {
  try {
    return { check: 'git', status: 'ok', text: `git ${await gitVersion(context)}` }
  } catch (thrown) {
    context.signal.throwIfAborted()
    const text = `git cannot be run: ${asSyncError(thrown).message}`
    return { check: 'git', status: 'fail', text, next: 'Install git, and see that it is on the PATH.' }
  }
}

async function checkDisk({ workDir }: Context): Promise<Check> {
  const free = await freeBytes(workDir)
  const text = `${formatBytes(free)} free for temporary files`
  if (free >= enoughDisk) return { check: 'disk', status: 'ok', text }
  const next = `Weights need none, but git's small files of one repo may take ${formatBytes(enoughDisk)}: make room, or set TMPDIR to a folder with more.`
  return { check: 'disk', status: 'warn', text, next }
}

/** By their hosts: an address may hold a password. */
function proxies({ proxy: { https, http, none } }: Context): Check[] {
  const lines = Object.entries({ HTTPS_PROXY: https, HTTP_PROXY: http }).flatMap(
    ([name, address]): Check[] => {
      if (address === undefined) return []
      if (!URL.canParse(address) || new URL(address).host === '')
        return [
          {
            check: 'proxy',
            status: 'fail',
            text: `${name} is no address`,
            next: `Write ${name} as http://HOST:PORT.`,
          },
        ]
      return [{ check: 'proxy', status: 'ok', text: `${name} goes through ${new URL(address).host}` }]
    },
  )
  const except =
    none === undefined || lines.length === 0
      ? []
      : [{ check: 'proxy', status: 'ok', text: `not for ${none}` } as const]
  return [...lines, ...except]
}

interface FolderUse {
  readonly path: string
  readonly use: 'read' | 'write'
}

function foldersOf(rules: readonly Rule[]): FolderUse[] {
  const uses = rules.flatMap(({ from, to, direction }): FolderUse[] => {
    const source =
      from.hub === folderHub ? [{ path: pathOf(from.owner, from.name), use: 'read' as const }] : []
    const back = direction === 'two-way' ? source.map(({ path }) => ({ path, use: 'write' as const })) : []
    const target =
      to.hub === folderHub ? [{ path: pathOf(to.owner ?? from.owner, to.name), use: 'write' as const }] : []
    return [...source, ...back, ...target]
  })
  return [...new Map(uses.map((use) => [`${use.use} ${use.path}`, use])).values()]
}

/** Where repos give a folder its name, the one that it lies in. */
function pathOf(owner: string, name: string | undefined): string {
  const isFixed = name !== undefined && !name.includes('{name}')
  return folderPath({ hub: folderHub, type: 'model', owner, name: isFixed ? name : '.' })
}

async function checkFolder({ path, use }: FolderUse): Promise<Check> {
  const line = { hub: folderHub, check: use }
  const place = await folderPlace(path)
  if (place.kind === 'other')
    return {
      ...line,
      status: 'fail',
      text: `${path} is no folder`,
      next: 'Name another, or move what is there.',
    }
  if (use === 'write') {
    if (place.canWrite)
      return {
        ...line,
        status: 'ok',
        text: `${path} can be written, ${formatBytes(await freeBytes(path))} free`,
      }
    return {
      ...line,
      status: 'fail',
      text: `${path} cannot be written`,
      next: 'Check who owns the folder and its permissions.',
    }
  }
  if (place.kind === 'folder' && place.canRead) return { ...line, status: 'ok', text: `${path} can be read` }
  const why = place.kind === 'absent' ? 'is not there' : 'cannot be read'
  return {
    ...line,
    status: 'fail',
    text: `${path} ${why}`,
    next: 'Check the spelling, and the permissions of the folder.',
  }
}
