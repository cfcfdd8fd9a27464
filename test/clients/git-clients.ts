import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expectSame } from './checks.ts'
import { engineEnvironment, runEngine } from './engine.ts'
import { gitUrl, type HubName, type Job, type Kind } from './job.ts'
import { mustRun } from './program.ts'

const NAME = 'by-git'

/** Stock git and git-lfs against both hubs: clone, push, push again, a fresh clone that git-lfs finds whole. */
export async function checkGit(job: Job): Promise<void> {
  mustRun('git-lfs', ['install', '--skip-repo'], { env: job.env })
  for (const hub of ['huggingface', 'modelscope'] as const) {
    for (const kind of ['model', 'dataset'] as const) await checkRepo(job, hub, kind)
  }
}

async function checkRepo(job: Job, hub: HubName, kind: Kind): Promise<void> {
  const about = `git and git-lfs, ${hub} ${kind}:`
  const folder = join(job.tools.workDir, `git-${hub}-${kind}`)
  const url = gitUrl(hub, job.hubs[hub], kind, NAME)
  const git = (cwd: string, ...args: string[]) => mustRun('git', args, { cwd, env: job.env })
  const files = new Map([
    ['model.bin', randomBytes(6_000_000)],
    ['weights/part 2.bin', randomBytes(50_000)],
    ['notes/read me.txt', Buffer.from('plain text\n')],
  ])
  const repo = `${job.hubs[hub].username}/${NAME}`
  mustRun(job.tools.python, ['test/clients/hub_copy.py', hub, 'create', repo, kind], { env: job.env })

  const pushed = await job.checks.run(`${about} clone, commit, push`, () => {
    git(job.tools.workDir, 'clone', url, folder)
    git(folder, 'lfs', 'track', '*.bin')
    write(folder, files)
    pushAll(git, folder, 'First')
  })
  if (!pushed) return
  await job.checks.run(`${about} push over one's own push`, () => {
    files.set('model.bin', randomBytes(7_000_000))
    write(folder, files)
    pushAll(git, folder, 'Second')
  })
  await job.checks.run(`${about} fresh clone, git lfs fsck, equal by SHA-256`, () => {
    const fresh = `${folder}-fresh`
    git(job.tools.workDir, 'clone', url, fresh)
    expectSame(git(fresh, 'lfs', 'fsck').trim(), 'Git LFS fsck OK', 'git lfs fsck')
    for (const [path, content] of files)
      expectSame(hash(readFileSync(join(fresh, path))), hash(content), path)
    expectSame(
      git(fresh, 'show', 'HEAD:model.bin').startsWith('version https://git-lfs'),
      true,
      'a pointer is committed',
    )
    expectSame(git(fresh, 'log', '-2', '--format=%s').trim().split('\n'), ['Second', 'First'], 'history')
  })
}

/** `transport: git` of the built command, seen by stock git and git-lfs: what it published is a repo like any other. */
export async function checkSyncByGit(job: Job): Promise<void> {
  const name = `${NAME}-synced`
  const source = `${job.hubs.huggingface.username}/${NAME}`
  const target = `modelscope:${job.hubs.modelscope.username}/${name}`
  const dir = join(job.tools.workDir, 'by-git-run')
  const synced = await job.checks.run('model-hub-sync huggingface → modelscope by git alone', () => {
    const args = [
      source,
      '--from',
      'huggingface',
      '--to',
      target,
      '--type',
      'model',
      '--set',
      'transport=git',
    ]
    const report = runEngine(args, dir, engineEnvironment(job.hubs, job.tools.workDir))
    expectSame(report.items[0]?.outcome, 'synced', 'outcome')
  })
  if (!synced) return
  await job.checks.run('a fresh stock clone of that, git lfs fsck, equal to the source', () => {
    const [here, there] = [
      gitUrl('huggingface', job.hubs.huggingface, 'model', NAME),
      gitUrl('modelscope', job.hubs.modelscope, 'model', name),
    ].map((url, index) => {
      const folder = join(job.tools.workDir, `by-git-${index}`)
      mustRun('git', ['clone', '--quiet', url, folder], { env: job.env })
      return folder
    }) as [string, string]
    const fsck = mustRun('git', ['lfs', 'fsck'], { cwd: there, env: job.env })
    expectSame(fsck.trim(), 'Git LFS fsck OK', 'git lfs fsck')
    for (const path of ['model.bin', 'weights/part 2.bin', 'notes/read me.txt'])
      expectSame(hash(readFileSync(join(there, path))), hash(readFileSync(join(here, path))), path)
  })
}

function pushAll(git: (cwd: string, ...args: string[]) => string, folder: string, message: string): void {
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '-m', message)
  git(folder, 'push', '--quiet', 'origin', 'HEAD')
}

function write(folder: string, files: ReadonlyMap<string, Buffer>): void {
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

function hash(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
