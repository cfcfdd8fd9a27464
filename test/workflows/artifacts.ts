import { cpSync, existsSync, globSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import picomatch from 'picomatch'

/** The artifacts of one workflow run over all its attempts, each a folder. */
export interface Artifacts {
  /** Names, of every attempt. */
  names(): string[]
  upload(inputs: Inputs, at: Place): string
  download(inputs: Inputs, at: Place): string
}

type Inputs = Readonly<Record<string, string>>

export interface Place {
  readonly workspace: string
  readonly attempt: number
  /** Of the run; another run's artifacts are not kept here. */
  readonly runId: string
}

interface Artifact {
  readonly name: string
  readonly attempt: number
  readonly folder: string
}

/** What actions/upload-artifact and actions/download-artifact take (their action.yml of v7 and v8). */
const uploadInputs = {
  name: 'artifact',
  path: '',
  'if-no-files-found': 'warn',
  'retention-days': '',
  'compression-level': '6',
  overwrite: 'false',
  'include-hidden-files': 'false',
}
const downloadInputs = {
  name: '',
  path: '',
  pattern: '',
  'merge-multiple': 'false',
  'github-token': '',
  repository: '',
  'run-id': '',
}

/**
 * Keeps artifacts as folders below `folder`. Of one name in several attempts the oldest is served: which one GitHub serves is not
 * promised (actions/download-artifact took the older one in Systemorph/MeshWeaver#4303), so a workflow must not lean on it. With
 * `forgets`, a later attempt sees the artifacts of earlier ones only by `run-id` (actions/upload-artifact#526).
 */
export function createArtifacts(folder: string, forgets: boolean): Artifacts {
  const kept: Artifact[] = []
  return {
    names: () => kept.map(({ name }) => name),
    upload(given, { workspace, attempt }) {
      const inputs = known(given, uploadInputs, 'upload-artifact')
      if (inputs.name === '' || /["<>|*?:\\/\r\n]/.test(inputs.name))
        throw new Error(`The artifact name is not valid: ${inputs.name}`)
      const { root, files } = filesOf(inputs.path, workspace, inputs['include-hidden-files'] === 'true')
      if (files.length === 0) {
        const said = `No files were found with the provided path: ${inputs.path}. No artifacts will be uploaded.`
        if (inputs['if-no-files-found'] === 'error') throw new Error(said)
        return said
      }
      const same = kept.findIndex((one) => one.name === inputs.name && one.attempt === attempt)
      if (same !== -1 && inputs.overwrite !== 'true')
        throw new Error('(409) Conflict: an artifact with this name already exists on the workflow run')
      if (same !== -1) kept.splice(same, 1)
      const artifact = {
        name: inputs.name,
        attempt,
        folder: join(folder, `${kept.length}-${attempt}-${inputs.name}`),
      }
      for (const file of files) copy(file, join(artifact.folder, relative(root, file)))
      kept.push(artifact)
      return `${files.length} files of ${root} in the artifact ${inputs.name}`
    },
    download(given, { workspace, attempt, runId }) {
      const inputs = known(given, downloadInputs, 'download-artifact')
      const byRun = inputs['run-id'] !== '' && inputs['github-token'] !== ''
      if (byRun && inputs['run-id'] !== runId) throw new Error(`There is no run ${inputs['run-id']} here`)
      const seen = kept.filter((one) => byRun || !forgets || one.attempt === attempt)
      const target = resolve(workspace, inputs.path)
      if (inputs.name !== '') {
        const artifact = seen.find((one) => one.name === inputs.name)
        if (artifact === undefined)
          throw new Error(`Unable to download artifact(s): Artifact not found for name: ${inputs.name}`)
        cpSync(artifact.folder, target, { recursive: true })
        return `Artifact ${inputs.name} downloaded`
      }
      const fits = inputs.pattern === '' ? () => true : picomatch(inputs.pattern)
      const found = new Map(
        seen
          .filter((one) => fits(one.name))
          .toReversed()
          .map((one) => [one.name, one]),
      )
      for (const one of found.values()) {
        const into = inputs['merge-multiple'] === 'true' ? target : join(target, one.name)
        cpSync(one.folder, into, { recursive: true })
      }
      return `Total of ${found.size} artifact(s) downloaded`
    },
  }
}

function known<T extends Inputs>(
  given: Inputs,
  defaults: T,
  action: string,
): { readonly [name in keyof T]: string } {
  for (const name of Object.keys(given))
    if (!(name in defaults)) throw new Error(`Unexpected input "${name}" of ${action}`)
  return { ...defaults, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')) }
}

/** Files below the paths and patterns of `lines`, and the folder their names are relative to: the last that all search paths share. */
function filesOf(lines: string, workspace: string, withHidden: boolean): { root: string; files: string[] } {
  const patterns = lines
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  const roots: string[] = []
  const files = new Set<string>()
  for (const pattern of patterns.filter((line) => !line.startsWith('!'))) {
    const root = searchPath(resolve(workspace, pattern))
    roots.push(root)
    for (const found of globSync(resolve(workspace, pattern)))
      for (const file of below(found)) if (withHidden || !isHidden(file, root)) files.add(file)
  }
  for (const pattern of patterns.filter((line) => line.startsWith('!')))
    for (const found of globSync(resolve(workspace, pattern.slice(1))))
      for (const file of below(found)) files.delete(file)
  const [first, ...others] = roots
  const isFile = others.length === 0 && first !== undefined && existsSync(first) && statSync(first).isFile()
  return { root: isFile ? dirname(first) : roots.reduce(sharedFolder, first ?? workspace), files: [...files] }
}

/** The part of a pattern before its first wildcard. */
function searchPath(pattern: string): string {
  const parts = pattern.split('/')
  const wild = parts.findIndex((part) => /[*?[]/.test(part))
  return wild === -1 ? pattern : parts.slice(0, wild).join('/')
}

function below(path: string): string[] {
  if (statSync(path).isFile()) return [path]
  return readdirSync(path).flatMap((name) => below(join(path, name)))
}

/** @actions/glob 0.7 leaves out what is hidden from the search path on, that path itself included. */
function isHidden(file: string, root: string): boolean {
  return [basename(root), ...relative(root, file).split('/')].some((part) => part.startsWith('.'))
}

function sharedFolder(a: string, b: string): string {
  const [left, right] = [a.split('/'), b.split('/')]
  const differs = left.findIndex((part, index) => part !== right[index])
  return differs === -1 ? a : left.slice(0, differs).join('/')
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to)
}
