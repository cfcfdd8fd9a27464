import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunRequest } from './run-state.ts'
import { runWorkflow, type WorkflowRun } from './runner.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mhs-runner-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs `.github/workflows/main.yml` of a repository made of `files`. */
async function run(files: Record<string, string>, request: Partial<RunRequest> = {}): Promise<WorkflowRun> {
  const here = await mkdtemp(join(folder, 'run-'))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(here, 'repository', path)), { recursive: true })
    await writeFile(join(here, 'repository', path), text)
  }
  return runWorkflow({
    folder: join(here, 'run'),
    repositories: { 'me/sync': join(here, 'repository') },
    repository: 'me/sync',
    workflow: '.github/workflows/main.yml',
    event: { name: 'push' },
    ...request,
  })
}

/** A workflow of these jobs. */
const main = (jobs: string, on = 'push') => ({ '.github/workflows/main.yml': `on: ${on}\njobs:\n${jobs}` })

const conclusions = ({ jobs }: WorkflowRun) =>
  Object.fromEntries(jobs.map((job) => [job.name, job.conclusion]))

const logOf = ({ jobs }: WorkflowRun, name: string) =>
  (jobs.find((job) => job.name === name)?.steps ?? []).map((step) => step.log).join('')

const job = (id: string, head: string, ...steps: string[]) =>
  `  ${id}:\n    runs-on: x\n${head === '' ? '' : `    ${head}\n`}    steps:\n${steps.map((step) => `      - ${step}\n`).join('')}`

describe('a workflow', () => {
  it('hands outputs on, makes a matrix of one, and keeps to max-parallel', async () => {
    const made = '{"include":[{"job":"a","n":1},{"job":"b","n":2},{"job":"c","n":3}]}'
    const ended = await run(
      main(`  plan:
    runs-on: x
    outputs: { matrix: "\${{ steps.make.outputs.matrix }}", count: 3 }
    steps:
      - id: make
        run: echo 'matrix=${made}' >> "$GITHUB_OUTPUT"
  sync:
    needs: plan
    if: needs.plan.outputs.count != '0'
    name: Sync \${{ matrix.job }}
    strategy: { matrix: "\${{ fromJSON(needs.plan.outputs.matrix) }}", max-parallel: 2 }
    runs-on: x
    env: { JOB: "\${{ matrix.job }}\${{ matrix.n }}" }
    steps:
      - run: echo "it is $JOB"
`),
    )
    expect(conclusions(ended)).toEqual({
      plan: 'success',
      'Sync a': 'success',
      'Sync b': 'success',
      'Sync c': 'success',
    })
    expect(logOf(ended, 'Sync b')).toBe('it is b2\n')
    expect(ended.mostParallel).toBe(2)
  })

  it.each([
    ['no job', '{"include":[]}', /does not contain any values/],
    ['more jobs than GitHub takes', JSON.stringify({ n: Array.from({ length: 257 }, (_, n) => n) }), /257/],
  ])('is refused with a matrix of %s', async (_, matrix, why) => {
    const text = `strategy: { matrix: "\${{ fromJSON('${matrix.replaceAll('"', '\\"')}') }}" }`
    await expect(run(main(job('a', text, 'run: "true"')))).rejects.toThrow(why)
  })

  it('judges `if` by all that went before', async () => {
    const ended = await run(
      main(
        [
          job('bad', '', 'run: exit 3', 'run: echo no', 'run: echo seen\n        if: failure()'),
          job('after', 'needs: bad', 'run: "true"'),
          job('always', 'needs: after\n    if: always()', `run: echo "\${{ needs.after.result }}"`),
          job('far', 'needs: always', 'run: "true"'),
          job(
            'cured',
            `needs: bad\n    if: \${{ !cancelled() && needs.bad.result == 'failure' }}`,
            'run: "true"',
          ),
          job('told', 'needs: always\n    if: failure()', 'run: "true"'),
        ].join(''),
      ),
    )
    expect(conclusions(ended)).toEqual({
      bad: 'failure',
      after: 'skipped',
      always: 'success',
      far: 'skipped',
      cured: 'success',
      told: 'success',
    })
    expect(logOf(ended, 'bad')).toBe('seen\n')
    expect(logOf(ended, 'always')).toBe('skipped\n')
    expect(ended.conclusion).toBe('failure')
  })

  it('masks secrets, and drops outputs that hold one', async () => {
    const text = `    outputs: { safe: "\${{ steps.one.outputs.safe }}", key: "\${{ steps.one.outputs.key }}" }`
    const ended = await run(
      main(
        job(
          'a',
          text.trim(),
          `id: one\n        env: { KEY: "\${{ secrets.KEY }}" }\n        run: 'echo "::add-mask::hush"; echo "$KEY hush"; echo "safe=1" >> "$GITHUB_OUTPUT"; echo "key=is $KEY" >> "$GITHUB_OUTPUT"'`,
        ),
      ),
      { secrets: { KEY: 'very-secret' } },
    )
    expect(logOf(ended, 'a')).toBe('*** ***\n')
    expect(ended.jobs[0]?.outputs).toEqual({ safe: '1' })
  })

  it('ends a job that takes too long', async () => {
    const ended = await run(
      main(
        job('slow', 'timeout-minutes: 1', 'run: exec sleep 20', 'run: echo cleaned\n        if: always()'),
      ),
      { minute: 200 },
    )
    expect(conclusions(ended)).toEqual({ slow: 'cancelled' })
    expect(logOf(ended, 'slow')).toBe('cleaned\n')
  })

  it('cancelled, runs only what wants to run', async () => {
    const ended = await run(
      main(
        job('slow', '', 'run: exec sleep 20') +
          job('next', 'needs: slow', 'run: "true"') +
          job('report', 'needs: slow\n    if: always()', `run: echo "\${{ needs.slow.result }}"`),
      ),
      { onStep: ({ job, cancelRun }) => job === 'slow' && cancelRun() },
    )
    expect(conclusions(ended)).toEqual({ slow: 'cancelled', next: 'skipped', report: 'success' })
    expect(logOf(ended, 'report')).toBe('cancelled\n')
  })
})

