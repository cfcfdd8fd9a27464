import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The text that git-lfs keeps in the place of a file. */
export function pointerOf(content: Buffer): string {
  const oid = createHash('sha256').update(content).digest('hex')
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`
}

/** The file in which the stand-in of this name keeps an object; random content, so that no other one on this machine has it. */
export function objectFile(standIn: string, content: Buffer): string {
  const oid = createHash('sha256').update(content).digest('hex')
  const place = join('objects', oid.slice(0, 2), oid.slice(2, 4))
  const stores = readdirSync(tmpdir()).filter((name) => name.startsWith(`stand-in-${standIn}-`))
  const files = stores.flatMap((store) => {
    const folder = join(tmpdir(), store, place)
    return listed(folder).includes(oid) ? [join(folder, oid)] : []
  })
  const [file, ...more] = files
  if (file === undefined || more.length > 0) throw new Error(`${files.length} stores hold ${oid}`)
  return file
}

/** As a hub does that lost it. */
export async function loseObject(standIn: string, content: Buffer): Promise<void> {
  await rm(objectFile(standIn, content))
}

/** Another byte at `at`, and `size` bytes instead of all of them. */
export async function spoilObject(
  standIn: string,
  content: Buffer,
  { at = 0, size = content.length }: { readonly at?: number; readonly size?: number } = {},
): Promise<void> {
  const file = objectFile(standIn, content)
  const spoilt = Buffer.from(await readFile(file)).subarray(0, size)
  spoilt[at] = (spoilt[at] ?? 0) ^ 0xff
  await writeFile(file, spoilt)
}

/** Commits files to a repo by stock git, which knows nothing of LFS here, as people and other tools do. */
export async function pushFiles(
  url: string,
  authorization: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mhs-push-'))
  const git = (...args: string[]) =>
    promisify(execFile)('git', ['-c', `http.extraHeader=Authorization: ${authorization}`, ...args], {
      cwd: folder,
      env: { ...process.env, GIT_LFS_SKIP_SMUDGE: '1', GIT_TERMINAL_PROMPT: '0' },
    })
  try {
    await git('clone', '--quiet', url, '.')
    for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text)
    await git('add', '--all')
    await git(
      '-c',
      'user.name=Somebody',
      '-c',
      'user.email=s@example.org',
      'commit',
      '--quiet',
      '-m',
      'By hand',
    )
    await git('push', '--quiet')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return []
    throw thrown
  }
}
