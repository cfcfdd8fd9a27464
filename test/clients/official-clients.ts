import { join, resolve } from 'node:path'
import type { HubName, Job } from './job.ts'
import { mustRun } from './program.ts'
import { setUpPython, type Tools } from './setup.ts'
import { type HubAddress, type Serving, startServers } from './stand-ins.ts'

/** What `official-hosts.ts` tells of itself, and the file with its certificate. */
export interface OfficialHosts {
  /** A stand-in for Modelers behind `https://modelers.cn`; this is its own address. */
  readonly modelers: HubAddress
  /** The proxy that leads every name to the TLS front, where `https://hub.gitcode.com` is the stand-in for GitCode. */
  readonly proxy: string
  readonly certificate: string
}

/** A Python with a client in it, and what it is told. */
export interface Client {
  readonly python: string
  readonly env: NodeJS.ProcessEnv
}

/** Clients of GitCode: by Hugging Face's API, and by openMind's. */
type ClientName = HubName | 'gitcode-openmind'

const NAMES = ['modelers.cn', '*.modelers.cn', 'gitcode.com', '*.gitcode.com']

/** Starts the hosts in a process of their own, with a certificate made for this run. */
export async function startOfficialHosts(
  tools: Tools,
  gitcode: HubAddress,
): Promise<OfficialHosts & Serving> {
  const pem = join(tools.workDir, 'official-hosts.pem')
  mustRun(tools.python, ['test/clients/certificate.py', pem, ...NAMES])
  const hosts = await startServers<Omit<OfficialHosts, 'certificate'>>('test/clients/official-hosts.ts', [
    pem,
    gitcode.endpoint,
  ])
  return { ...hosts, certificate: pem }
}

/** The client of a hub, unpatched, in its own Python; installs it the first time. */
export function officialClient(job: Job, name: ClientName): Client {
  if (name === 'huggingface' || name === 'modelscope') return { python: job.tools.python, env: job.env }
  const { gitcode } = job.hubs
  const own = ownEnvironment(job, name)
  if (name === 'gitcode') {
    // huggingface_hub adds the token of the environment where it is given none, so there is none.
    const env = { HF_ENDPOINT: gitcode.endpoint, HF_HUB_DISABLE_PROGRESS_BARS: '1' }
    return {
      python: pythonWith('atomgit'),
      env: { ...own, ...env, GITCODE_USERNAME: gitcode.username, GITCODE_TOKEN: gitcode.token },
    }
  }
  const { modelers, proxy, certificate } = job.hosts
  const openmind = {
    OPENMIND_HUB_ENDPOINT: 'https://modelers.cn',
    OM_HUB_DISABLE_PROGRESS_BARS: '1',
    // It takes files of the temporary folder and of the home folder only.
    HUB_WHITE_LIST_PATHS: job.tools.workDir,
    HTTPS_PROXY: proxy,
    REQUESTS_CA_BUNDLE: certificate,
    MODELERS_TOKEN: modelers.token,
    GITCODE_USERNAME: gitcode.username,
    GITCODE_TOKEN: gitcode.token,
  }
  return { python: pythonWith('openmind'), env: { ...own, ...openmind } }
}

/** What all of them are told: a home of their own, as they keep caches and tokens there. */
function ownEnvironment({ tools, env }: Job, name: ClientName): NodeJS.ProcessEnv {
  const { PATH, LC_ALL, PYTHONPATH, PYTHONDONTWRITEBYTECODE } = env
  return { PATH, LC_ALL, PYTHONPATH, PYTHONDONTWRITEBYTECODE, HOME: join(tools.workDir, `home-${name}`) }
}

function pythonWith(client: 'openmind' | 'atomgit'): string {
  const venv = resolve('.cache/clients', client)
  setUpPython(venv, `test/clients/${client}-requirements.txt`)
  return join(venv, 'bin/python')
}
