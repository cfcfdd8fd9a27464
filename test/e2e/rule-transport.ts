import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type EndType, hubIdOf } from '../../scripts/rule-ends.ts'
import type { Row } from '../../scripts/rule-rows.ts'
import type { HubType } from '../../src/model/profile.ts'
import type { Report } from '../../src/model/report.ts'
import type { StandIn } from '../stand-ins/core/stand-in.ts'
import { startGitCode } from '../stand-ins/gitcode/index.ts'
import { startGitHub } from '../stand-ins/github/index.ts'
import { startModelers } from '../stand-ins/modelers/index.ts'
import { startPlainGit } from '../stand-ins/plain-git/index.ts'
import { type Harness, refusal, startHarness } from './harness.ts'

/** A stand-in of every type of hub, on which the rows about `transport` are run: which way is taken is a matter of the wire. */
export interface Wires {
  outcomeOf(row: Row): string
  close(): Promise<void>
}

const files = { 'README.md': '---\nlicense: mit\n---\n# m\n', 'config.json': '{}' }

/** Runs all rows at once, each a rule of its own, and those that are refused one by one. */
export async function runTransports(rows: readonly Row[]): Promise<Wires> {
  const [hub, modelers, gitcode, github, git] = await Promise.all([
    startHarness(),
    startModelers(),
    startGitCode({ importDelay: 0 }),
    startGitHub(),
    startPlainGit({ createOn: 'push' }),
  ])
  const standIns = { huggingface: hub.hf, modelscope: hub.ms, modelers, gitcode, github, git }
  const close = async () => {
    await Promise.all([modelers, gitcode, github, git].map((one) => one.close()))
    await hub.close()
  }
  const texts = new Map<Row, string>()
  const refused = rows.filter(({ expected }) => expected.startsWith('refused'))
  for (const row of refused) texts.set(row, await refusalOf(hub, standIns, row))
  await hub.hf.seed({ type: 'model', owner: 'alice', name: 'm', files })
  await mkdir(join(hub.folder, 'alice', 'm'), { recursive: true })
  for (const [path, text] of Object.entries(files))
    await writeFile(join(hub.folder, 'alice', 'm', path), text)
  const done = rows.filter((row) => !refused.includes(row))
  const configFile = await configOf(hub, standIns, done)
  const { report } = await hub.run({ configFile })
  for (const row of done) texts.set(row, outcomeIn(report, row))
  return { outcomeOf: (row) => texts.get(row) ?? 'not run', close }
}

type StandIns = Readonly<Record<HubType, StandIn>>

async function refusalOf(hub: Harness, standIns: StandIns, row: Row): Promise<string> {
  const configFile = await configOf(hub, standIns, [row])
  const { message } = await refusal(hub.run({ configFile }))
  return `refused: ${message.split('\n')[1]?.replace(/^.*rules\[0\]\./, '')}`
}

async function configOf(hub: Harness, standIns: StandIns, rows: readonly Row[]): Promise<string> {
  const hubs = Object.entries(standIns).map(([type, { endpoint, token }]) =>
    type === 'git' ? ['forge', { type, endpoint, token }] : [type, { endpoint, token }],
  )
  const rules = rows.map((row) => ({
    name: nameOf(row),
    from: row.from === 'dir' ? `dir:${join(hub.folder, 'alice', 'm')}` : 'huggingface:alice/m',
    to:
      row.to === 'dir' ? `dir:${join(hub.folder, nameOf(row))}` : `${hubIdOf(row.to)}:my-org/${nameOf(row)}`,
    ...row.beside,
    transport: row.value,
  }))
  const file = join(hub.folder, 'transport.yml')
  await writeFile(file, JSON.stringify({ version: 1, hubs: Object.fromEntries(hubs), rules }))
  return file
}

function nameOf({ value, from, to }: Row): string {
  return `${from}-to-${to}-${value}`
}

function outcomeIn({ items }: Report, row: Row): string {
  const item = items.find(({ rule }) => rule === nameOf(row))
  if (item === undefined) return 'no row in the report'
  if (item.outcome !== 'synced') return `${item.outcome}: ${item.reason ?? item.error?.message}`
  return `${madeAs(row.to)}, by ${item.published?.by}`
}

/** The source is public in all of them; what visibility does is shown elsewhere. */
function madeAs(to: EndType): string {
  return to === 'dir' ? 'written' : 'made public'
}
