import { expect, test } from 'vitest'
import { platformFileKind } from '../../../src/transform/platform-files.ts'

const files = [
  { path: '.gitattributes' },
  { path: '.cache', folder: true },
  { path: 'README.md', isMadeByPlatform: (content: string) => content.startsWith('default') },
] as const

test.each([
  ['.gitattributes', undefined, 'platform'],
  ['sub/.gitattributes', undefined, 'real'],
  ['.GITATTRIBUTES', undefined, 'real'],
  ['.cache/a/b', undefined, 'platform'],
  ['.cache', undefined, 'real'],
  ['.cached/a', undefined, 'real'],
  ['README.md', undefined, 'needs-content'],
  ['README.md', 'default text', 'platform'],
  ['README.md', '', 'real'],
  ['model.bin', 'default', 'real'],
])('%s with %s is %s', (path, content, kind) => {
  expect(platformFileKind(files, path, content)).toBe(kind)
})
