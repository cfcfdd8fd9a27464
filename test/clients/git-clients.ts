import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expectSame } from './checks.ts'
import { createForGit } from './create-for-git.ts'
import { engineEnvironment, runEngine } from './engine.ts'
import { gitUrl, type Job, type Kind } from './job.ts'
import { mustRun } from './program.ts'
import type { AllAddresses } from './stand-ins.ts'

const NAME = 'by-git'

/** Where `transport: git` is checked; on all but the first, git is the only way there is. */
const TARGETS = ['modelscope', 'modelers', 'gitcode', 'github', 'git'] as const

/** Stock git and git-lfs against all hubs: clone, push, push again, a fresh clone that git-lfs finds whole. */
export async function checkGit(job: Job): Promise<void> {
  mustRun('git-lfs', ['install', '--skip-repo'], { env: job.env })
  for (const hub of ['huggingface', ...TARGETS] as const) await checkRepo(job, hub, 'model')
  // For git, the others know no kinds.
  for (const hub of ['huggingface', 'modelscope'] as const) await checkRepo(job, hub, 'dataset')
}

async function checkRepo(job: Job, hub: keyof AllAddresses, kind: Kind): Promise<void> {
  const about = `git and git-lfs, ${hub} ${kind}:`
  const folder = join(job.tools.workDir, `git-${hub}-${kind}`)
  const url = gitUrl(hub, job.hubs[hub], kind, NAME)
  const git = (cwd: string, ...args: string[]) => mustRun('git', args, { cwd, env: job.env })
  const files = new Map([
    ['model.bin', randomBytes(6_000_000)],
    ['weights/part 2.bin', randomBytes(50_000)],
    ['notes/read me.txt', Buffer.from('plain text\n')],
  ])

  const pushed = await job.checks.run(`${about} clone, commit, push`, async () => {
    if (await createForGit(job, hub, kind, NAME)) git(job.tools.workDir, 'clone', url, folder)
    else {
      git(job.tools.workDir, 'init', '--quiet', '--initial-branch=main', folder)
      git(folder, 'remote', 'add', 'origin', url)
      // git-lfs sends objects before the push that would make the repo.
      git(folder, 'commit', '--quiet', '--allow-empty', '-m', 'Make the repo')
      git(folder, 'push', '--quiet', 'origin', 'HEAD')
    }
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

/** What the built command publishes by git, seen by stock git and git-lfs: a repo like any other. */
export async function checkSyncByGit(job: Job): Promise<void> {
  const source = join(job.tools.workDir, 'by-git-source')
  const url = gitUrl('huggingface', job.hubs.huggingface, 'model', NAME)
  const cloned = await job.checks.run('a stock clone of what huggingface got by git', () => {
    mustRun('git', ['clone', '--quiet', url, source], { env: job.env })
  })
  if (!cloned) return
  for (const hub of TARGETS) await checkPublished(job, hub, source)
}

async function checkPublished(job: Job, hub: (typeof TARGETS)[number], source: string): Promise<void> {
  const name = `${NAME}-synced`
  const dir = join(job.tools.workDir, 'by-git-run')
  const synced = await job.checks.run(`model-hub-sync huggingface → ${hub} by git alone`, () => {
    const { username } = job.hubs[hub]
    const to = `${hub === 'git' ? 'plain' : hub}:${username}/${name}`
    const args = [`${job.hubs.huggingface.username}/${NAME}`, '--from', 'huggingface', '--to', to]
    const report = runEngine(
      [...args, '--type', 'model', '--set', 'transport=git', '--config', writeConfig(job)],
      dir,
      environmentOf(job),
    )
    expectSame(report.items[0]?.outcome, 'synced', 'outcome')
  })
  if (!synced) return
  await job.checks.run(`a fresh stock clone of that from ${hub}, git lfs fsck, equal to the source`, () => {
    const there = join(job.tools.workDir, `by-git-${hub}`)
    mustRun('git', ['clone', '--quiet', gitUrl(hub, job.hubs[hub], 'model', name), there], { env: job.env })
    const fsck = mustRun('git', ['lfs', 'fsck'], { cwd: there, env: job.env })
    expectSame(fsck.trim(), 'Git LFS fsck OK', 'git lfs fsck')
    for (const path of ['model.bin', 'weights/part 2.bin', 'notes/read me.txt'])
      expectSame(hash(readFileSync(join(there, path))), hash(readFileSync(join(source, path))), path)
  })
}

/** The hubs whose address no variable of the environment says. JSON is YAML. */
function writeConfig({ hubs, tools }: Job): string {
  const file = join(tools.workDir, 'by-git.yaml')
  const reference = (variable: string) => `$${'{'}${variable}}`
  const plain = { type: 'git', endpoint: hubs.git.endpoint, token: reference('PLAIN_TOKEN') }
  const github = { endpoint: hubs.github.endpoint, token: reference('GITHUB_STAND_IN_TOKEN') }
  writeFileSync(file, JSON.stringify({ version: 1, hubs: { plain, github } }))
  return file
}

function environmentOf({ hubs, tools }: Job): NodeJS.ProcessEnv {
  const tokens = { PLAIN_TOKEN: hubs.git.token, GITHUB_STAND_IN_TOKEN: hubs.github.token }
  return { ...engineEnvironment(hubs, tools.workDir), ...tokens }
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
