import { rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Context } from '../../../src/context.ts'
import { remoteHead } from '../../../src/git/remote-head.ts'
import { openSnapshot } from '../../../src/git/snapshot.ts'
import { failureOf } from '../hubs/settings.ts'
import { testContext } from './git-server.ts'

let context: Context
beforeEach(async () => {
  context = await testContext()
})
afterEach(() => rm(context.workDir, { recursive: true, force: true }))

/** A pkt-line. Source: gitprotocol-common(5). */
function line(content: string | Buffer): Buffer {
  const length = (Buffer.byteLength(content) + 4).toString(16).padStart(4, '0')
  return Buffer.concat([Buffer.from(length), Buffer.from(content)])
}

const capabilities = Buffer.concat([
  ...['# service=git-upload-pack\n'].map(line),
  Buffer.from('0000'),
  ...['version 2\n', 'ls-refs\n', 'fetch=shallow filter\n', 'object-format=sha1\n'].map(line),
  Buffer.from('0000'),
])
/** Band 2: words for people. Source: gitprotocol-v2(5), "packfile". */
const words = line(Buffer.concat([Buffer.from([2]), Buffer.from(`${'x'.repeat(59_999)}\n`)]))
const most = 1_000_000_000

/** A host that answers every question of git with `answer`. */
async function startHost(answer: (response: ServerResponse) => void) {
  const server = createServer((request, response) => {
    request.resume()
    if (request.method === 'GET') {
      response.setHeader('content-type', 'application/x-git-upload-pack-advertisement').end(capabilities)
      return
    }
    response.setHeader('content-type', 'application/x-git-upload-pack-result')
    answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${address.port}/r.git`, close }
}

const accessTo = (url: string) => ({ url, authorization: {}, insecureHttp: false })

test('a host that never stops talking is left, before its words fill the memory', async () => {
  let told = 0
  const talk = (response: ServerResponse) => {
    while (told < most && !response.destroyed) {
      told += words.length
      if (!response.write(words)) return void response.once('drain', () => talk(response))
    }
    response.end()
  }
  const host = await startHost((response) => {
    response.write(line('packfile\n'))
    talk(response)
  })
  try {
    const at = { branch: 'main', commit: 'a'.repeat(40) }
    const error = await failureOf(openSnapshot(context, accessTo(host.url), at, { filter: 'blob:none' }))
    expect(error).toMatchObject({
      code: 'bad-answer',
      message: expect.stringContaining('tells git more than'),
    })
    expect(told).toBeLessThan(most / 2)
  } finally {
    host.close()
  }
})

test('a branch that git would not take is none', async () => {
  const head = `${'a'.repeat(40)} HEAD symref-target:refs/heads/a\u001b[31m..b\n`
  const host = await startHost((response) => response.end(Buffer.concat([line(head), Buffer.from('0000')])))
  try {
    const error = await failureOf(remoteHead(context, accessTo(host.url)))
    expect(error.code).toBe('bad-answer')
    expect(error.message).not.toContain('\u001b')
  } finally {
    host.close()
  }
})
