import { describe, expect, it } from 'vitest'
import { huggingFaceProfile } from '../../../src/hubs/huggingface/profile.ts'
import { modelScopeProfile } from '../../../src/hubs/modelscope/profile.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import type { Profile, Purpose } from '../../../src/model/profile.ts'
import { settingsOf } from './settings.ts'

const huggingFace = huggingFaceProfile(settingsOf('huggingface', 'https://huggingface.co'))
const otherServer = huggingFaceProfile(settingsOf('huggingface', 'https://models.example'))
const modelScope = modelScopeProfile(settingsOf('modelscope', 'https://www.modelscope.cn'))
const blob = `/api/v1/repos/models/o/n/blobs/${'a'.repeat(64)}/12`

function formFor(profile: Profile, url: string, purpose: Purpose): string | undefined {
  const at = new URL(url)
  return profile.credentials.find((rule) => rule.purposes.includes(purpose) && rule.covers(at))?.form
}

describe('where a token may go', () => {
  it.each<[Profile, string, Purpose, string | undefined]>([
    [huggingFace, 'https://huggingface.co/api/models', 'api', 'bearer'],
    [huggingFace, 'https://huggingface.co/o/n.git/info/lfs/objects/batch', 'lfs', 'bearer'],
    [huggingFace, 'https://huggingface.co/o/n', 'git', 'basic'],
    [huggingFace, 'https://huggingface.co/x', 'transfer', undefined],
    [otherServer, 'https://models.example/x', 'transfer', 'bearer'],
    [otherServer, 'https://storage.models.example/x', 'transfer', undefined],
    [otherServer, 'https://models.example/x', 'signed', undefined],
    [huggingFace, 'https://cdn-lfs.hf.co/x', 'api', undefined],
    [huggingFace, 'http://huggingface.co/api', 'api', undefined],
    [huggingFace, 'https://huggingface.co.evil.example/api', 'api', undefined],
    [modelScope, 'https://www.modelscope.cn/api/v1/models/o/n', 'api', 'bearer+session'],
    [modelScope, 'https://www.modelscope.cn/o/n.git', 'git', 'basic'],
    [modelScope, `https://lfs.modelscope.cn${blob}`, 'transfer', 'bearer+session'],
    [modelScope, `https://www.modelscope.cn${blob}`, 'transfer', 'bearer+session'],
    [modelScope, 'https://lfs.modelscope.cn/other', 'transfer', undefined],
    [modelScope, `https://lfs.modelscope.cn:8443${blob}`, 'transfer', undefined],
    [modelScope, `http://lfs.modelscope.cn${blob}`, 'transfer', undefined],
    [modelScope, `https://cdn-lfs-cn-1.modelscope.cn${blob}`, 'transfer', undefined],
    [modelScope, 'https://cdn-lfs-cn-1.modelscope.cn/prod/lfs-objects/aa', 'api', undefined],
    [modelScope, `https://lfs.modelscope.cn.evil.example${blob}`, 'transfer', undefined],
  ])('%#: %o', (profile, url, purpose, form) => {
    expect(formFor(profile, url, purpose)).toBe(form)
  })

  it('takes any port of the same loopback name for an upload, never another name', () => {
    const local = modelScopeProfile(settingsOf('modelscope', 'http://127.0.0.1:4000'))
    expect(formFor(local, `http://127.0.0.1:5000${blob}`, 'transfer')).toBe('bearer+session')
    expect(formFor(local, `http://localhost:5000${blob}`, 'transfer')).toBeUndefined()
    expect(formFor(local, 'http://127.0.0.1:5000/api/v1/models/o/n', 'api')).toBeUndefined()
  })

  it('knows the upload host of the international and the pre-release site', () => {
    const ai = modelScopeProfile(settingsOf('modelscope', 'https://www.modelscope.ai'))
    expect(formFor(ai, `https://lfs.modelscope.ai${blob}`, 'transfer')).toBe('bearer+session')
    expect(formFor(ai, `https://lfs.modelscope.cn${blob}`, 'transfer')).toBeUndefined()
    const pre = modelScopeProfile(settingsOf('modelscope', 'https://pre.modelscope.cn'))
    expect(formFor(pre, `https://pre-lfs.modelscope.cn${blob}`, 'transfer')).toBe('bearer+session')
  })
})

