import { describe, expect, it, test } from 'vitest'
import { formatTrailers, parseTrailers, type SyncTrailers } from '../../../src/model/trailers.ts'

const trailers: SyncTrailers = {
  from: { repo: 'huggingface:models/Qwen/tiny', commit: 'a'.repeat(40) },
  run: '20260101000000-0123456789',
  by: '0.1.0',
  filter: '0123456789abcdef',
}
const lines = formatTrailers(trailers).join('\n')
const message = `Sync from huggingface:Qwen/tiny: 1 added\n\n${lines}\n`

describe('what is written is read', () => {
  const { filter: _, ...old } = trailers
  test.each<[string, SyncTrailers]>([
    ['one commit', trailers],
    ['one of two commits', { ...trailers, commits: 2 }],
    ['an older version, without a filter', old],
    ['a folder', { ...trailers, from: { repo: 'dir:my model', commit: 'b'.repeat(40) } }],
    ['a repo with an @', { ...trailers, from: { repo: 'git:models/a@b/c', commit: 'b'.repeat(40) } }],
  ])('%s', (_, given) => {
    expect(parseTrailers(`Sync\n\n${formatTrailers(given).join('\n')}`)).toEqual(given)
  })

  it('also with line ends of Windows, and without the last one', () => {
    expect(parseTrailers(message.replaceAll('\n', '\r\n'))).toEqual(trailers)
    expect(parseTrailers(message.trimEnd())).toEqual(trailers)
  })

  it('of a commit in parts, only in the last', () => {
    expect(parseTrailers(message.replace('added', 'added (3/3)'))).toEqual(trailers)
    expect(parseTrailers(message.replace('added', 'added (2/3)'))).toBeUndefined()
  })
})

test.each<[string, string]>([
  ['nothing', ''],
  ['a title alone', 'Sync from huggingface:Qwen/tiny: 1 added'],
  ['trailers alone', lines],
  ['a revert that quotes it', `Revert "Sync"\n\nThis reverts commit abc.\n\n${lines}`],
  ['text after the trailers', `${message}\nSigned with love`],
  ['text below them in the same paragraph', `${message}Signed-off-by: a <a@b.example>`],
  ['a squash of two', `All (#3)\n\n* Sync\n\n${lines}\n\n* Sync\n\n${lines}`],
  ['a squash of two in one paragraph', `All (#3)\n\n${lines}\n${lines}`],
  ['a key twice', `${message}Synced-Run: 2`],
  ['an unknown key', `${message}Synced-Who: me`],
  ['no commit', message.replace('a'.repeat(40), 'main')],
  ['a filter that is no digest', message.replace('0123456789abcdef', 'all')],
  ['three commits', `${message}Synced-Commits: 3`],
  ['another program', message.replace('model-hub-sync/', 'other/')],
  ['a run missing', message.replace(/Synced-Run: .*\n/, '')],
])('%s is no sync commit', (_, text) => {
  expect(parseTrailers(text)).toBeUndefined()
})
