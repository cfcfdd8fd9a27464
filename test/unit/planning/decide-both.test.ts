import { describe, expect, it, test } from 'vitest'
import type { FileEntry } from '../../../src/model/file.ts'
import { parseRepoPath, type RepoPath } from '../../../src/model/path.ts'
import { heldByBoth } from '../../../src/planning/base.ts'
import { type BothDecision, type BothNow, decideBoth } from '../../../src/planning/decide-both.ts'

/** `-`: no file; any other letter is a content. */
type State = string

const guards = { maxFiles: 20, maxRatio: 0.2 }

function entry(name: string, content: string, more: Partial<FileEntry> = {}): FileEntry {
  const sha256 = Buffer.from(content).toString('hex').padEnd(64, '0')
  return { path: parseRepoPath(name), size: 1, storage: 'git', digests: { sha256 }, ...more }
}

function manifest(files: readonly (FileEntry | undefined)[]): ReadonlyMap<RepoPath, FileEntry> {
  return new Map(files.flatMap((file) => (file === undefined ? [] : [[file.path, file]])))
}

interface Given {
  /** Of both sides; undefined: there is no base. */
  readonly base?: readonly [source: readonly FileEntry[], target: readonly FileEntry[]]
  readonly source: readonly FileEntry[]
  readonly target: readonly FileEntry[]
  readonly conflict?: 'fail' | 'source' | 'target'
  readonly deletes?: boolean
  readonly others?: readonly string[]
  /** What the sides have of links and submodules, whatever their files are. */
  readonly links?: Partial<BothNow['links']>
  readonly modes?: boolean
}

function decided({ base, source, target, conflict = 'fail', deletes = true, ...more }: Given): BothDecision {
  const [here, there] = [manifest(source), manifest(target)]
  const differing = source.flatMap(({ path, digests, mode }) => {
    const other = there.get(path)
    const isSame = other?.digests.sha256 === digests.sha256 && (more.modes !== true || other?.mode === mode)
    return other === undefined || isSame ? [] : [path]
  })
  const then = base && heldByBoth({ source: manifest(base[0]), target: manifest(base[1]) })
  const others = new Set(more.others ?? [])
  return decideBoth(
    then,
    {
      source: here,
      target: there,
      differing: new Set(differing),
      others: { source: others, target: others },
      links: { source: new Set(), target: new Set(), ...more.links },
      modes: more.modes ?? false,
    },
    { conflict, delete: deletes ? guards : undefined },
  )
}

/** What becomes of the file `f`: `→ update`, `← delete`, `conflict`, or nothing. */
function fate(decision: BothDecision): string {
  const { forward, back, conflicts } = decision
  const words = (['add', 'update', 'deletes'] as const).flatMap((kind) => [
    ...forward[kind].map(() => `→ ${kind}`),
    ...back[kind].map(() => `← ${kind}`),
  ])
  return [...words, ...conflicts.map(({ why }) => `conflict: ${why}`)].join(', ') || 'nothing'
}

const file = (state: State): FileEntry[] => (state === '-' ? [] : [entry('f', state)])

