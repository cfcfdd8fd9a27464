import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

test('a reader that went away neither ends the command with an error nor makes it crash', async () => {
  const script = `import { cli } from './src/cli/main-cli.ts'
    process.stdin.once('data', async () => {
      process.exitCode = await cli(['--help'])
      process.stdin.destroy()
    })
    process.stderr.write('ready')`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script])
  await once(child.stderr, 'data')
  child.stdout.destroy()
  const said: string[] = []
  child.stderr.on('data', (chunk) => said.push(String(chunk)))
  child.stdin.write('go')
  const [status] = await once(child, 'close')
  expect({ status, said: said.join('') }).toEqual({ status: 0, said: '' })
})
