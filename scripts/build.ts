import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Everything the bundle consists of; any other file is a chunk that the entry stubs would not find. */
const EXPECTED = ['index.js', 'licenses.txt', 'package.json']

/**
 * Packages that a dependency asks for inside try/catch and lives without; every other module that is not found fails the
 * build. `debug` (through simple-git) colours its lines when supports-color happens to be there.
 */
const OPTIONAL = ['supports-color']

/**
 * Compiles `src` to `lib` and bundles it into `folder` (emptied first). Throws with what the compiler or bundler said.
 * The bundler is fed emitted JavaScript because it does not understand TypeScript 7 (actions.md, the build).
 */
export function buildBundle(folder: string): void {
  rmSync('lib', { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
  run('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--noEmitOnError'])
  run('node_modules/.bin/ncc', [
    'build',
    'lib/main.js',
    '-o',
    folder,
    '--license',
    'licenses.txt',
    '--no-cache',
  ])
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ type: 'module' })}\n`)
  const problems = bundleProblems(readdirSync(folder), readFileSync(join(folder, 'index.js'), 'utf8'))
  if (problems.length > 0) throw new Error(problems.join('\n'))
}

/** What is wrong with a bundle: files that must not be there, and modules that were not found (ncc succeeds all the same). */
function bundleProblems(files: readonly string[], code: string): string[] {
  const lacking = EXPECTED.filter((file) => !files.includes(file)).map((file) => `the bundle lacks ${file}`)
  const stray = files
    .filter((file) => !EXPECTED.includes(file))
    .map((file) => `unexpected file in the bundle: ${file}`)
  const notFound = [...code.matchAll(/module\.exports = eval\("require"\)\("([^"]+)"\)/g)].map(
    ([, name = '']) => name,
  )
  const missing = [...new Set(notFound)].filter((name) => !OPTIONAL.includes(name))
  return [...lacking, ...stray, ...missing.map((name) => `module not found: ${name}`)]
}

/** Runs a build tool quietly; throws what it printed if it failed. */
function run(command: string, args: readonly string[]): void {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1e8 })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${stdout}${stderr}`)
}

if (import.meta.main) buildBundle('dist')
