import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

export interface Step {
  readonly status: number | null
  /** Stdout and stderr, workflow commands included. */
  readonly log: string
  /** By name, as GITHUB_OUTPUT holds them. */
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
  /** The job's workspace, where the step ran. */
  readonly workspace: string
}

export interface StepRequest {
  readonly inputs: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  /** Of a private repository, unless the payload says otherwise. */
  readonly event?: { readonly name: string; readonly payload?: object }
  /** Files of the workspace by path. */
  readonly files?: Readonly<Record<string, string>>
  /** Of an earlier step of the same job; else the step has one of its own. */
  readonly workspace?: string
}

/** Runs the action as a runner does: `main` of action.yml in a process of its own, in a workspace below `folder`. */
export async function runStep(folder: string, main: string, request: StepRequest): Promise<Step> {
  const workspace = request.workspace ?? (await mkdtemp(join(folder, 'workspace-')))
  const runner = await mkdtemp(join(folder, 'runner-'))
  const paths = {
    output: join(runner, 'output'),
    summary: join(runner, 'summary'),
    event: join(runner, 'event'),
  }
  const { name = 'workflow_dispatch', payload = {} } = request.event ?? {}
  const repository = { full_name: 'me/sync', default_branch: 'main', private: true }
  await Promise.all([
    writeFile(paths.output, ''),
    writeFile(paths.summary, ''),
    writeFile(paths.event, JSON.stringify({ repository, ...payload })),
  ])
  for (const [path, text] of Object.entries(request.files ?? {})) {
    await mkdir(join(workspace, path, '..'), { recursive: true })
    await writeFile(join(workspace, path), text)
  }
  const inputs = Object.entries(request.inputs).map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value])
  const env = {
    PATH: process.env.PATH,
    HOME: runner,
    GITHUB_ACTIONS: 'true',
    // Off the default branch: no step asks for a cache, unless its test says where it is.
    GITHUB_REF: 'refs/heads/test',
    GITHUB_REPOSITORY: 'me/sync',
    GITHUB_RUN_ID: '7',
    GITHUB_RUN_ATTEMPT: '1',
    ...request.env,
    ...Object.fromEntries(inputs),
    GITHUB_EVENT_NAME: name,
    GITHUB_EVENT_PATH: paths.event,
    GITHUB_OUTPUT: paths.output,
    GITHUB_STEP_SUMMARY: paths.summary,
    GITHUB_WORKSPACE: workspace,
    RUNNER_TEMP: runner,
  }
  const { status, log } = await run(resolve(main), workspace, env)
  return {
    status,
    log,
    outputs: parseOutputs(await readFile(paths.output, 'utf8')),
    summary: await readFile(paths.summary, 'utf8'),
    workspace,
  }
}

function run(main: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Pick<Step, 'status' | 'log'>> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [main], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk) => chunks.push(chunk))
    child.stderr.on('data', (chunk) => chunks.push(chunk))
    child.on('error', fail)
    child.on('close', (status) => done({ status, log: Buffer.concat(chunks).toString() }))
  })
}

/** `name<<delimiter`, lines, `delimiter`: as @actions/core writes it. */
function parseOutputs(text: string): Record<string, string> {
  const found = [...text.matchAll(/^(.+?)<<(ghadelimiter_\S+)\n([\s\S]*?)\n?\2$/gm)]
  return Object.fromEntries(found.map((match) => [match[1] ?? '', match[3] ?? '']))
}