describe('an action', () => {
  const action = {
    'plan/action.yml': `name: plan\ndescription: d\ninputs:\n  fail-on: { description: d, default: failed }\n  token: { description: d, default: "\${{ github.token }}" }\nruns: { using: node24, main: index.js }\n`,
    'plan/index.js': `const { appendFileSync, readFileSync } = require('node:fs')
console.log(process.env['INPUT_FAIL-ON'], process.env.INPUT_TOKEN.length > 20, JSON.parse(readFileSync(process.env.GITHUB_EVENT_PATH)).repository.full_name)
appendFileSync(process.env.GITHUB_OUTPUT, 'text<<END\\none\\ntwo\\nEND\\n')
appendFileSync(process.env.GITHUB_ENV, 'FOUND=yes\\n')
appendFileSync(process.env.GITHUB_STEP_SUMMARY, '# Summary')
`,
  }

  it('of the same repository gets inputs, defaults and the files of a runner', async () => {
    const ended = await run({
      ...action,
      ...main(
        job(
          'a',
          '',
          'id: p\n        uses: $/plan',
          `run: echo "$FOUND $T"\n        env: { T: "\${{ steps.p.outputs.text }}" }`,
        ),
      ),
    })
    expect(logOf(ended, 'a')).toBe('failed true me/sync\nyes one\ntwo\n')
    expect(ended.jobs[0]?.steps[0]?.summary).toBe('# Summary')
  })

  it('of the workspace is there after a checkout', async () => {
    const checkout = `uses: actions/checkout@${'0'.repeat(40)}`
    const ended = await run({
      ...action,
      ...main(job('a', '', checkout, 'uses: ./plan\n        with: { fail-on: never }')),
    })
    expect(logOf(ended, 'a')).toContain('never true me/sync')
  })

  it('is refused an input that it does not have', async () => {
    const files = { ...action, ...main(job('a', '', 'uses: $/plan\n        with: { fial-on: never }')) }
    await expect(run(files)).rejects.toThrow('Unexpected input "fial-on" of $/plan')
  })
})

