import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StandIn } from '../stand-ins/core/stand-in.ts'
import { startGitCode } from '../stand-ins/gitcode/index.ts'
import { startGitHub } from '../stand-ins/github/index.ts'
import { startModelers } from '../stand-ins/modelers/index.ts'
import { startPlainGit } from '../stand-ins/plain-git/index.ts'
import { type Harness, startHarness } from './harness.ts'
import { verifying } from './verifying.ts'

const hubIds = ['huggingface', 'modelscope', 'modelers', 'gitcode', 'github', 'own'] as const
type HubId = (typeof hubIds)[number]

let hub: Harness
let sides: Record<HubId, StandIn>
let configFile: string
beforeAll(async () => {
  hub = await startHarness()
  const [modelers, gitcode, github, own] = await Promise.all([
    startModelers(),
    startGitCode(),
    startGitHub(),
    startPlainGit({ createOn: 'push' }),
  ])
  sides = { huggingface: hub.hf, modelscope: hub.ms, modelers, gitcode, github, own }
  configFile = join(hub.folder, 'all.yml')
  const hubs = [
    ...(['modelers', 'gitcode', 'github'] as const).map(
      (id) => `  ${id}: { endpoint: "${sides[id].endpoint}", token: "${sides[id].token}" }`,
    ),
    `  own: { type: git, endpoint: "${own.endpoint}", token: "${own.token}" }`,
  ]
  await writeFile(configFile, `version: 1\nhubs:\n${hubs.join('\n')}\n`)
})
afterAll(async () => {
  await Promise.all([...hubIds.slice(2).map((id) => sides[id].close()), hub.close()])
})
const { verify } = verifying(() => hub)

/** Licenses that one hub or another spells or takes in another way. */
const readmes = [
  `---\nlicense: apache-2.0\nlanguage:\n- en\n---\n# Tiny\n${'It says a lot about itself. '.repeat(30)}\n`,
  `---\nlicense: other\nlicense_name: qwen\n---\n# Own license\n${'It says a lot about itself. '.repeat(30)}\n`,
  `# No front matter at all\n${'It says a lot about itself. '.repeat(30)}\n`,
]

const seed = (id: HubId, name: string, readme: string) =>
  sides[id].seed({
    type: 'model',
    owner: 'my-org',
    name,
    files: {
      'README.md': readme,
      'config.json': `{"filler":"${'x'.repeat(2000)}"}\n`,
      'model.safetensors': { lfs: randomBytes(1_100_000) },
      'empty.txt': '',
    },
  })

/** A ring, so that each hub is read and written, and those whose pages were told no license. */
const pairs = [
  ...hubIds.map((from, index) => [from, hubIds[(index + 1) % hubIds.length] ?? 'own'] as const),
  ['gitcode', 'modelscope'] as const,
]

describe('what a sync has just made', () => {
  it.each(pairs)(
    '%s → %s is in order, with every file looked at',
    async (from, to) => {
      const names = readmes.map((_, index) => `${from}-to-${to}-${index}`)
      for (const [index, name] of names.entries()) {
        await seed(from, name, readmes[index] ?? '')
        // A push makes it, and then nobody could say for whom.
        if (to === 'own') await sides.own.seed({ type: 'model', owner: 'my-org', name, files: {} })
      }
      const repos = names.map((name) => `my-org/${name}`)
      const asked = { configFile, repos, from, to: `${to}:my-org`, type: 'model' as const }
      const { report } = await hub.run(asked)
      expect(report.items.map(({ outcome, error }) => error?.message ?? outcome)).toEqual(
        names.map(() => 'synced'),
      )
      const found = await verify(asked)
      expect(found.exitStatus, found.text).toBe(0)
      for (const { files } of found.verification.pairs)
        expect(files, found.text).toMatchObject({ mismatch: 0, unverifiable: 0, sampled: 1 })
    },
    60_000,
  )
})
