import { existsSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createLedgerCache } from '../../../src/action/ledger-cache.ts'
import { type Command, runAction } from '../../../src/action/run-action.ts'
import { createRuntime } from '../../../src/action/runtime.ts'
import { runCommand } from '../../../src/commands/run.ts'
import { SyncError } from '../../../src/model/errors.ts'
import type { ItemResult } from '../../../src/model/report.ts'
import { blocked, hasControls, held, hostile, reportOf, sampleResult } from '../report/sample-plan.ts'
import { type FakeRunner, fakeRunner, workflowRun } from './action-run.ts'

let runner: FakeRunner | undefined
afterEach(() => runner?.stop())

/** Off the default branch, so that no test asks for a cache. */
const elsewhere = workflowRun({ ref: 'refs/heads/test' })

async function act(command: Command, inputs = {}, run = elsewhere) {
  runner = fakeRunner({ to: 'ms:my-org', ...inputs })
  await runAction(command, run)
  return { outputs: runner.outputs(), summary: runner.summary(), log: runner.log(), status: process.exitCode }
}

function reporting(results: ItemResult[], exitStatus: number, heldBack = {}): Command {
  const report = reportOf(results, heldBack)
  return async () => ({ report, exitStatus, text: 'text', json: {} })
}

const failed = (id: string) =>
  sampleResult(id, {
    outcome: 'failed',
    error: { code: 'refused', message: `${hostile} ${id}`, next: 'Mend it.' },
  })

describe('runAction', () => {
  test('sets every output, writes the summary, and passes', async () => {
    const heldBack = {
      unchanged: [held('u', '')],
      skipped: [held('s', 'gated')],
      blocked: [blocked('b', 'big', [])],
    }
    const { outputs, summary, status } = await act(
      reporting([sampleResult('a'), sampleResult('b')], 0, heldBack),
    )
    expect(outputs).toEqual({
      outcome: 'success',
      synced: '2',
      unchanged: '1',
      skipped: '1',
      blocked: '1',
      failed: '0',
      bytes: '200',
      report: '.model-hub-sync/report.json',
    })
    expect(summary).toContain('## ⚠️ Partly blocked')
    expect(status).toBeUndefined()
  })

  test('failures fail the step, counted with conflicts and missing ones', async () => {
    const results = [
      failed('a'),
      sampleResult('b', { outcome: 'conflict' }),
      sampleResult('c', { outcome: 'moved' }),
    ]
    const { outputs, status, log } = await act(reporting(results, 1))
    expect(outputs).toMatchObject({ outcome: 'failure', failed: '3', synced: '0' })
    expect(status).toBe(1)
    expect(log.match(/^::error/gm)).toHaveLength(4)
  })

  test('at most ten annotations, and no text in them is a command of its own', async () => {
    const results = Array.from({ length: 40 }, (_, index) => failed(`r${index}`))
    const { log } = await act(reporting(results, 1))
    expect(log.match(/^::(error|warning|notice)/gm)).toHaveLength(10)
    expect(log).not.toMatch(/^::(?!error|warning)/m)
    expect(log).toContain('32 more repos: see the job summary.')
    expect(hasControls(log)).toBe(false)
  })

  test.each([
    [new SyncError('config', 'wrong key', { next: 'Mend the file.' }), 2],
    [new SyncError('stopped', 'Stopped by SIGINT.'), 3],
    [new Error('defect'), 1],
  ])('%s: outputs are set all the same, and the step fails with %i', async (error, expected) => {
    const { outputs, status, log, summary } = await act(async () => {
      throw error
    })
    expect(summary).toContain(`model-hub-sync did not finish`)
    expect(outputs).toEqual({
      outcome: expected === 3 ? 'incomplete' : 'failure',
      synced: '0',
      unchanged: '0',
      skipped: '0',
      blocked: '0',
      failed: '0',
      bytes: '0',
      report: '',
    })
    expect(status).toBe(expected)
    expect(log).toContain(error.message)
  })

  test('a pull request reaches no command, a dry run of it does', async () => {
    const command = vi.fn(reporting([], 0))
    const run = workflowRun({ eventName: 'pull_request' })
    expect((await act(command, {}, run)).status).toBe(2)
    expect(command).not.toHaveBeenCalled()
    runner?.stop()
    await act(command, { 'dry-run': 'true' }, run)
    expect(command).toHaveBeenCalledOnce()
  })

  test('the command gets the tokens and the event', async () => {
    const command = vi.fn(reporting([], 0))
    const run = workflowRun({
      eventName: 'schedule',
      ref: 'refs/heads/x',
      payload: { schedule: '1 * * * *' },
    })
    await act(command, { 'huggingface-token': 'hf_12345678' }, run)
    const [context, options, env] = command.mock.calls[0] ?? []
    expect(options?.event).toEqual({ kind: 'schedule', cron: '1 * * * *' })
    expect(env?.HF_TOKEN).toBe('hf_12345678')
    expect(context?.workDir.startsWith(runner?.folder ?? '?')).toBe(true)
    expect(existsSync(context?.workDir ?? '')).toBe(false)
  })
})

