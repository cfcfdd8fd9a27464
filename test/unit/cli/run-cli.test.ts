import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commands as real } from '../../../src/cli/main-cli.ts'
import { type Command, type Commands, runCli } from '../../../src/cli/run-cli.ts'
import { SyncError } from '../../../src/model/errors.ts'
import { ownFolder } from '../commands/service-run.ts'
import { hasControls, hostile, reportOf, sampleResult } from '../report/sample-plan.ts'
import { fakeStream } from './fake-stream.ts'

const done: Command = async () => ({ exitStatus: 0, text: 'done\n', json: { done: true } })
const failing =
  (error: unknown): Command =>
  async () => {
    throw error
  }

async function call(argv: string[], command: Command = done, columns?: number, environment = {}) {
  const [stdout, stderr] = [fakeStream(columns), fakeStream()]
  const names = ['run', 'plan', 'sync', 'report', 'verify', 'repair', 'check', 'config'] as const
  const commands: Commands = Object.assign({ ...real }, ...names.map((name) => ({ [name]: command })))
  const status = await runCli(argv, { commands, environment, stdout, stderr })
  return { status, out: stdout.text(), err: stderr.text() }
}

describe('runCli', () => {
  test('the text of a command goes to stdout, and its status is returned', async () => {
    const result: Command = async (context) => {
      context.progress({ kind: 'stage', text: 'Syncing 1 repo(s)' })
      return { exitStatus: 1, text: 'text\n', json: 1 }
    }
    expect(await call(['report'], result)).toEqual({ status: 1, out: 'text\n', err: 'Syncing 1 repo(s)\n' })
  })

  test('--json puts one JSON value on stdout and nothing else, also for an error', async () => {
    const { out } = await call(['report', '--json'])
    expect(JSON.parse(out)).toEqual({ done: true })
    const bad = await call(
      ['report', '--json'],
      failing(new SyncError('plan', 'damaged', { next: 'Plan again.' })),
    )
    expect(JSON.parse(bad.out)).toEqual({ error: { code: 'plan', message: 'damaged', next: 'Plan again.' } })
  })

  test.each([
    [new SyncError('config', 'wrong'), 2],
    [new SyncError('usage', 'wrong'), 2],
    [new SyncError('stopped', 'Stopped by SIGINT.'), 3],
    [new SyncError('network', 'no answer'), 1],
    [new TypeError('defect'), 1],
  ])('%s ends with %i and one block on stderr', async (error, status) => {
    const ended = await call(['report'], failing(error))
    expect(ended.status).toBe(status)
    expect(ended.out).toBe('')
    expect(ended.err).toMatch(new RegExp(`^error: ${error.message} \\[\\w+\\]\\n`))
    expect(ended.err).not.toContain('    at ')
  })

  test('an error says what to do next; --verbose adds where it came from; no text of it is a control', async () => {
    const error = new SyncError('bad-answer', `first\nsecond ${hostile}`, {
      next: 'Do this.',
      cause: new Error('inner'),
    })
    const { err } = await call(['report'], failing(error))
    expect(err).toContain('\nnext: Do this.\n')
    expect(hasControls(err)).toBe(false)
    const verbose = await call(['report', '--verbose'], failing(error))
    expect(verbose.err).toContain('    at ')
    expect(verbose.err).toContain('inner')
  })

  test('a wrong option is 2 and reaches no command', async () => {
    const { status, err, out } = await call(['report', '--no-such-option'], failing(new Error('reached')))
    expect(status).toBe(2)
    expect(err).toContain('[usage]')
    expect(out).toBe('')
  })

  test('help is a result', async () => {
    const { status, out, err } = await call(['--help'])
    expect([status, err]).toEqual([0, ''])
    expect(out).toContain('model-hub-sync')
  })

  test('a missing --env-file is 2', async () => {
    expect((await call(['report', '--env-file', 'no/such.env'])).status).toBe(2)
  })

  test('a line of the --env-file that says nothing is a warning, without what stands there', async () => {
    const file = join(ownFolder(), 'my.env')
    writeFileSync(file, '# tokens\nHF_TOKEN hf_secret\nA=1\n')
    const seen: unknown[] = []
    const { status, err } = await call(['report', '--env-file', file], async (_context, _options, env) => {
      seen.push(env.A)
      return { exitStatus: 0, text: '', json: 1 }
    })
    expect([status, ...seen]).toEqual([0, '1'])
    expect(err).toBe(`warning: ${file}, line 2, is left out: it is neither NAME=value nor a comment.\n`)
  })

  test('the work folder is gone afterwards, also after an error', async () => {
    let folder = ''
    const { status } = await call(['report'], async (context) => {
      folder = context.workDir
      expect(existsSync(folder)).toBe(true)
      throw new Error('x')
    })
    expect(status).toBe(1)
    expect(existsSync(folder)).toBe(false)
  })

  test('on a terminal a command still says what it has to say besides the report', async () => {
    const words = { headline: 'Nothing to publish', next: 'Do this.' }
    const command: Command = async () => ({ report: reportOf([]), exitStatus: 0, text: '', json: {}, words })
    const { out } = await call(['sync'], command, 70, { NO_COLOR: '1' })
    expect(out).toMatch(/^Nothing to publish\n/)
    expect(out).toMatch(/\nDo this\.\n$/)
  })

  test('on a terminal a report has its width and colours, with NO_COLOR none', async () => {
    const report = reportOf([sampleResult('x'.repeat(200))])
    const command: Command = async () => ({ report, exitStatus: 0, text: 'plain\n', json: {} })
    expect((await call(['report'], command)).out).toBe('plain\n')
    const terminal = await call(['report'], command, 70)
    expect(terminal.out).toContain('…')
    expect(hasControls(terminal.out)).toBe(true)
    expect(hasControls((await call(['report'], command, 70, { NO_COLOR: '1' })).out)).toBe(false)
  })
})
