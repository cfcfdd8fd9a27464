import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { expectSame } from './checks.ts'
import { digestsOf } from './digests.ts'
import { engineEnvironment, type RunReport, runEngine } from './engine.ts'
import type { HubName, Job } from './job.ts'
import { checkLfsServer } from './lfs-conformance.ts'
import { mustRun } from './program.ts'
import { setUpPython } from './setup.ts'

const REQUIREMENTS = 'test/clients/giftless-requirements.txt'

/**
 * A real LFS server of other people's, giftless, beside a plain host of git: the two as source and target of a hub of type git.
 * What it says is measured by git-lfs's own server cases, too; it takes ids that are no SHA-256.
 */
export async function checkGiftless(job: Job): Promise<void> {
  const server = await startGiftless(job)
  try {
    await checkLfsServer(job.checks, {
      name: 'giftless',
      lfsUrl: `${server.origin}/cases/tiny`,
      authorization: undefined,
      exceptions: { 'oid too short': ['upload'], 'oid not hexadecimal': ['upload'] },
    })
    await checkSync(job, server.origin)
  } finally {
    await server.stop()
  }
}

/** Hugging Face → git and giftless → ModelScope, and what stock git and git-lfs find between. */
async function checkSync(job: Job, lfsOrigin: string): Promise<void> {
  const { hubs, tools } = job
  const folder = join(tools.workDir, 'giftless-model')
  const copy = join(tools.workDir, 'giftless-onward')
  writeModel(folder)
  const engine = engineWith(job, lfsOrigin)
  const name = 'with-giftless'
  const [source, there] = [`${hubs.huggingface.username}/${name}`, `${hubs.git.username}/${name}`]
  const arrived = `${hubs.modelscope.username}/${name}`
  const into = [source, '--from', 'hf', '--to', `plain:${there}`]
  const onward = [there, '--from', 'plain', '--to', `modelscope:${arrived}`]
  const found = () => expectEqual(folder, cloned(job, there, `${lfsOrigin}/${there}`))
  const steps: readonly (readonly [string, () => void])[] = [
    ["Hugging Face's client uploads a model", () => client(job, 'huggingface', 'upload', source, folder)],
    ['model-hub-sync Hugging Face → git and giftless', () => expectSynced(engine(into))],
    ['stock git and git-lfs clone it, equal by SHA-256', found],
    ['model-hub-sync git and giftless → ModelScope', () => expectSynced(engine(onward))],
    ["ModelScope's client downloads that", () => client(job, 'modelscope', 'download', arrived, copy)],
    ['it is equal by SHA-256', () => expectEqual(folder, copy)],
    ['once more each way: nothing to do', () => [into, onward].map(engine).forEach(expectNothingToDo)],
  ]
  for (const [step, body] of steps) if (!(await job.checks.run(`giftless: ${step}`, body))) return
}

/** The engine with a hub `plain`: git on the stand-in, LFS at the server. */
function engineWith({ hubs, tools }: Job, lfsOrigin: string): (args: readonly string[]) => RunReport {
  const config = join(tools.workDir, 'giftless.yaml')
  const plain = {
    type: 'git',
    endpoint: hubs.git.endpoint,
    token: '$' + '{PLAIN_TOKEN}',
    'lfs-endpoint': `${lfsOrigin}/{owner}/{name}`,
  }
  writeFileSync(config, JSON.stringify({ version: 1, hubs: { plain } }))
  const env = { ...engineEnvironment(hubs, join(tools.workDir, 'home')), PLAIN_TOKEN: hubs.git.token }
  const dir = join(tools.workDir, 'run-giftless')
  return (args) => runEngine([...args, '--type', 'model', '--config', config], dir, env)
}

function client({ tools, env }: Job, hub: HubName, verb: string, repo: string, folder: string): void {
  mkdirSync(folder, { recursive: true })
  mustRun(tools.python, ['test/clients/hub_copy.py', hub, verb, repo, 'model', folder], { env })
}

function writeModel(folder: string): void {
  mkdirSync(join(folder, 'über space'), { recursive: true })
  writeFileSync(join(folder, 'README.md'), '---\nlicense: apache-2.0\n---\n# With giftless\n')
  writeFileSync(join(folder, 'über space', 'naïve 模型 #1%.txt'), 'awkward\n')
  writeFileSync(join(folder, 'model.safetensors'), randomBytes(12_000_000))
  writeFileSync(join(folder, 'small.bin'), randomBytes(40_000))
}

function expectSynced(report: RunReport): void {
  expectSame([report.outcome, report.items.map((item) => item.outcome)], ['success', ['synced']], 'outcomes')
  const files = report.items[0]?.files
  expectSame([files?.mismatch, files?.unverifiable], [0, 0], 'files with a mismatch, files unverifiable')
}

function expectNothingToDo(report: RunReport): void {
  const [item] = report.items
  expectSame([item?.outcome, item?.bytes.moved], ['unchanged', 0], 'outcome and bytes moved')
}

/** `.gitattributes` belongs to each platform, `.git` to the clone. */
function expectEqual(folder: string, copy: string): void {
  const listed = (at: string) =>
    [...digestsOf(at)]
      .filter(([path]) => path !== '.gitattributes' && !path.startsWith('.git/'))
      .sort(([a], [b]) => (a < b ? -1 : 1))
  expectSame(listed(copy), listed(folder), 'files and their digests')
}

function cloned({ hubs, tools, env }: Job, repo: string, lfsUrl: string): string {
  const copy = join(tools.workDir, 'giftless-clone')
  const url = new URL(`${repo}.git`, hubs.git.endpoint)
  url.username = hubs.git.username
  url.password = hubs.git.token
  mustRun('git-lfs', ['install', '--skip-repo'], { env })
  mustRun('git', ['-c', `lfs.url=${lfsUrl}`, 'clone', url.href, copy], { env })
  return copy
}

/** Starts the server with anonymous access on a free port and waits for its line; throws with what it said if it ends first. */
async function startGiftless({ tools }: Job): Promise<{ origin: string; stop(): Promise<void> }> {
  const venv = resolve('.cache/clients/giftless')
  setUpPython(venv, REQUIREMENTS)
  const config = join(tools.workDir, 'giftless-server.yaml')
  const options = { storage_options: { path: join(tools.workDir, 'giftless-store') } }
  const factory = 'giftless.transfer.basic_streaming:factory'
  const settings = {
    AUTH_PROVIDERS: ['giftless.auth.allow_anon:read_write'],
    TRANSFER_ADAPTERS: { basic: { factory, options } },
  }
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(settings))
  const env = {
    PATH: process.env.PATH,
    GIFTLESS_CONFIG_FILE: config,
    FLASK_APP: 'giftless.wsgi_entrypoint',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
  }
  const child = spawn(join(venv, 'bin/flask'), ['run', '--port', '0'], {
    env,
    cwd: tools.workDir,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
  }
  const said: string[] = []
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line)
    const origin = / on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1]
    if (origin === undefined) continue
    // Whoever stops reading would stop the server once the pipe is full.
    child.stderr.resume()
    return { origin, stop }
  }
  throw new Error(`giftless ended before it was ready:\n${said.slice(-12).join('\n')}`)
}