describe('createRuntime', () => {
  test('stages are log groups, and no text from a hub is a command', async () => {
    runner = fakeRunner({})
    const { context, close } = await createRuntime({ RUNNER_TEMP: runner.folder }, {})
    context.progress({ kind: 'stage', text: 'Comparing source and target' })
    context.progress({ kind: 'item-started', item: 'a', label: 'Qwen/a', bytes: 1e6 })
    context.progress({ kind: 'bytes', item: 'a', bytes: 1e6 })
    context.progress({ kind: 'item-finished', item: 'a', outcome: 'synced', text: '' })
    context.progress({ kind: 'stage', text: 'Syncing 1 repo(s)' })
    context.log.info(`::add-mask::x\n${hostile}`)
    close()
    const lines = runner.log().split('\n')
    expect(lines.slice(0, 5)).toEqual([
      '::group::Comparing source and target',
      'Qwen/a: started, 1 MB to move',
      'Qwen/a: synced',
      '::endgroup::',
      '::group::Syncing 1 repo(s)',
    ])
    expect(lines.slice(5).filter((line) => line.startsWith('::'))).toEqual(['::endgroup::'])
    expect(hasControls(runner.log())).toBe(false)
  })
})

describe('in a workflow of a public repository', () => {
  const inPublic = workflowRun({ ref: 'refs/heads/test', payload: { repository: { private: false } } })
  const secret = 'acquisition'
  const say: Command = async (context) => {
    context.log.warn(`${secret} is slow`)
    context.log.warn(`${secret} failed`, 'A request failed: network.')
    context.log.info(secret)
    context.log.debug(secret)
    context.progress({ kind: 'item-started', item: secret, label: secret, bytes: 1 })
    throw new SyncError('refused', `${secret} is refused`, { next: `Rename ${secret}.` })
  }

  test('nothing that is said gets out but what is meant for everybody', async () => {
    const { log, summary, status, outputs } = await act(say, { to: '' }, inPublic)
    expect([status, outputs.outcome]).toEqual([1, 'failure'])
    expect(log + summary + JSON.stringify(outputs)).not.toContain(secret)
    expect(log).toContain('warning: A request failed: network.')
    expect(log).toContain('2 line(s) were left out')
    expect(summary).toContain('the hub refuses this content or name')
  })

  test.each([
    ['asked for', { 'private-names': 'show' }, inPublic],
    ['the repository is private', {}, elsewhere],
  ])('all of it does where %s', async (_, inputs, run) => {
    const { log, summary } = await act(say, inputs, run)
    for (const text of ['is slow', 'failed', 'is refused']) expect(log).toContain(`${secret} ${text}`)
    expect(summary).toContain(`${secret} is refused`)
  })

  test('what is wrong with the configuration is told in full', async () => {
    const { log } = await act(runCommand, { config: 'no-such.yml' }, inPublic)
    expect(log).toContain('There is no configuration file no-such.yml')
  })

  test('the command is told, with the address of the run, and the summary links there', async () => {
    const command = vi.fn(say)
    const { summary } = await act(command, {}, inPublic)
    const run = 'https://github.com/me/sync/actions/runs/7'
    expect(command.mock.calls[0]?.[1]).toMatchObject({ hideNames: true, run })
    expect(summary).toContain(`[Workflow run](${run})`)
  })

  test('a defect that nobody caught prints no message of its own', async () => {
    runner = fakeRunner({})
    const exit = vi.spyOn(process, 'exit').mockImplementation((() => {}) as typeof process.exit)
    const { close } = await createRuntime({ RUNNER_TEMP: runner.folder }, { hideNames: true })
    const [crash] = process.listeners('uncaughtException').slice(-1)
    crash?.(new Error(secret), 'unhandledRejection')
    close()
    expect(process.listeners('uncaughtException')).not.toContain(crash)
    expect(exit).toHaveBeenCalledWith(1)
    exit.mockRestore()
    expect(runner.log()).toContain('::error::a defect of model-hub-sync.')
    expect(runner.log()).not.toContain(secret)
  })
})

describe('createLedgerCache', () => {
  const service = () => ({
    restore: vi.fn(
      async (_paths: string[], _key: string, _restoreKeys: string[]): Promise<string | undefined> =>
        undefined,
    ),
    save: vi.fn(async (_paths: string[], _key: string) => 1),
  })

  test('restores by the scope, saves by run and attempt', async () => {
    const fake = service()
    const cache = createLedgerCache('l.json', 'digest', workflowRun(), fake)
    await cache.restore()
    await cache.save()
    const key = 'model-hub-sync-ledger-v2-digest-7-1'
    expect(fake.restore).toHaveBeenCalledWith(['l.json'], key, ['model-hub-sync-ledger-v2-digest-'])
    expect(fake.save).toHaveBeenCalledWith(['l.json'], key)
  })

  test('does nothing off the default branch', async () => {
    const fake = service()
    const cache = createLedgerCache('l.json', 'digest', elsewhere, fake)
    await cache.restore()
    await cache.save()
    expect(fake.restore).not.toHaveBeenCalled()
    expect(fake.save).not.toHaveBeenCalled()
  })

  test('a failure is a warning in the log', async () => {
    runner = fakeRunner({})
    const fake = service()
    fake.save.mockRejectedValue(new Error('no space'))
    await createLedgerCache('l.json', 'digest', workflowRun(), fake).save()
    expect(runner.log()).toContain(
      'warning: the ledger could not be saved, this run only takes longer: no space',
    )
  })
})
