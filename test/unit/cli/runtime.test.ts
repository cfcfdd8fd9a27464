import { existsSync, statSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { createProgress } from '../../../src/cli/progress.ts'
import { createRuntime } from '../../../src/cli/runtime.ts'
import { fakeStream } from './fake-stream.ts'

const output = () =>
  createProgress(fakeStream(), { quiet: false, verbose: false, progress: true, now: () => 0 })

test('the work folder is private, and gone in the end', async () => {
  const runtime = await createRuntime({}, output())
  expect(statSync(runtime.context.workDir).mode & 0o777).toBe(0o700)
  runtime.close()
  expect(existsSync(runtime.context.workDir)).toBe(false)
  expect(() => runtime.close()).not.toThrow()
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s fires the signal; a second one ends the process with 130',
  async (name) => {
    const before = process.listenerCount(name)
    const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Error(`exit ${code}`)
    })
    const { context, close } = await createRuntime({}, output())
    try {
      process.emit(name, name)
      expect(context.signal.reason).toMatchObject({ code: 'stopped', message: `Stopped by ${name}.` })
      await expect(context.clock.sleep(60_000, context.signal)).rejects.toBe(context.signal.reason)
      expect(() => process.emit(name, name)).toThrow('exit 130')
      expect(existsSync(context.workDir)).toBe(false)
    } finally {
      close()
      exit.mockRestore()
    }
    expect(process.listenerCount(name)).toBe(before)
  },
)

test('the deadline fires the signal', async () => {
  const { context, close } = await createRuntime({}, output(), 20)
  const fired = new Promise((resolve) => context.signal.addEventListener('abort', resolve))
  await fired
  expect(context.signal.reason).toMatchObject({
    code: 'stopped',
    message: expect.stringContaining('deadline'),
  })
  close()
})

test('a deadline longer than a timer counts does not fire at once', async () => {
  const { context, close } = await createRuntime({}, output(), 60 * 86_400_000)
  await context.clock.sleep(30)
  expect(context.signal.aborted).toBe(false)
  close()
})

test('proxies come from the environment, lower case first', async () => {
  const env = { HTTPS_PROXY: 'http://a:1', https_proxy: 'http://b:1', NO_PROXY: 'localhost', HTTP_PROXY: '' }
  const { context, close } = await createRuntime(env, output())
  expect(context.proxy).toEqual({ https: 'http://b:1', none: 'localhost' })
  close()
})
