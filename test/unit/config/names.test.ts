import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { type ConfiguredHub, knownHubs } from '../../../src/config/hubs.ts'
import {
  expandTarget,
  formatPattern,
  parseSource,
  parseTarget,
  sourceNameOf,
} from '../../../src/config/names.ts'
import { SyncError } from '../../../src/model/errors.ts'

function gitHub(endpoint: string): ConfiguredHub {
  return { written: { type: 'git' }, endpoint, token: undefined, username: undefined }
}

const hubs = knownHubs(
  new Map([
    [
      'mirror',
      { written: {}, endpoint: 'https://hub.example.org:8443', token: undefined, username: undefined },
    ],
    ['forge', gitHub('https://git.example.org')],
    ['scm', gitHub('https://git.example.org/scm')],
  ]),
  { HF_ENDPOINT: 'http://127.0.0.1:4321' },
)

describe('sources', () => {
  it.each([
    ['huggingface:Qwen', 'huggingface:Qwen'],
    ['hf:Qwen/Qwen3-0.6B', 'huggingface:Qwen/Qwen3-0.6B'],
    ['hf:datasets/squad/v1', 'huggingface:datasets/squad/v1'],
    ['hf:datasets/squad', 'huggingface:datasets/squad'],
    ['ms:models/a/b', 'modelscope:models/a/b'],
    ['modelscope-ai:a/q-{1,2}*', 'modelscope-ai:a/q-{1,2}*'],
    ['mirror:a/b', 'mirror:a/b'],
    ['https://huggingface.co/Qwen/Qwen3-0.6B', 'huggingface:Qwen/Qwen3-0.6B'],
    ['https://huggingface.co/Qwen', 'huggingface:Qwen'],
    ['huggingface.co/datasets/o/n/tree/main', 'huggingface:datasets/o/n'],
    ['hf.co/o/n/', 'huggingface:o/n'],
    ['https://huggingface.co/o/n.git', 'huggingface:o/n'],
    ['https://www.modelscope.cn/models/o/n/summary', 'modelscope:models/o/n'],
    ['modelscope.cn/datasets/o/n/files', 'modelscope:datasets/o/n'],
    ['https://www.modelscope.ai/models/o/n?x=1#y', 'modelscope-ai:models/o/n'],
    ['http://127.0.0.1:4321/o/n', 'huggingface:o/n'],
    ['https://hub.example.org:8443/o/n', 'mirror:o/n'],
    ['modelers.cn/models/o/n/tree/main', 'modelers:models/o/n'],
    ['https://modelers.cn/datasets/o/n', 'modelers:datasets/o/n'],
    ['https://modelers.cn/o/n.git', 'modelers:o/n'],
    ['gitcode:o/n', 'gitcode:o/n'],
    ['https://gitcode.com/o/n', 'gitcode:o/n'],
    ['https://gitcode.com/o/n.git', 'gitcode:o/n'],
    ['https://www.gitcode.com/o/n/tree/main', 'gitcode:o/n'],
    ['https://ai.gitcode.com/o/n/overview', 'gitcode:o/n'],
    ['hub.atomgit.com/o/n', 'gitcode:o/n'],
    ['github:datasets/o/n', 'github:datasets/o/n'],
    ['https://github.com/o/n', 'github:o/n'],
    ['https://GitHub.com:443/o/n.git', 'github:o/n'],
    ['github.com/o/n/tree/master', 'github:o/n'],
    ['https://github.com/datasets/gdp', 'github:models/datasets/gdp'],
    ['forge:team/n', 'forge:team/n'],
    ['forge:team', 'forge:team'],
    ['forge:a/b/c/n', 'forge:a/b/c/n'],
    ['forge:a/b/q-*', 'forge:a/b/q-*'],
    ['forge:datasets/a/b/n', 'forge:datasets/a/b/n'],
    ['https://git.example.org/team/n', 'forge:team/n'],
    ['https://git.example.org/team', 'forge:team'],
    ['git.example.org/a/b/n.git', 'forge:a/b/n'],
    ['https://git.example.org/a/b/n/-/tree/main', 'forge:a/b/n'],
    ['https://git.example.org/o/n/src/branch/main', 'forge:o/n'],
    ['https://git.example.org/scm/o/n.git', 'scm:o/n'],
    ['https://git.example.org/datasets/n.git', 'forge:models/datasets/n'],
    ['https://git.example.net/team/model.git', 'https://git.example.net/team/model.git'],
    ['https://git.example.net/a/b/c/model.git/', 'https://git.example.net/a/b/c/model.git'],
    ['HTTPS://Git.Example.Net:443/team/model.git?x=1', 'https://git.example.net/team/model.git'],
    ['http://127.0.0.1:3000/o/n.git', 'http://127.0.0.1:3000/o/n.git'],
    ['o/n', 'modelscope:o/n'],
    ['dir:./x', 'dir:./x'],
    ['dir:./backup/x/', 'dir:./backup/x'],
    ['dir:../../x', 'dir:../../x'],
    ['dir:/x', 'dir:/x'],
    ['dir:/data (old)/模型/.hidden, 1', 'dir:/data (old)/模型/.hidden, 1'],
  ])('%s', (text, meant) => {
    const source = parseSource(text, hubs, 'modelscope')
    expect(source.kind === 'repos' && formatPattern(source.pattern)).toBe(meant)
  })

  it.each([
    ['o/n', 'names no hub'],
    ['hf:', 'names no owner'],
    ['hugingface:o/n', 'did you mean "huggingface"?'],
    ['dir:', 'a local folder is written as dir:./path'],
    ['dir:x', 'a local folder is written as dir:./path'],
    ['dir:~/x', 'a local folder is written as dir:./path'],
    ['dir:.', 'a local folder is written as dir:./path'],
    ['dir:./', 'names no folder of its own'],
    ['dir:/', 'names no folder of its own'],
    ['dir:../..', 'names no folder of its own'],
    ['dir:./a/../b', 'the part ".."'],
    ['dir:./a/./b', 'the part "."'],
    ['dir:.//x', 'the part ""'],
    ['dir:./a\\b', 'is not one'],
    ['dir:./a\nb', 'is not one'],
    ['dir:./a\u202eb', 'is not one'],
    ['dir:./a ', 'is not one'],
    ['dir:./{name}', 'write its own name'],
    ['dir:./x*', 'is not one'],
    ['dir:./x (1)', 'is not one'],
    ['./x', 'a local folder is written as dir:./path'],
    ['gitcod:o/n', 'did you mean "gitcode"?'],
    ['gitcode:a/b/n', 'expected owner or owner/name'],
    ['forge:a//n', 'is not one'],
    ['forge:a/../n', 'is not one'],
    ['forge:a/.git/n', 'is not one'],
    ['forge:a*/b/n', 'only the name may be a glob'],
    ['https://git.example.org/o/n/src/branch/v2', 'points into a repo'],
    ['https://git.example.org/o/n/blob/main/x', 'points into a repo'],
    ['https://git.example.org/n.git', 'is not one'],
    ['https://git.example.net/team/model', 'a repo elsewhere is named by its clone address'],
    ['https://git.example.net/model.git', 'names no owner'],
    ['https://git.example.net/a/../model.git', 'is not one'],
    ['https://git.example.net/a/q-*.git', 'write its own name'],
    ['http://git.example.net/team/model.git', 'give the hub an entry of type git'],
    ['http://10.0.0.1/team/model.git', 'plain http beyond loopback'],
    ['https://[::1]:3000/team/model.git', 'give the hub an entry of type git'],
    ['https://me:tok@git.example.net/team/model.git', 'may not hold a user name or token'],
    ['git@github.com:o/n.git', 'an address of ssh'],
    ['ssh://git@github.com/o/n.git', 'is no https address'],
    ['git.example.net:team/model', 'write the whole address of a clone'],
    ['hf:a/b/c', 'expected owner or owner/name'],
    ['hf:Qw*/x', 'only the name may be a glob'],
    ['hf:../x', 'is not one'],
    ['hf:o/..', 'is not one'],
    ['hf:o/-x', 'is not one'],
    ['hf:o/x y', 'is not one'],
    ['hf:o/x\n', 'is not one'],
    ['hf:o/a..b', 'is not one'],
    ['hf:o/x.git', 'is not one'],
    ['hf:o/[a', 'not a glob'],
    ['hf:o/*;rm', 'characters that no name has'],
    ['hf:spaces/o', 'spaces, which are not synced'],
    ['https://example.org/o/n', 'no address of a known hub'],
    ['https://me:tok@huggingface.co/o/n', 'may not hold a user name or token'],
    ['ftp://huggingface.co/o/n', 'no https address'],
    ['https://huggingface.co/o/n/blob/main/x', 'points into a repo'],
    ['https://huggingface.co/o/n/tree/v2', 'points into a repo'],
    ['https://huggingface.co/', 'no address of a repo'],
  ])('refuses %j', (text, why) => {
    expect(() => parseSource(text, hubs)).toThrow(why)
  })

  it.each(['https://me:tok-en@huggingface.co/o/n', 'https://huggingface.co/o/n/blob/main/x?sig=tok-en'])(
    'does not repeat the secret in %s',
    (text) => {
      expect(() => parseSource(text, hubs)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('tok-en') }),
      )
    },
  )

  it('knows spaces and studios', () => {
    expect(parseSource('hf:spaces/o/n', hubs)).toEqual({
      kind: 'space',
      hub: 'huggingface',
      owner: 'o',
      name: 'n',
    })
    expect(parseSource('modelscope.cn/studios/o/n', hubs).kind).toBe('space')
  })

  it('never lets through what could leave a path, a URL or an argument', () => {
    const piece = fc.constantFrom(
      'a',
      'B',
      '0',
      '.',
      '..',
      '-',
      '_',
      '/',
      ':',
      '*',
      '{',
      '}',
      '[',
      ' ',
      '\n',
      '%2e',
      'dir:',
      '@',
      '\\',
      'hf:',
      'forge:',
      'datasets/',
      '.git',
      'é',
    )
    const texts = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.string(),
    )
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const source = parseSource(text, hubs, 'huggingface')
          const { hub, owner, name } = source.kind === 'repos' ? source.pattern : source
          if (hub === 'dir') {
            expect(`${owner}/${name}`).toMatch(/^(\.?\/|(\.\.\/)+)(?!\.{1,2}(\/|$))/)
            expect(`${owner}/${name}`.replace(/^(\.\.\/)+/, '')).not.toMatch(/\/\.{1,2}(\/|$)|[*?[\]{}\\:\n]/)
            return
          }
          expect(owner).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/)
          if (hub !== 'forge' && hub !== 'scm') expect(owner).not.toContain('/')
          expect(owner).not.toMatch(/\.\.|\.git$/i)
          if (name !== undefined) expect(name).toMatch(/^[A-Za-z0-9._*?[\]{},!()@+^|-]+$/)
        } catch (error) {
          if (!(error instanceof SyncError)) throw error
          expect(error.code).toBe('usage')
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('targets', () => {
  const source = { hub: 'huggingface', type: 'model', owner: 'Qwen', name: 'Q3' } as const
  it.each([
    ['ms:', 'Qwen', 'Q3'],
    ['ms:my-org', 'my-org', 'Q3'],
    ['ms:my-org/{name}', 'my-org', 'Q3'],
    ['ms:my-org/q-{name}-{name}', 'my-org', 'q-Q3-Q3'],
    ['modelscope:my-org/exact', 'my-org', 'exact'],
    ['https://www.modelscope.cn/models/my-org/exact', 'my-org', 'exact'],
  ])('%s', (text, owner, name) => {
    expect(expandTarget(parseTarget(text, hubs), source)).toEqual({ hub: 'modelscope', owner, name })
  })

  it.each([
    ['dir:./backup', '.', 'backup'],
    ['dir:./backup/{name}/', './backup', 'Q3'],
    ['dir:/q-{name}', '', 'q-Q3'],
    ['dir:../{name}-{name}', '..', 'Q3-Q3'],
  ])('%s', (text, owner, name) => {
    expect(expandTarget(parseTarget(text, hubs), source)).toEqual({ hub: 'dir', owner, name })
  })

  it.each(['..', '.', '../x', '-x', '.ssh', 'a/b', 'a b', 'x.'])(
    'makes no folder of a repo that its hub calls %j',
    (name) => {
      const target = parseTarget('dir:./backup/{name}', hubs)
      expect(() => expandTarget(target, { ...source, name })).toThrow('is no name for a local folder')
    },
  )

  it.each([
    ['forge:', 'forge', 'Qwen', 'Q3'],
    ['forge:a', 'forge', 'a', 'Q3'],
    ['forge:a/b/{name}', 'forge', 'a/b', 'Q3'],
    ['https://git.example.org/scm/a/b.git', 'scm', 'a', 'b'],
    ['https://git.example.net/a/b/exact.git', 'git.example.net', 'a/b', 'exact'],
    ['https://git.example.net/a/q-{name}.git', 'git.example.net', 'a', 'q-Q3'],
  ])('%s', (text, hub, owner, name) => {
    expect(expandTarget(parseTarget(text, hubs), source)).toEqual({ hub, owner, name })
  })

  it.each([
    ['ms', 'write ms:OWNER, or ms: to keep owner and name'],
    ['my-org', 'names no hub'],
    ['ms:o/*', 'use {name}'],
    ['ms:o/{nam}', 'is not one'],
    ['ms:o/-x-', 'no dot or dash at its start'],
    ['ms:o/x{name}.git', 'is not one'],
    ['ms:{name}/x', 'only the name'],
    ['hf:spaces/o/n', 'no target'],
    ['dir:', 'written as dir:./path'],
    ['dir:./{name}/x', 'the part "{name}"'],
    ['dir:./{nam}', 'is not one'],
    ['dir:./../x', 'the part ".."'],
  ])('refuses %s', (text, why) => {
    expect(() => parseTarget(text, hubs)).toThrow(why)
  })
})

test.each([
  [undefined, 'a', 'a'],
  ['x-{name}', 'x-a', 'a'],
  ['x-{name}', 'x-', undefined],
  ['x-{name}', 'y-a', undefined],
  ['{name}-of-{name}', 'a-of-a', 'a'],
  ['{name}-of-{name}', 'a-of-b', undefined],
  ['fixed', 'fixed', undefined],
])('the name that %s makes of a source is read backwards: %s', (name, made, source) => {
  expect(sourceNameOf({ hub: 'h', owner: 'o', name, type: undefined }, made)).toBe(source)
})
