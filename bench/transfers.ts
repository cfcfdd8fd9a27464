import { mustRun } from '../test/clients/program.ts'
import type { Bench } from './bench.ts'

/** One object, and where `curl` can read and write it. */
export interface Transfer {
  readonly path: string
  readonly oid: string
  readonly size: number
  /** Signed address at the source's storage. */
  readonly source: string
  readonly target: { readonly href: string; readonly headers: Readonly<Record<string, string>> }
}

interface TreeEntry {
  readonly path: string
  readonly lfs?: { readonly oid: string; readonly size: number }
}

/** Makes an empty ModelScope repo of the same name and asks both hubs for the addresses of every LFS object of a Hugging Face repo. */
export async function findTransfers(bench: Bench, repo: string): Promise<readonly Transfer[]> {
  const { huggingface, modelscope } = bench.hubs
  const target = `${modelscope.address.username}/${repo.split('/')[1]}`
  mustRun(bench.tools.python, ['test/clients/hub_copy.py', 'modelscope', 'create', target, 'model'], {
    env: bench.clients,
  })
  const { endpoint, token } = huggingface.address
  const authorization = { Authorization: `Bearer ${token}` }
  const tree = (await json(`${endpoint}/api/models/${repo}/tree/main?recursive=true`, {
    headers: authorization,
  })) as TreeEntry[]
  const found: Transfer[] = []
  for (const { path, lfs } of tree) {
    if (lfs === undefined) continue
    const answer = await fetch(`${endpoint}/${repo}/resolve/main/${path}`, {
      headers: authorization,
      redirect: 'manual',
    })
    const source = answer.headers.get('location')
    if (source === null) throw new Error(`${path} is not served by a redirect but by ${answer.status}`)
    found.push({
      path,
      oid: lfs.oid,
      size: lfs.size,
      source,
      target: await uploadAddress(bench, target, lfs),
    })
  }
  return found
}

/** hubs/modelscope.md B7: an object that the answer leaves out is stored already, which would make the benchmark void. */
async function uploadAddress(
  bench: Bench,
  repo: string,
  object: { oid: string; size: number },
): Promise<Transfer['target']> {
  const { endpoint, token } = bench.hubs.modelscope.address
  const headers = { Authorization: `Bearer ${token}`, Cookie: `m_session_id=${token}` }
  const answer = (await json(`${endpoint}/api/v1/repos/models/${repo}/info/lfs/objects/batch`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ operation: 'upload', objects: [{ oid: object.oid, size: object.size }] }),
  })) as { Data: { objects: readonly { actions: { upload: { href: string } } }[] } }
  const href = answer.Data.objects[0]?.actions.upload.href
  if (href === undefined) throw new Error(`${object.oid} is on the target already`)
  return { href, headers }
}

async function json(url: string, init: RequestInit): Promise<unknown> {
  const answer = await fetch(url, init)
  if (!answer.ok)
    throw new Error(`${new URL(url).pathname} answered ${answer.status}: ${await answer.text()}`)
  return answer.json()
}
