import { parseArgs } from 'node:util'
import type { StandIn } from './core/stand-in.ts'
import { startGitCode } from './gitcode/index.ts'
import { startGitHub } from './github/index.ts'
import { startHuggingFace } from './huggingface/index.ts'
import { startModelers } from './modelers/index.ts'
import { startModelScope } from './modelscope/index.ts'
import { startPlainGit } from './plain-git/index.ts'

const usage = `usage: npm run hubs -- [--json] [--verbose]

Starts a stand-in for each hub on loopback ports and serves until SIGTERM or SIGINT.
  --json     print one line of JSON: endpoint, token, readToken and username of each hub
  --verbose  print each request to stderr (no query, no header)
`

/** Starts all hubs, says where they are, and closes them on a signal. */
export async function main(args: readonly string[]): Promise<void> {
  const options = {
    json: { type: 'boolean' },
    verbose: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args: [...args], options })
  if (values.help) {
    process.stdout.write(usage)
    return
  }
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
  const verbose = values.verbose ?? false
  const [huggingface, modelscope, git, gitcode, modelers, github] = await Promise.all([
    startHuggingFace({ verbose }),
    startModelScope({ verbose }),
    startPlainGit({ verbose, createOn: 'push' }),
    startGitCode({ verbose }),
    startModelers({ verbose }),
    startGitHub({ verbose }),
  ])
  // A user's token may do all that the user may; deleting repos takes the scope `admin` here (hubs/modelscope.md B1).
  const hubs = {
    huggingface,
    modelscope: { ...modelscope, token: modelscope.adminToken },
    git,
    gitcode,
    modelers,
    github,
  }
  process.stdout.write(values.json ? `${JSON.stringify(summary(hubs))}\n` : readable(hubs))
  await stopped
  await Promise.all(Object.values(hubs).map((hub) => hub.close()))
}

type Summary = Pick<StandIn, 'endpoint' | 'token' | 'readToken' | 'username'>

function summary(hubs: Readonly<Record<string, StandIn>>): Record<string, Summary> {
  const rows = Object.entries(hubs).map(([name, { endpoint, token, readToken, username }]) => {
    return [name, { endpoint, token, readToken, username }] as const
  })
  return Object.fromEntries(rows)
}

function readable(hubs: Readonly<Record<string, StandIn>>): string {
  const blocks = Object.entries(summary(hubs)).map(([name, hub]) => {
    const lines = Object.entries(hub).map(([key, value]) => `  ${key.padEnd(10)} ${value}\n`)
    return `${name}\n${lines.join('')}`
  })
  return `${blocks.join('\n')}\nThe tokens are made up and work here only. Stop with Ctrl-C.\n`
}

if (import.meta.main) await main(process.argv.slice(2))
