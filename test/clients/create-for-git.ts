import type { Job, Kind } from './job.ts'
import { mustRun } from './program.ts'
import type { AllAddresses } from './stand-ins.ts'

/**
 * An own, public repo for git to clone: by the hub's client, or by the one request that the hub documents for it. Answers false
 * where a push makes the repo, so that there is nothing to clone. Throws if the hub does not make it.
 */
export async function createForGit(
  job: Job,
  hub: keyof AllAddresses,
  kind: Kind,
  name: string,
): Promise<boolean> {
  if (hub === 'git') return false
  const { endpoint, token, username: owner } = job.hubs[hub]
  if (hub === 'huggingface' || hub === 'modelscope') {
    const args = ['test/clients/hub_copy.py', hub, 'create', `${owner}/${name}`, kind]
    mustRun(job.tools.python, args, { env: job.env })
    return true
  }
  const authorization = `Bearer ${token}`
  const requests = {
    modelers: {
      path: `/api/v1/${kind}`,
      headers: { authorization },
      body: { name, owner, license: 'apache-2.0', visibility: 'public' },
    },
    gitcode: {
      path: '/api/v5/user/repos',
      headers: { 'private-token': token },
      body: { name, private: false, repository_type: kind },
    },
    github: { path: '/api/v3/user/repos', headers: { authorization }, body: { name, private: false } },
  }
  const { path, headers, body } = requests[hub]
  const answer = await fetch(`${endpoint}${path}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const said = await answer.text()
  if (!answer.ok) throw new Error(`${hub} did not make ${owner}/${name}: ${answer.status} ${said}`)
  return true
}