describe('two-way, a file that both sides had (a)', () => {
  const both = 'conflict: changed on both sides'
  const lost = 'conflict: deleted on the source, changed on the target'
  const lostThere = 'conflict: changed on the source, deleted on the target'
  // Source now, target now; by policy fail, source, target, each with deletes; then the three without.
  test.each<[State, State, string, string, string, string, string, string]>([
    ['a', 'a', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing'],
    ['b', 'a', '→ update', '→ update', '→ update', '→ update', '→ update', '→ update'],
    ['a', 'b', '← update', '← update', '← update', '← update', '← update', '← update'],
    ['b', 'b', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing'],
    ['b', 'c', both, '→ update', '← update', both, '→ update', '← update'],
    ['-', 'a', '→ deletes', '→ deletes', '→ deletes', '← add', '← add', '← add'],
    ['a', '-', '← deletes', '← deletes', '← deletes', '→ add', '→ add', '→ add'],
    ['-', 'b', lost, '→ deletes', '← add', lost, '← add', '← add'],
    ['b', '-', lostThere, '→ add', '← deletes', lostThere, '→ add', '→ add'],
    ['-', '-', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing'],
  ])('source %s, target %s', (here, there, ...expected) => {
    const given = { base: [file('a'), file('a')] as const, source: file(here), target: file(there) }
    const all = [true, false].flatMap((deletes) =>
      (['fail', 'source', 'target'] as const).map((conflict) =>
        fate(decided({ ...given, conflict, deletes })),
      ),
    )
    expect(all).toEqual(expected)
  })
})

describe('two-way, a file that is in no base', () => {
  const states: [State, State, string, string, string][] = [
    ['a', '-', '→ add', '→ add', '→ add'],
    ['-', 'a', '← add', '← add', '← add'],
    ['a', 'a', 'nothing', 'nothing', 'nothing'],
    ['-', '-', 'nothing', 'nothing', 'nothing'],
    ['a', 'b', 'conflict', '→ update', '← update'],
  ]
  test.each(states)('source %s, target %s', (here, there, ...expected) => {
    const bases = [undefined, [[], []], [file('z'), []], [[], file('z')], [file('y'), file('z')]] as const
    for (const base of bases) {
      for (const [index, conflict] of (['fail', 'source', 'target'] as const).entries()) {
        const given = { source: file(here), target: file(there), conflict, ...(base && { base }) }
        expect(fate(decided(given)).replace(/:.*/, '')).toBe(expected[index])
      }
    }
  })

  it('says whether there was a base', () => {
    const given = { source: file('a'), target: file('b') }
    expect(fate(decided(given))).toBe('conflict: different, and there is no base')
    expect(fate(decided({ ...given, base: [[], []] }))).toBe(
      'conflict: added on both sides with different content',
    )
  })
})

describe('what counts as changed', () => {
  it('a file whose digest tells nothing', () => {
    const untold = entry('f', 'x', { digests: {} })
    const base = [[untold], file('a')] as const
    expect(fate(decided({ base, source: [untold], target: file('b') }))).toMatch(/^conflict: changed on both/)
  })

  it('files that differ although nobody changed them: they were not equal', () => {
    const base = [[entry('f', 'x', { digests: { gitBlob: '1' } })], file('a')] as const
    const given = { base, source: base[0], target: file('a') }
    expect(fate(decided(given))).toBe('conflict: different since the last sync')
  })

  it('a README may have been written in two forms', () => {
    const readme = (content: string) => [entry('README.md', content)]
    const base = [readme('a'), readme('A')] as const
    expect(fate(decided({ base, source: readme('b'), target: readme('A') }))).toBe('→ update')
    expect(fate(decided({ base, source: [], target: readme('A') }))).toBe('→ deletes')
  })

  it('an executable bit, only where both sides keep it', () => {
    const [plain, executable] = [file('a'), [entry('f', 'a', { mode: 'executable' })]]
    const base = [plain, plain] as const
    expect(fate(decided({ base, source: executable, target: plain, modes: true }))).toBe('→ update')
    expect(fate(decided({ base, source: executable, target: plain }))).toBe('nothing')
    expect(fate(decided({ base, source: executable, target: file('b') }))).toBe('← update')
  })
})

describe('what is not deleted comes back', () => {
  it.each([
    ['another spelling on the side that lacks it', 'weights/A.bin', 'weights/a.bin'],
    ['another way to write accents', 'cafe\u0301.txt', 'caf\u00e9.txt'],
  ])('%s', (_, was, is) => {
    const base = [[entry(was, 'a')], [entry(was, 'a')]] as const
    const { forward, back, notes } = decided({ base, source: [entry(is, 'a')], target: [entry(was, 'a')] })
    expect(forward).toMatchObject({ add: [{ path: is }], deletes: [] })
    expect(back).toMatchObject({ add: [{ path: was }], deletes: [] })
    expect(notes.join()).toMatch(
      /was deleted on the source and comes back: the source has it in another spelling/,
    )
  })

  it('.gitattributes', () => {
    const base = [[entry('data/.gitattributes', 'a')], [entry('data/.gitattributes', 'a')]] as const
    expect(fate(decided({ base, source: [], target: [...base[1]] }))).toBe('← add')
  })

  it('not where something is in its place that never goes over', () => {
    const base = [file('a'), file('a')] as const
    for (const deletes of [true, false]) {
      const decision = decided({ base, source: [], target: file('a'), others: ['f'], deletes })
      expect(fate(decision)).toBe('nothing')
      expect(decision.notes).toEqual([
        'f: left alone, since the source has something there that never goes over',
      ])
    }
  })
})

describe('two-way, a file where the other side has a link or a submodule', () => {
  const links = new Set(['f'])

  it('is left alone with a note, whoever has it, and with and without a base', () => {
    for (const base of [undefined, [[], []] as const]) {
      const back = decided({ base, source: [], target: file('a'), links: { source: links } })
      expect([fate(back), back.notes]).toEqual([
        'nothing',
        ['f: left alone, since the source has something there that never goes over'],
      ])
      const forward = decided({ base, source: file('a'), target: [], links: { target: links } })
      expect([fate(forward), forward.notes]).toEqual([
        'nothing',
        ['f: left alone, since the target has something there that never goes over'],
      ])
    }
  })

  it('also where the policy says that the side with the file counts', () => {
    const base = [file('a'), file('a')] as const
    const given = { base, source: [], target: file('b'), links: { source: links } }
    expect(fate(decided({ ...given, conflict: 'target' }))).toBe('nothing')
    expect(fate(decided(given))).toBe('conflict: deleted on the source, changed on the target')
  })

  it('goes over where the other side has only what its hub made, as ever', () => {
    expect(fate(decided({ source: [], target: file('a'), others: ['f'] }))).toBe('← add')
  })
})

it('says what a policy has decided, and shows both files of a conflict', () => {
  const given = { source: file('a'), target: file('b') }
  expect(decided({ ...given, conflict: 'target' }).notes).toEqual([
    'f: different, and there is no base; the target counts (rule: conflict: target)',
  ])
  const [conflict] = decided(given).conflicts
  expect(conflict?.source).toEqual(file('a')[0])
  expect(conflict?.target).toEqual(file('b')[0])
})

it('decides each path by itself', () => {
  const all = (...states: string[]) =>
    states.flatMap((state, index) => (state === '-' ? [] : [entry(`${index}`, state)]))
  const { forward, back, conflicts } = decided({
    base: [all('a', 'a', 'a', 'a', 'a'), all('a', 'a', 'a', 'a', 'a')],
    source: all('b', 'a', '-', 'a', 'b', 'n'),
    target: all('a', 'b', 'a', '-', 'c', '-', 'n'),
  })
  const paths = (files: readonly { readonly path: string }[]) => files.map(({ path }) => path)
  expect([paths(forward.add), paths(forward.update), paths(forward.deletes)]).toEqual([['5'], ['0'], ['2']])
  expect([paths(back.add), paths(back.update), paths(back.deletes)]).toEqual([['6'], ['1'], ['3']])
  expect(paths(conflicts)).toEqual(['4'])
})
