import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { gitError } from '../../../src/git/git-error.ts'

const token = 'tok_0123456789'
const basic = Buffer.from(`user:${token}`).toString('base64')
const access = {
  url: 'https://hub.example/o/r.git',
  authorization: { authorization: `Basic ${basic}`, cookie: `m_session_id=${token}` },
  insecureHttp: false,
}

test.each([
  ['! [rejected] abc -> main (stale info)', 'conflict'],
  ['! [rejected] abc -> main (fetch first)', 'conflict'],
  ['! [rejected] abc -> main (non-fast-forward)', 'conflict'],
  ["! [remote rejected] abc -> main (cannot lock ref 'refs/heads/main': is at a but expected b)", 'conflict'],
  ['! [remote rejected] abc -> main (pre-receive hook declined)', 'refused'],
  [
    'remote: GitCode: LFS objects are missing. Ensure LFS is properly setup\n! [remote rejected] abc -> main (pre-receive hook declined)',
    'object-missing',
  ],
  ["fatal: Authentication failed for 'https://hub.example/o/r.git/'", 'unauthorized'],
  ["fatal: could not read Username for 'https://hub.example': terminal prompts disabled", 'unauthorized'],
  ['fatal: unable to access: The requested URL returned error: 403', 'forbidden'],
  ["fatal: repository 'https://hub.example/o/r.git/' not found", 'not-found'],
  ['fatal: remote error: upload-pack: not our ref 0123', 'not-found'],
  ['error: RPC failed; HTTP 429 curl 22 The requested URL returned error: 429', 'rate-limited'],
  ['fatal: unable to access: The requested URL returned error: 502', 'unavailable'],
  ['error: RPC failed; curl 28 Operation too slow. Less than 1000 bytes/sec', 'stalled'],
  ['fatal: unable to access: Could not resolve host: hub.example', 'network'],
  ['fatal: the remote end hung up unexpectedly', 'network'],
  ['fatal: fsck error in packed object', 'git'],
  ['', 'git'],
])('%s is %s', (output, code) => {
  expect(gitError('push', output, access).code).toBe(code)
})

test('whoever sent no token is told how to give one, and not to check it', () => {
  const output = "fatal: could not read Username for 'https://hub.example': terminal prompts disabled"
  const advised = { ...access, advice: { token: 'Set A_TOKEN.', endpoint: 'Check A_ENDPOINT.' } }
  const stranger = { ...advised, authorization: {} }
  expect(gitError('look', output, stranger).next).toBe('Check the name. If it is right: Set A_TOKEN.')
  expect(gitError('look', output, advised).next).toBe('Set A_TOKEN.')
  expect(gitError('look', output, access).next).toBe("Check the hub's token.")
  expect(gitError('look', 'fatal: not found', stranger).next).toBeUndefined()
  expect(gitError('look', 'fatal: unable to access: Failed to connect to h', advised).next).toBe(
    'Check A_ENDPOINT.',
  )
  expect(gitError('look', 'fatal: the remote end hung up unexpectedly', advised).next).toBeUndefined()
})

test('no secret, no query, no user in a URL and no control character gets out', () => {
  const output = [
    `remote: your header was Authorization: Basic ${basic}`,
    `remote: token ${token}`,
    `fatal: https://user:pass@cdn.example/x?X-Amz-Signature=abc#frag 'failed'`,
    'remote: \u001b[31m::add-mask::x',
  ].join('\n')
  const error = gitError('push', output, access, new Error(`spawn with ${token}`))
  const shown = inspect(error, { depth: 10, showHidden: true })
  for (const secret of [token, basic, 'pass@', 'X-Amz', '#frag', '\u001b'])
    expect(shown).not.toContain(secret)
  expect(error.message).toContain('https://cdn.example/x')
})

test('a hook’s advice is kept, git’s chatter is not', () => {
  const output =
    'Counting objects: 100%\rremote: \nremote: License is missing\nTo https://hub.example/o/r.git\nhint: try\nDone\n! x (pre-receive hook declined)'
  expect(gitError('push', output, access).message).toBe(
    'Git failed to push (hub.example): remote: License is missing | ! x (pre-receive hook declined)',
  )
})

test('a hub that prints without end costs no time', () => {
  const begin = performance.now()
  const long = `remote: ${'a'.repeat(1_000_000)}\n${'repository '.repeat(100_000)}\n`
  const error = gitError('push', `${long}${'noise\n'.repeat(100_000)}fatal: the remote end hung up`, access)
  expect(performance.now() - begin).toBeLessThan(2000)
  expect(error.code).toBe('network')
  expect(error.message.length).toBeLessThan(10_000)
})
