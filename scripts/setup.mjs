// Makes a fresh clone ready: checks for git, installs the locked packages (Node 24 among them) when they are missing or stale.
// Plain JavaScript for any Node, because it runs before the packages are there.
import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, statSync } from 'node:fs'

function fail(message) {
  console.error(`setup: ${message}`)
  process.exit(1)
}

function runs(command, args) {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

if (!runs('git', ['--version']))
  fail('git was not found. Install git 2.39 or later (e.g. `apt-get install git`), then run this again.')

const installed = 'node_modules/.package-lock.json'
const fresh = existsSync(installed) && statSync(installed).mtimeMs >= statSync('package-lock.json').mtimeMs
if (!fresh) {
  if (existsSync('node_modules') && lstatSync('node_modules').isSymbolicLink())
    fail(
      'node_modules is a link, and npm ci would empty the folder that it leads to. Remove the link, then run this again.',
    )
  console.error('setup: installing the locked packages (npm ci) …')
  try {
    execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: ['ignore', 2, 2] })
  } catch {
    fail(
      'npm ci did not succeed (see above). It needs the npm registry; run this again when it can be reached.',
    )
  }
}
if (!runs('node_modules/.bin/node', ['--version']) && Number(process.versions.node.split('.')[0]) < 24) {
  fail(
    `Node 24 is not available for ${process.platform}-${process.arch} as a package, and this is Node ${process.versions.node}. Install Node 24 or later.`,
  )
}
