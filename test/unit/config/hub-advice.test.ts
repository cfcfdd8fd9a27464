import { expect, it } from 'vitest'
import { hubAdvice } from '../../../src/config/hub-advice.ts'
import { Secret } from '../../../src/model/secret.ts'

it('names the variables of a hub that is built in', () => {
  const hub = { id: 'modelscope', tokenVariable: 'MODELSCOPE_TOKEN' }
  expect(hubAdvice({ ...hub, token: undefined })).toEqual({
    token: 'Set MODELSCOPE_TOKEN to a token that may do this.',
    endpoint:
      'Check the network and the address of this hub: MODELSCOPE_ENDPOINT, or hubs.modelscope.endpoint.',
  })
  expect(hubAdvice({ ...hub, token: new Secret('abc') }).token).toBe(
    'Check the token in MODELSCOPE_TOKEN: it may have expired.',
  )
})

it('says where the entry of any other hub takes them', () => {
  expect(hubAdvice({ id: 'forge', tokenVariable: 'FORGE_TOKEN', token: undefined })).toEqual({
    token: expect.stringMatching(/by an entry in `hubs` of the configuration: token: \$\{FORGE_TOKEN\}\.$/),
    endpoint: 'Check the network and the address of this hub: endpoint of its entry in `hubs`.',
  })
})
