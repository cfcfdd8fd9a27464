import type { HubType } from '../model/profile.ts'

/** A hub that needs no entry in the configuration. */
export interface BuiltInHub {
  readonly type: HubType
  readonly endpoint: string
  readonly endpointVariable: string | undefined
  readonly tokenVariables: readonly string[]
  /** Hosts whose web addresses mean this hub. */
  readonly hosts: readonly string[]
}

/**
 * Variables: interface of the project, "Tokens"; HF_* as huggingface_hub reads them (docs: environment variables). Hosts of
 * GitCode: its two brands share accounts and repos, ai.gitcode.com leads to gitcode.com (docs/hubs.md).
 */
export const builtInHubs: ReadonlyMap<string, BuiltInHub> = new Map([
  [
    'huggingface',
    {
      type: 'huggingface',
      endpoint: 'https://huggingface.co',
      endpointVariable: 'HF_ENDPOINT',
      tokenVariables: ['HF_TOKEN'],
      hosts: ['huggingface.co', 'www.huggingface.co', 'hf.co'],
    },
  ],
  [
    'modelscope',
    {
      type: 'modelscope',
      endpoint: 'https://www.modelscope.cn',
      endpointVariable: 'MODELSCOPE_ENDPOINT',
      tokenVariables: ['MODELSCOPE_TOKEN', 'MODELSCOPE_API_TOKEN'],
      hosts: ['modelscope.cn', 'www.modelscope.cn'],
    },
  ],
  [
    'modelscope-ai',
    {
      type: 'modelscope',
      endpoint: 'https://www.modelscope.ai',
      endpointVariable: 'MODELSCOPE_AI_ENDPOINT',
      tokenVariables: ['MODELSCOPE_AI_TOKEN'],
      hosts: ['modelscope.ai', 'www.modelscope.ai'],
    },
  ],
  [
    'modelers',
    {
      type: 'modelers',
      endpoint: 'https://modelers.cn',
      endpointVariable: 'MODELERS_ENDPOINT',
      tokenVariables: ['MODELERS_TOKEN'],
      hosts: ['modelers.cn', 'www.modelers.cn'],
    },
  ],
  [
    'gitcode',
    {
      type: 'gitcode',
      endpoint: 'https://gitcode.com',
      endpointVariable: 'GITCODE_ENDPOINT',
      tokenVariables: ['GITCODE_TOKEN'],
      hosts: [
        'gitcode.com',
        'www.gitcode.com',
        'ai.gitcode.com',
        'hub.gitcode.com',
        'atomgit.com',
        'hub.atomgit.com',
      ],
    },
  ],
  [
    'github',
    {
      type: 'github',
      endpoint: 'https://github.com',
      endpointVariable: undefined,
      tokenVariables: ['GH_TOKEN'],
      hosts: ['github.com', 'www.github.com'],
    },
  ],
])
