import { describe, expect, it } from 'vitest'
import { diagnose } from './diagnose.ts'
import { actionProblems, workflowProblems } from './hardening.ts'
import { ownActions, ownWorkflows } from './own-files.ts'

const project = 'model-hub-sync/model-hub-sync'
const own = { '': '.', [project]: '.' }
const [workflows, actions] = [ownWorkflows(), ownActions()]
const named = (files: readonly { path: string }[]) => files.map(({ path }) => path)

describe('the files that GitHub reads', () => {
  it('are found', () => {
    expect(named(actions)).toEqual([
      'action.yml',
      'plan/action.yml',
      'repair/action.yml',
      'report/action.yml',
      'sync/action.yml',
      'verify/action.yml',
    ])
    expect(named(workflows)).toContain('.github/workflows/sync.yml')
  })

  it.each([...workflows, ...actions])(
    "$path: GitHub's language service has nothing against it",
    async ({ path, text }) => {
      const place = path.startsWith('examples/') ? path.replace(/^.*\//, '.github/workflows/') : path
      expect(await diagnose(place, text, own)).toEqual([])
    },
  )

  it.each(workflows)('$path is hardened and described', ({ path, text }) => {
    expect(workflowProblems(path, text)).toEqual([])
  })

  it.each(actions)('$path describes what it takes and gives', ({ path, text }) => {
    expect(actionProblems(path, text)).toEqual([])
  })
})

const sha = '0123456789abcdef0123456789abcdef01234567'
const good = `on:
  workflow_dispatch:
    inputs:
      model: { description: Repo names, type: string }
permissions: {}
jobs:
  plan:
    runs-on: ubuntu-latest
    permissions: { contents: read }
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@${sha} # v7.0.1
        with: { persist-credentials: false }
      - uses: $/plan
        with: { model: "\${{ inputs.model }}" }
      - run: echo "$MODEL"
        env: { MODEL: "\${{ inputs.model }}" }
`

describe('the checks themselves', () => {
  it('have nothing against a good file', async () => {
    expect(workflowProblems('w.yml', good)).toEqual([])
    expect(await diagnose('.github/workflows/w.yml', good, own)).toEqual([])
  })

  it.each<[string, string, string, RegExp]>([
    [
      'an expression in a script',
      'echo "$MODEL"',
      `echo "\${{ inputs.model }}"`,
      /:16: an expression inside/,
    ],
    ['an action by its tag', `checkout@${sha} # v7.0.1`, 'checkout@v7', /:12: .*not pinned/],
    ['a SHA without its version', ' # v7.0.1', '', /:12: .*which version/],
    ['no permissions at the top', 'permissions: {}\n', '', /at the top/],
    ['no permissions of a job', '    permissions: { contents: read }\n', '', /plan: no permissions/],
    ['no timeout', '    timeout-minutes: 5\n', '', /plan: no timeout-minutes/],
    ['credentials that stay', 'persist-credentials: false', 'fetch-depth: 1', /keeps its credentials/],
    ['an input without description', 'description: Repo names, ', '', /inputs.model has no description/],
  ])('find %s', (_, part, instead, why) => {
    expect(good).toContain(part)
    const problems = workflowProblems('w.yml', good.replace(part, instead))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(why)
  })

  it.each<[string, string, string, RegExp]>([
    ['an unknown context', 'inputs.model }}" }\n      - run', 'input.model }}" }\n      - run', /'input'/],
    ['an unknown key', 'timeout-minutes: 5', 'timeout-minute: 5', /timeout-minute/],
    [
      'a secret in a condition',
      '    timeout-minutes: 5',
      "    timeout-minutes: 5\n    if: secrets.A != ''",
      /secrets/,
    ],
    ['a step with nothing to do', '- uses: $/plan', '- name: $/plan', /./],
  ])("GitHub's language service finds %s", async (_, part, instead, why) => {
    expect(good).toContain(part)
    const found = await diagnose('.github/workflows/w.yml', good.replace(part, instead), own)
    expect(found.join('\n')).toMatch(why)
  })

  it("GitHub's language service looks into the workflow that is called", async () => {
    const call = (inputs: string) =>
      `on: push\njobs:\n  sync:\n    uses: ${project}/.github/workflows/sync.yml@${sha}\n    with: ${inputs}\n`
    const found = await diagnose('.github/workflows/w.yml', call('{ modle: x }'), own)
    expect(found.join('\n')).toMatch(/modle/)
  })

  it('find an action, an input and an output without description', async () => {
    const action =
      'name: a\ninputs:\n  dir: { default: x }\noutputs:\n  plan: {}\nruns: { using: node24, main: index.js }\n'
    expect(actionProblems('a/action.yml', action)).toEqual([
      'a/action.yml: no description',
      'a/action.yml: inputs.dir has no description',
      'a/action.yml: outputs.plan has no description',
    ])
    expect(await diagnose('a/action.yml', action, own)).not.toEqual([])
  })
})