describe('storageOf', () => {
  const MiB = 1024 * 1024
  it.each([
    ['model.safetensors', 10, 'lfs', 'lfs', 'git'],
    ['model.bin', 10, 'lfs', 'lfs', 'lfs'],
    ['model.safetensors', 0, 'git', 'git', 'git'],
    ['a/b/x.tar.gz', 10, 'lfs', 'lfs', 'lfs'],
    ['x.tar.md5', 10, 'lfs', 'git', 'git'],
    ['runs/events.out.tfevents.1.host', 10, 'lfs', 'git', 'git'],
    ['saved_model/a/b.txt', 10, 'lfs', 'git', 'git'],
    ['config.json', 2 * MiB, 'git', 'git', 'git'],
    ['config.json', 11 * MiB, 'lfs', 'lfs', 'lfs'],
    ['vocab.json', 2 * MiB, 'git', 'lfs', 'lfs'],
    ['data.jsonl', 10, 'git', 'git', 'lfs'],
    ['sound.wav', 10, 'lfs', 'git', 'lfs'],
    ['picture.png', 10, 'lfs', 'git', 'git'],
    ['README.md', 2 * MiB, 'git', 'git', 'git'],
    ['LICENSE', 10, 'by-content', 'git', 'git'],
  ])('%s of %i bytes', (path, size, hf, msModel, msDataset) => {
    const file = parseRepoPath(path)
    expect(huggingFace.storageOf('model', file, size)).toBe(hf)
    expect(modelScope.storageOf('model', file, size)).toBe(msModel)
    expect(modelScope.storageOf('dataset', file, size)).toBe(msDataset)
  })
})

describe('nameProblem', () => {
  it.each([
    ['my-org', 'Qwen3-0.6B', true, true],
    ['my-org', '_x_', true, true],
    ['my-org', 'a--b', false, true],
    ['my-org', 'a..b', false, true],
    ['my-org', '-a', false, true],
    ['my-org', 'a.', false, true],
    ['my-org', 'a.git', false, true],
    ['my-org', 'a'.repeat(97), false, true],
    ['my-org', 'a'.repeat(129), false, false],
    ['my-org', 'a b', false, false],
    ['my-org', '模型', false, false],
    ['..', 'a', false, false],
  ])('%s/%s', (owner, name, hf, ms) => {
    expect(huggingFace.nameProblem(owner, name) === undefined).toBe(hf)
    expect(modelScope.nameProblem(owner, name) === undefined).toBe(ms)
  })
})

describe('platform files', () => {
  const readme = modelScope.platformFiles.find((file) => file.path === 'README.md')
  const template = '### 当前模型的贡献者未提供更加详细的模型介绍。\n\n<p>请及时完善模型卡片内容。</p>'

  it('knows the default README by what it says, with front matter or without', () => {
    expect(readme?.isMadeByPlatform?.(template)).toBe(true)
    expect(readme?.isMadeByPlatform?.(`---\r\nlicense: Apache License 2.0\r\n---\r\n${template}\n`)).toBe(
      true,
    )
    const english =
      '### You are viewing the default Readme template as no detailed introduction was given.\n<p>see <a href="x">the model contribution documentation</a>.</p>\n'
    expect(readme?.isMadeByPlatform?.(english)).toBe(true)
  })

  it('takes a README that someone wrote for what it is', () => {
    expect(readme?.isMadeByPlatform?.('# Model')).toBe(false)
    expect(readme?.isMadeByPlatform?.(`${template}\n\n## Added by hand`)).toBe(false)
    expect(readme?.isMadeByPlatform?.(`# Mine\n${template}`)).toBe(false)
  })

  it('counts .gitattributes on both hubs, and configuration.json on none', () => {
    for (const { platformFiles } of [huggingFace, modelScope]) {
      const paths = platformFiles.map((file) => file.path)
      expect(paths).toContain('.gitattributes')
      expect(paths).not.toContain('configuration.json')
    }
  })
})

describe('what the settings change', () => {
  it('lowers the rate, and takes concurrency and licenses', () => {
    const licenses = { allow: ['mit'], map: {} }
    const rest = { rateLimit: 2, concurrency: 9, licenses }
    for (const profile of [
      huggingFaceProfile(settingsOf('huggingface', 'https://hub.example.org', rest)),
      modelScopeProfile(settingsOf('modelscope', 'https://hub.example.org', rest)),
    ]) {
      expect(profile).toMatchObject({ requestsPerSecond: 2, concurrency: 9, licenses })
    }
    const high = huggingFaceProfile(settingsOf('huggingface', 'https://huggingface.co', { rateLimit: 5000 }))
    expect(high.requestsPerSecond).toBe(huggingFace.requestsPerSecond)
  })

  it('lists Hugging Face licenses once each, in lower case', () => {
    const allow = huggingFace.licenses.allow ?? []
    expect(new Set(allow).size).toBe(allow.length)
    expect(allow.filter((id) => id !== id.toLowerCase())).toEqual([])
    expect(Object.values(modelScope.licenses.map).filter((id) => !allow.includes(id))).toEqual([])
  })
})
