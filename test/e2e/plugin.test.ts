import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { kindTexts } from '../../src/report/build-verification.ts'
import { reportOf } from '../unit/report/sample-plan.ts'
import { bytes, deliveries, type Harness, startHarness } from './harness.ts'
import { type PluginPage, pluginPages } from './plugin-pages.ts'

/** Every command that the agent plugin tells an agent to use, run as it stands there. */
const pages = pluginPages()

/** What stands in capitals for what the user names. */
const names: Readonly<Record<string, string>> = {
  OWNER: 'Qwen',
  NAME: 'one',
  OTHER: 'other',
  ROWS: 'rows',
  PREFIX: 'Qwen3',
  FOLDER: 'work',
  'MY-ORG': 'my-org',
  RULE: 'nightly',
  RUN_ID: '4711',
}
/** The page about what is wrong with copies has a copy with something wrong. */
const damaged = { ...names, NAME: 'damaged' }
const filled = (text: string, as = names) =>
  text.replace(/(?<![A-Z_$-])[A-Z]+(?:[_-][A-Z]+)*(?![A-Z_=])/g, (word) => as[word] ?? word)

const manifest = z
  .object({ name: z.string(), version: z.string(), bin: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')))
/** The pages name the version that they were tested with, and no other. */
const tool = `npx ${manifest.name}@${manifest.version}`

let hub: Harness
let bin: string
beforeAll(async () => {
  hub = await startHarness()
  bin = join(hub.folder, 'bin')
  await mkdir(bin)
  const cases = Object.entries(manifest.bin).map(
    ([name, file]) =>
      `${name}@${manifest.version}) shift; exec '${process.execPath}' '${resolve(file)}' "$@" ;;`,
  )
  await program('npx', `case "$1" in ${cases.join(' ')} esac\necho "no package $1" >&2\nexit 1`)
  await program('gh', `exec '${process.execPath}' '${resolve('test/e2e/stand-in-gh.ts')}' "$@"`)
  await seed()
})
afterAll(() => hub.close())

async function program(name: string, script: string): Promise<void> {
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`)
  await chmod(join(bin, name), 0o755)
}

async function seed(): Promise<void> {
  const card = '---\nlicense: mit\n---\n# A model of a few bytes\n'
  for (const [index, name] of ['one', 'other', 'Qwen3-a', 'Qwen3-b', 'damaged'].entries())
    await hub.hf.seed({
      type: 'model',
      owner: 'Qwen',
      name,
      files: { 'README.md': card, 'w.safetensors': { lfs: bytes(20_000, 100 + index) } },
    })
  await hub.hf.seed({
    type: 'dataset',
    owner: 'Qwen',
    name: 'rows',
    files: { 'README.md': card, 'rows.csv': '1,2\n' },
  })
  await hub.run({ repos: ['Qwen/damaged'], from: 'hf', to: 'ms:my-org' })
  const files = { 'README.md': card.replace('A model', 'Something else') }
  await hub.ms.seed({ type: 'model', owner: 'my-org', name: 'damaged', files })
}

/** A project of a user's: the rules that the pages show, the workflows that they name, and a folder to publish. */
async function workspace(): Promise<string> {
  const folder = await mkdtemp(join(hub.folder, 'project-'))
  await mkdir(join(folder, '.github/workflows'), { recursive: true })
  await mkdir(join(folder, 'work'))
  await writeFile(join(folder, 'work/config.json'), '{}\n')
  const [rules] = pages.flatMap(({ yaml }) => yaml)
  await writeFile(join(folder, '.github/model-hub-sync.yml'), filled(rules ?? ''))
  for (const name of workflows())
    await copyFile(join('examples', name), join(folder, '.github/workflows', name))
  return folder
}

/** The examples that a page tells to copy. */
function workflows(): string[] {
  const named = pages.flatMap(({ prose }) => [...prose.matchAll(/^ *\| `([a-z0-9-]+\.yml)`/gm)])
  return named.map(([, name = '']) => name)
}

interface Ended {
  readonly command: string
  readonly status: number | string
  readonly said: string
  readonly written: readonly string[]
}

function run(command: string, cwd: string): Promise<Ended> {
  const env = {
    ...hub.env,
    PATH: [bin, process.env.PATH].join(delimiter),
    NODE_COMPILE_CACHE: join(hub.folder, 'compiled'),
  }
  for (const side of [hub.hf, hub.ms]) side.requests.length = 0
  return new Promise((done) => {
    execFile('bash', ['-c', command], { cwd, env }, (error, stdout, stderr) => {
      const written = [...deliveries(hub.hf), ...deliveries(hub.ms)]
      done({ command, status: error?.code ?? 0, said: `${stdout}${stderr}`, written })
    })
  })
}

/** What a page's commands leave on the target: repo, file, and what is in it. */
const promises: Readonly<Record<string, readonly (readonly [string, string, string])[]>> = {
  'skills/migrate/SKILL.md': ['one', 'Qwen3-a', 'Qwen3-b'].map((name) => [name, 'README.md', '# A model']),
  'skills/migrate/references/outcomes.md': [['damaged', 'README.md', '# A model']],
}

describe('every command of the plugin', () => {
  const withCommands = pages.filter(({ commands }) => commands.length > 0)

  it('is found', () => {
    expect(withCommands.map(({ path }) => path)).toContain('skills/migrate/SKILL.md')
    const all = withCommands.flatMap(({ commands }) => commands).join('\n')
    for (const name of ['check', 'plan', 'sync', 'report', 'verify', 'repair', 'config'])
      expect(all).toContain(`${tool} ${name}`)
    const called = all.split('\n').flatMap((line) => line.match(/^\s*npx \S+/) ?? [])
    expect(new Set(called.map((start) => start.trim()))).toEqual(new Set([tool]))
    for (const call of ['gh workflow run', 'gh run watch']) expect(all).toContain(call)
    expect(Object.keys(promises).filter((path) => !pages.some((page) => page.path === path))).toEqual([])
  })

  it.each(withCommands)(
    '$path: works as it stands there, and only what may write does',
    async ({ path, commands }) => {
      const cwd = await workspace()
      const ends: Ended[] = []
      for (const command of commands)
        ends.push(await run(filled(command, path.endsWith('/outcomes.md') ? damaged : names), cwd))
      for (const { command, status, said, written } of ends) {
        expect.soft(status, `${command}\n${said}`).toBe(0)
        expect.soft(said).not.toContain(hub.ms.token)
        const words = command.startsWith(`${tool} `) ? command.slice(tool.length + 1) : ''
        if (!/^(sync|run|repair)\b(?!.*--dry-run)/.test(words)) expect.soft(written, command).toEqual([])
      }
      for (const [name, file, text] of promises[path] ?? []) {
        const files = await hub.ms.files({ type: 'model', owner: 'my-org', name })
        expect(files.get(file)?.content?.toString('latin1'), name).toContain(text)
      }
    },
    300_000,
  )

  it('fails where it is wrong: a command, a hub, a workflow, an input', async () => {
    const cwd = await workspace()
    for (const command of [
      `${tool} migrate Qwen/one`,
      `${tool} plan Qwen/one --from hgf --to ms:my-org`,
      tool.replace('sync@', 'syncs@'),
      `npx ${manifest.name} plan Qwen/one --from hf --to ms:my-org`,
      'gh workflow run no-such.yml',
      'gh workflow run one-model.yml -f models=Qwen/one',
      'gh workflow run one-model.yml',
      'gh run watch 1 --exit-status',
      "gh run download 4711 --pattern 'models-*'",
      'gh secret set HUGGINGFACE',
    ])
      expect((await run(command, cwd)).status, command).not.toBe(0)
  }, 60_000)
})

describe('the pages of the plugin', () => {
  const skill = z.strictObject({
    name: z.string().regex(/^[a-z0-9-]{1,64}$/),
    description: z.string().min(40).max(1024),
  })
  const command = z.strictObject({
    description: z.string().min(10),
    'argument-hint': z.string(),
    'allowed-tools': z.string(),
  })

  it.each(pages)('$path: a command stands in a block of sh, and nowhere else', ({ prose, languages }) => {
    expect(languages.filter((language) => !['sh', 'yaml'].includes(language))).toEqual([])
    expect(prose).not.toMatch(/`!?(?:npx|gh|git|hf|modelscope|model-hub-sync) [^`]*`/)
  })

  it.each(pages)('$path: its placeholders are those that are said', ({ commands }) => {
    const left = commands.flatMap((line) => filled(line).match(/\b[A-Z]{3,}(?:[_-][A-Z]+)*\b/g) ?? [])
    expect(left.filter((word) => !/_TOKEN$/.test(word))).toEqual([])
  })

  it.each(pages)('$path: what it points to is there', ({ path, prose }) => {
    const links = [...prose.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => resolve(dirname(path), link))
    const own = [...prose.matchAll(/model-hub-sync\/model-hub-sync\/(?:blob|tree)\/main\/([a-z/.-]*[a-z])/g)]
    const missing = [...links, ...own.map(([, file = '']) => file)].filter((file) => !existsSync(file))
    expect(missing).toEqual([])
  })

  it('the skill is called as its folder, and leads to every reference', () => {
    const found = pages.filter(({ path }) => path.endsWith('/SKILL.md'))
    expect(found).toHaveLength(1)
    for (const { path, frontMatter, prose } of found) {
      expect(skill.parse(frontMatter).name).toBe(dirname(path).split('/').at(-1))
      const references = globSync(`${dirname(path)}/references/*.md`)
      const all = pages.map((page) => page.prose).join('\n')
      for (const file of references) expect(all).toContain(`${file.split('/').at(-1)})`)
      expect(prose).toContain('Tokens never pass through the chat')
    }
  })

  it('a command lets an agent use without asking only what reads no token of a hub and writes nothing', () => {
    const own = pages.filter((page) => page.path.startsWith('commands/'))
    expect(own).not.toEqual([])
    for (const { path, frontMatter } of own) {
      const tools = command.parse(frontMatter)['allowed-tools'].split(', ')
      const others = tools.filter((name) => !/^(Read|Bash\(gh run (list|watch|view):\*\))$/.test(name))
      expect(others, path).toEqual([])
    }
  })

  it.each([
    ['outcome', Object.keys(reportOf([]).totals.outcomes)],
    ['finding', Object.keys(kindTexts)],
  ])('outcomes.md speaks of every %s, and of no other', (word, all) => {
    const { prose } = pageNamed('references/outcomes.md')
    const table = prose.split(`| ${word} |`)[1]?.split('\n\n')[0] ?? ''
    const cells = [...table.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(
      ([, cell = '']) => cell.match(/[a-z-]+/g) ?? [],
    )
    expect(cells.sort()).toEqual([...all].sort())
  })
})

describe('the manifests', () => {
  const plugin = z
    .strictObject({
      name: z.string(),
      version: z.string(),
      description: z.string(),
      author: z.strictObject({ name: z.string(), url: z.url() }),
      homepage: z.url(),
      repository: z.url(),
      license: z.string(),
      keywords: z.array(z.string()),
    })
    .parse(JSON.parse(readFileSync('.claude-plugin/plugin.json', 'utf8')))

  it('plugin.json says what package.json says', () => {
    const { name, version, license } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(plugin).toMatchObject({ name, version, license })
  })

  it('marketplace.json offers the plugin from this repository', () => {
    const { plugins } = JSON.parse(readFileSync('.claude-plugin/marketplace.json', 'utf8'))
    expect(plugins).toMatchObject([{ name: plugin.name, source: './', description: plugin.description }])
  })
})

function pageNamed(end: string): PluginPage {
  const found = pages.find(({ path }) => path.endsWith(end))
  if (found === undefined) throw new Error(`there is no page ${end}`)
  return found
}
