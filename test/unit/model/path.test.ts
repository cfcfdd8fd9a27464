import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SyncError } from '../../../src/model/errors.ts'
import { parseRepoPath } from '../../../src/model/path.ts'

describe('parseRepoPath', () => {
  it.each([
    'a',
    'a b.txt',
    '-leading',
    'it\'s "quoted"',
    '#?%+.bin',
    '目录/模型.bin',
    '🤗/x',
    'deep/er/and/deeper',
    '.gitattributes',
    '.github/x',
    'git',
    'a..b',
    '...x',
  ])('takes %s as it is', (path) => {
    expect(parseRepoPath(path)).toBe(path)
  })

  it.each([
    '',
    '/etc/passwd',
    '../up',
    'a/../b',
    'a/./b',
    'a//b',
    'a/',
    '.git/config',
    'x/.GIT/hooks/post-checkout',
    '.git./x',
    '.git ',
    'git~1/x',
    '.git::$INDEX_ALLOCATION/x',
    '.g\u200cit/x',
    'a\\b',
    'C:/x',
    'a\nb',
    'a\u0000b',
    'a\u001b[31m',
    'x'.repeat(256),
    `${'x/'.repeat(2100)}x`,
  ])('refuses %j', (path) => {
    expect(() => parseRepoPath(path)).toThrow(SyncError)
  })

  it('never lets a part through that leaves the repo', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        let path: string
        try {
          path = parseRepoPath(text)
        } catch (error) {
          expect(error).toBeInstanceOf(SyncError)
          return
        }
        expect(path.split('/').some((part) => part === '' || part === '.' || part === '..')).toBe(false)
      }),
    )
  })
})
