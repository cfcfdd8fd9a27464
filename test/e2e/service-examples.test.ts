import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments, parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { parseArguments } from '../../src/cli/arguments.ts'
import { parseDuration } from '../../src/config/units.ts'

const script = fileURLToPath(new URL('./cli-process.ts', import.meta.url))
const read = (path: string) => readFileSync(`examples/${path}`, 'utf8')
const unit = read('systemd/model-hub-sync.service')
const containerfile = read('container/Containerfile')

/** The only value of a key of the unit. */
function setting(key: string): string {
  const values = [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value ?? '')
  expect(values, key).toHaveLength(1)
  return values[0] ?? ''
}

/** The words of an instruction in exec form. */
function execForm(instruction: string): string[] {
  const [, json = ''] = new RegExp(`^${instruction} (\\[.*\\])$`, 'm').exec(containerfile) ?? []
  return z.array(z.string()).parse(JSON.parse(json))
}

const deploymentSchema = z.object({
  kind: z.literal('Deployment'),
  spec: z.object({
    replicas: z.literal(1),
    strategy: z.object({ type: z.literal('Recreate') }),
    template: z.object({
      spec: z.object({
        terminationGracePeriodSeconds: z.number().min(30),
        securityContext: z.object({ runAsNonRoot: z.literal(true), runAsUser: z.literal(1000) }),
        containers: z.tuple([z.object({ args: z.array(z.string()) })]),
      }),
    }),
  }),
})
const deployment = parseAllDocuments(read('container/kubernetes-deployment.yaml'))
  .map((document) => deploymentSchema.safeParse(document.toJS()).data)
  .find((found) => found !== undefined)

const [program, ...unitArgs] = setting('ExecStart').split(' ')
const services: Readonly<Record<string, readonly string[]>> = {
  unit: unitArgs,
  Containerfile: execForm('CMD'),
  Deployment: deployment?.spec.template.spec.containers[0].args ?? [],
}

describe.each(Object.entries(services))('the command line of the %s', (_, args) => {
  it('is a service that keeps its files where they are kept', () => {
    const { kind, options } = z
      .object({ kind: z.string(), options: z.record(z.string(), z.unknown()) })
      .parse(parseArguments(args))
    expect(kind).toBe('run')
    expect(options).toMatchObject({ every: 12 * 3_600_000, keep: 90 * 86_400_000, progress: false })
    const paths = [options.dir, options.logDir].map(String)
    const kept =
      args === unitArgs
        ? ['/var/lib/model-hub-sync', '/var/log/model-hub-sync']
        : ['/state/run', '/state/log']
    expect(paths).toEqual(kept)
  })

  it('ends at the signal as is expected of it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'service-example-'))
    try {
      const rules = join(folder, 'model-hub-sync.yml')
      await writeFile(
        rules,
        `version: 1\nrules:\n  - { name: a, from: "dir:${folder}/from", to: "dir:${folder}/to" }\n`,
      )
      const moved = args.map((arg) =>
        arg.endsWith('.yml') ? rules : arg.replace(/^\/(?=state|var)/, `${folder}/`),
      )
      const child = spawn(process.execPath, [script, ...moved], {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let text = ''
      for await (const chunk of child.stderr) {
        text += chunk
        if (!child.killed && /^(warning: )?Cycle /m.test(text)) child.kill('SIGTERM')
      }
      const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode]
      expect([code, text]).toEqual([0, expect.stringContaining('SIGTERM: stopping')])
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

it('the unit stops it by that signal, has time for it, and leaves alone what somebody has to mend', () => {
  expect(program).toBe('/usr/local/bin/model-hub-sync')
  expect(setting('KillSignal')).toBe('SIGTERM')
  expect(Number(setting('TimeoutStopSec'))).toBeGreaterThanOrEqual(30)
  expect(setting('SuccessExitStatus')).toBe('3')
  expect(setting('Restart')).toBe('on-failure')
  expect(setting('RestartPreventExitStatus')).toBe('2')
  expect([setting('StateDirectory'), setting('LogsDirectory')]).toEqual(['model-hub-sync', 'model-hub-sync'])
  expect(setting('EnvironmentFile')).toMatch(/tokens\.env$/)
})

it('the container runs it as process 1, not as root, and so do compose and Kubernetes', () => {
  expect(execForm('ENTRYPOINT')).toEqual(['model-hub-sync'])
  expect(containerfile).toMatch(/^STOPSIGNAL SIGTERM$/m)
  expect(
    containerfile
      .trimEnd()
      .split('\n')
      .findLast((line) => line.startsWith('USER ')),
  ).toBe('USER 1000:1000')
  const compose = z
    .object({
      services: z.object({
        'model-hub-sync': z.object({
          stop_signal: z.literal('SIGTERM'),
          stop_grace_period: z.string(),
          command: z.undefined().optional(),
          entrypoint: z.undefined().optional(),
        }),
      }),
    })
    .parse(parseYaml(read('container/compose.yaml')))
  expect(parseDuration(compose.services['model-hub-sync'].stop_grace_period)).toBeGreaterThanOrEqual(30_000)
  expect(deployment).toBeDefined()
})

it('every other command line beside them is one', () => {
  const texts = [
    unit,
    containerfile,
    read('container/compose.yaml'),
    read('container/kubernetes-deployment.yaml'),
  ]
  const page = readFileSync('docs/service.md', 'utf8')
  const commands = [...texts, page].flatMap((text) =>
    [...text.matchAll(/^(?:#.*?)?\bmodel-hub-sync ((?:run|report) --.*?)\s*(?:#.*)?$/gm)].map(
      ([, args]) => args ?? '',
    ),
  )
  expect(commands.length).toBeGreaterThanOrEqual(5)
  for (const command of commands) expect(() => parseArguments(command.split(/\s+/)), command).not.toThrow()
})