describe('artifacts', () => {
  const up = (name: string, path: string) =>
    `uses: actions/upload-artifact@x\n        with: { name: "${name}", path: "${path}", if-no-files-found: error }`
  const down = (inputs: string) => `uses: actions/download-artifact@x\n        with: ${inputs}`

  it('go by name, or by pattern into folders of their own or one', async () => {
    const ended = await run(
      main(
        job(
          'a',
          '',
          'run: mkdir -p out/deep; echo 1 > out/deep/one; echo 2 > out/two',
          up('r-a', 'out'),
          up('r-b', 'out/two'),
        ) +
          job(
            'b',
            'needs: a',
            down('{ name: r-a, path: x }'),
            down('{ pattern: "r-*", path: y }'),
            down('{ pattern: "r-*", path: z, merge-multiple: true }'),
            'run: find x y z -type f | sort',
          ),
      ),
    )
    expect(logOf(ended, 'b')).toContain(
      'x/deep/one\nx/two\ny/r-a/deep/one\ny/r-a/two\ny/r-b/two\nz/deep/one\nz/two\n',
    )
  })

  it('leave hidden files out, a hidden folder that is named included', async () => {
    const make = 'run: mkdir -p .run/results; echo 1 > .run/plan.json; echo 2 > .run/results/a.json'
    const ended = await run(
      main(
        job('file', '', make, up('f', '.run/plan.json')) +
          job('below', '', make, up('b', '.run/results')) +
          job('folder', '', make, up('d', '.run')),
      ),
    )
    expect(conclusions(ended)).toEqual({ file: 'success', below: 'success', folder: 'failure' })
    expect(logOf(ended, 'folder')).toContain('No files were found')
  })

  it('that are missing fail the step, and a second of one name does too', async () => {
    const ended = await run(
      main(
        job('missing', '', down('{ name: none }')) +
          job('none', '', down('{ pattern: "none-*" }')) +
          job('twice', '', 'run: echo 1 > a', up('same', 'a'), up('same', 'a')),
      ),
    )
    expect(conclusions(ended)).toEqual({ missing: 'failure', none: 'success', twice: 'failure' })
    expect(logOf(ended, 'missing')).toContain('Artifact not found for name: none')
    expect(logOf(ended, 'twice')).toContain('409')
  })
})

describe('running failed jobs again', () => {
  const files = main(
    job(
      'plan',
      '',
      'run: echo "$GITHUB_RUN_ATTEMPT" > p',
      `uses: actions/upload-artifact@x\n        with: { name: "plan-\${{ github.run_attempt }}", path: p }`,
    ) +
      job(
        'sync',
        'needs: plan\n    strategy: { fail-fast: false, matrix: { n: [1, 2] } }',
        'run: echo "$GITHUB_RUN_ATTEMPT"',
      ) +
      job(
        'report',
        'needs: sync\n    if: always()',
        `run: echo "\${{ needs.sync.result }}"`,
        'uses: actions/download-artifact@x\n        with: { pattern: "plan-*", path: plans }',
        'run: ls plans',
      ),
  )

  it('keeps what ended well, with its artifacts', async () => {
    const ended = await run(files, {
      onStep: ({ job, loseMachine }) => job === 'sync (2)' && loseMachine(),
    })
    expect(conclusions(ended)).toEqual({
      plan: 'success',
      'sync (1)': 'success',
      'sync (2)': 'failure',
      report: 'success',
    })
    const again = await ended.rerunFailed({ onStep: () => undefined })
    expect(again.conclusion).toBe('success')
    expect(again.jobs.map(({ name, attempt }) => [name, attempt])).toEqual([
      ['plan', 1],
      ['sync (1)', 1],
      ['sync (2)', 2],
      ['report', 2],
    ])
    expect(logOf(again, 'report')).toMatch(/^success\n.*plan-1\n$/s)
  })

  it('where GitHub forgets them, artifacts of an earlier attempt are not found', async () => {
    const ended = await run(files, {
      forgetsArtifacts: true,
      onStep: ({ job, loseMachine }) => job === 'sync (2)' && loseMachine(),
    })
    const again = await ended.rerunFailed({ onStep: () => undefined })
    expect(logOf(again, 'report')).toContain('Total of 0 artifact(s)')
  })
})

