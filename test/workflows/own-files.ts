import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface OwnFile {
  readonly path: string
  readonly text: string
}

/** The workflow files of this project and those to copy from `examples/`, which are for another repository's `.github/workflows`. */
export function ownWorkflows(root = '.'): OwnFile[] {
  const files = filesOf(root, ['.github/workflows/*.yml', 'examples/**/*.yml'])
  return files.filter(({ text }) => /^on:/m.test(text) && /^jobs:/m.test(text))
}

/** Every action.yml of this project. */
export function ownActions(root = '.'): OwnFile[] {
  return filesOf(root, ['action.yml', '{plan,sync,report,verify,repair}/action.yml'])
}

/** What keeps the pins of the actions new. */
export function ownDependabot(root = '.'): OwnFile[] {
  return filesOf(root, ['.github/dependabot.yml'])
}

function filesOf(root: string, patterns: readonly string[]): OwnFile[] {
  return globSync(patterns, { cwd: root })
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}
