import { describe, expect, it } from 'vitest'
import { modelersProfile } from '../../../src/hubs/modelers/profile.ts'
import type { RepoInfo, RepoRef } from '../../../src/model/repo.ts'
import { readmePath } from '../../../src/planning/compare-repos.ts'
import { targetLicense } from '../../../src/planning/target-license.ts'
import { settingsOf } from '../hubs/settings.ts'
import { fakeRepo, profile } from './fake-repo.ts'

const from: RepoRef = { hub: 'ms', type: 'model', owner: 'Qwen', name: 'x' }
const at = { repo: from, branch: 'master', commit: 'a'.repeat(40) }
const isc = `Permission to use, copy, modify, and distribute this software for any purpose with or without fee is hereby granted,
provided that the above copyright notice and this permission notice appear in all copies. THE SOFTWARE IS PROVIDED "AS IS".`

async function licenseOf(
  files: Readonly<Record<string, string>>,
  told: string | undefined,
  options: { written?: boolean; targetExists?: boolean; required?: boolean } = {},
) {
  const source = fakeRepo(from, files, ['a'.repeat(40)])
  const reads: string[] = []
  const readFile: typeof source.readFile = (snapshot, file, cap) => {
    reads.push(file.path)
    return source.readFile(snapshot, file, cap)
  }
  const target = fakeRepo({ ...from, hub: 'modelers' }, {})
  const strict = modelersProfile(settingsOf('modelers', 'https://modelers.cn'))
  const manifest = await source.manifest(at)
  const readme = manifest.get(readmePath)
  const info: RepoInfo = {
    ...{
      ref: from,
      visibility: 'public',
      gated: false,
      defaultBranch: 'master',
      url: 'https://hub.example/x',
    },
    ...(told === undefined ? {} : { license: told }),
  }
  const answer = await targetLicense({
    ...{ source: { ...source, readFile }, at, info, files: manifest },
    target: { ...target, profile: options.required === false ? profile : strict },
    decision: { add: readme && options.written !== false ? [readme] : [], update: [], same: [], unknown: [] },
    targetExists: options.targetExists ?? false,
  })
  return { ...answer, reads }
}

describe('targetLicense', () => {
  it.each<[string, Record<string, string>, string | undefined, string, boolean]>([
    [
      'the README’s own first',
      { 'README.md': '---\nlicense: MIT\n---\n', LICENSE: isc },
      'apache-2.0',
      'mit',
      false,
    ],
    [
      'other, for one that is not taken',
      { 'README.md': '---\nlicense: llama3\n---\n' },
      'mit',
      'other',
      false,
    ],
    ['what the page says', { 'README.md': '# x', LICENSE: isc }, 'Apache License 2.0', 'apache-2.0', true],
    [
      'other, for a page that says what is not taken',
      { 'README.md': '# x' },
      'tongyi-qianwen',
      'other',
      true,
    ],
    ['what the text is', { 'README.md': '# x', 'LICENSE.txt': isc }, undefined, 'isc', true],
    ['what the text is, in British', { 'README.md': '# x', licence: isc }, undefined, 'isc', true],
    ['other, for two texts', { 'README.md': '# x', LICENSE: isc, COPYING: isc }, undefined, 'other', true],
    ['other, for a text below', { 'README.md': '# x', 'a/LICENSE': isc }, undefined, 'other', true],
    ['other, for nothing', { 'README.md': '# x' }, undefined, 'other', true],
    ['what the text is, without a README', { LICENSE: isc }, undefined, 'isc', false],
  ])('is %s', async (_, files, told, license, noted) => {
    const answer = await licenseOf(files, told)
    expect(answer.license).toBe(license)
    expect(answer.notes).toHaveLength(noted ? 1 : 0)
    if (noted) expect(answer.notes[0]).toContain(`"${license}" is written`)
  })

  it('reads nothing where the target requires none, or nothing is written', async () => {
    const files = { 'README.md': '# x', LICENSE: isc }
    for (const options of [{ required: false }, { targetExists: true, written: false }])
      expect(await licenseOf(files, 'Apache License 2.0', options)).toEqual({
        license: 'Apache License 2.0',
        notes: [],
        reads: [],
      })
  })
})