describe('a reusable workflow', () => {
  const called = (jobs: string) => `on:
  workflow_call:
    inputs:
      count: { type: number, default: 2, description: d }
      name: { type: string, required: true, description: d }
    secrets:
      key: { required: true, description: d }
    outputs:
      said: { value: "\${{ jobs.one.outputs.said }}", description: d }
permissions: {}
jobs:
${jobs}`
  const good = called(
    job(
      'one',
      `outputs: { said: "\${{ inputs.name }} \${{ inputs.count }} \${{ steps.s.outputs.known }}" }`,
      `id: s\n        env: { KEY: "\${{ secrets.key }}" }\n        run: echo "known=\${#KEY}$OUTER" >> "$GITHUB_OUTPUT"`,
    ),
  )
  const caller = (body: string) =>
    `on: push\nenv: { OUTER: leaked }\njobs:\n  call:\n    uses: other/tools/.github/workflows/called.yml@v1\n${body}  after:\n    needs: call\n    runs-on: x\n    steps:\n      - run: echo "\${{ needs.call.outputs.said }}"\n`
  const withTools = async (text: string, body: string) => {
    const tools = await mkdtemp(join(folder, 'tools-'))
    await mkdir(join(tools, '.github/workflows'), { recursive: true })
    await writeFile(join(tools, '.github/workflows/called.yml'), text)
    const me = await mkdtemp(join(folder, 'me-'))
    await writeFile(join(me, 'main.yml'), caller(body))
    return run(
      {},
      {
        repositories: { 'me/sync': me, 'other/tools': tools },
        workflow: 'main.yml',
        secrets: { MINE: 'abcdefgh' },
      },
    )
  }
  const give = `    with: { name: it }\n    secrets: { key: "\${{ secrets.MINE }}" }\n`

  it("gets its inputs and secrets, none of the caller's env, and hands outputs back", async () => {
    const ended = await withTools(good, give)
    expect(conclusions(ended)).toEqual({ 'call / one': 'success', after: 'success' })
    expect(logOf(ended, 'after')).toBe('it 2 8\n')
  })

  it.each([
    [
      'an input it does not have',
      '    with: { name: it, nmae: x }\n    secrets: { key: k }\n',
      /no input is called nmae/,
    ],
    ['no required input', '    secrets: { key: k }\n', /the input name is required/],
    ['no required secret', '    with: { name: it }\n', /the secret key is required/],
    [
      'a secret it does not have',
      '    with: { name: it }\n    secrets: { kee: k }\n',
      /no secret is called kee/,
    ],
    [
      'a number that is none',
      '    with: { name: it, count: many }\n    secrets: { key: k }\n',
      /count is no number/,
    ],
  ])('is not called with %s', async (_, body, why) => {
    await expect(withTools(good, body)).rejects.toThrow(why)
  })

  it('has no more rights than its caller', async () => {
    const wants = called(job('one', 'permissions: { issues: write }', 'run: "true"'))
    await expect(withTools(wants, give)).rejects.toThrow(
      "requesting 'issues: write', but is only allowed 'issues: none'",
    )
    const ended = await withTools(wants, `    permissions: { issues: write }\n${give}`)
    expect(ended.conclusion).toBe('success')
  })
})

describe('an environment', () => {
  it('holds a job until its reviewers agree, and brings secrets of its own', async () => {
    const files = main(
      job(
        'apply',
        'environment: production',
        `run: echo "\${#KEY}"\n        env: { KEY: "\${{ secrets.KEY }}" }`,
      ),
    )
    const secrets = { KEY: '12345678' }
    const ended = await run(files, { environments: { production: { secrets, approve: () => true } } })
    expect(logOf(ended, 'apply')).toBe('8\n')
    const refused = await run(files, { environments: { production: { secrets, approve: () => false } } })
    expect(conclusions(refused)).toEqual({ apply: 'failure' })
    expect(refused.jobs[0]?.steps).toEqual([])
  })
})
