import { join } from 'node:path'
import type { Tools } from './setup.ts'
import type { HubAddresses } from './stand-ins.ts'

/**
 * What every client is told, and nothing of the caller's own environment (tokens, proxies, git settings): the endpoints and
 * tokens of the stand-ins, fresh homes, no progress bars. The Xet switch makes huggingface_hub take the LFS way, which is the
 * one our engine takes (hubs/huggingface.md A11).
 */
export function clientEnvironment(tools: Tools, hubs: Omit<HubAddresses, 'git'>): NodeJS.ProcessEnv {
  const home = join(tools.workDir, 'home')
  return {
    PATH: tools.path,
    HOME: home,
    LC_ALL: 'C.UTF-8',
    PYTHONPATH: 'test/clients',
    PYTHONDONTWRITEBYTECODE: '1',
    HF_ENDPOINT: hubs.huggingface.endpoint,
    HF_TOKEN: hubs.huggingface.token,
    HF_HOME: join(home, 'huggingface'),
    HF_HUB_DISABLE_XET: '1',
    HF_HUB_DISABLE_PROGRESS_BARS: '1',
    HF_HUB_DISABLE_TELEMETRY: '1',
    MODELSCOPE_ENDPOINT: hubs.modelscope.endpoint,
    MODELSCOPE_API_TOKEN: hubs.modelscope.token,
    MODELSCOPE_HOME: join(home, 'modelscope'),
    MODELSCOPE_CACHE: join(home, 'modelscope-cache'),
    MODELSCOPE_DOWNLOAD_INTRA_CLOUD: 'false',
    MODELSCOPE_LOG_LEVEL: 'ERROR',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Client',
    GIT_AUTHOR_EMAIL: 'client@example.org',
    GIT_COMMITTER_NAME: 'Client',
    GIT_COMMITTER_EMAIL: 'client@example.org',
  }
}
