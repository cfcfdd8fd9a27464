import { huggingFaceHub } from '../../../src/hubs/huggingface/api.ts'
import { huggingFaceProfile } from '../../../src/hubs/huggingface/profile.ts'
import type { RepoRef } from '../../../src/model/repo.ts'
import type { Http, Request } from '../../../src/net/http.ts'
import { fakeHttp, type Reply } from './fake-http.ts'
import { settingsOf } from './settings.ts'

export const endpoint = 'https://huggingface.co'
export const model: RepoRef = { hub: 'huggingface', type: 'model', owner: 'Qwen', name: 'Qwen3-0.6B' }
export const dataset: RepoRef = { ...model, type: 'dataset', name: 'some data' }
export const sha = 'a'.repeat(40)
export const oid = 'b'.repeat(64)
export const at = { repo: model, branch: 'main', commit: sha }
export const info = {
  id: 'Qwen/Qwen3-0.6B',
  private: false,
  gated: false,
  sha,
  cardData: { license: 'apache-2.0' },
}

export function hubWith(reply: (url: URL, n: number) => Reply, hasToken = true, open?: Http['open']) {
  return hubAt(endpoint, (request, n) => reply(new URL(request.url), n), hasToken, open)
}

export function hubAt(
  origin: string,
  reply: (request: Request, n: number) => Reply,
  hasToken = true,
  open?: Http['open'],
) {
  const fake = fakeHttp(reply, open)
  const profile = huggingFaceProfile(settingsOf('huggingface', origin))
  const account = { hasToken, tokenVariable: 'HUB_TOKEN' }
  return {
    hub: huggingFaceHub({ id: 'huggingface', endpoint: origin, account, profile, http: fake.http }),
    ...fake,
  }
}
