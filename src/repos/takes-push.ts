import type { Hub } from '../hubs/hub.ts'
import type { RepoRef } from '../model/repo.ts'

/** Statuses by which hosts say that this is not for us; some hide even what may be read behind 404. */
const refusals: readonly number[] = [401, 403, 404]

/** ModelScope serves git to nobody else (421 for what does not begin with `git/`, docs/hubs.md). */
const asGit = { 'user-agent': 'git/2 (model-hub-sync)' }

/**
 * Whether a repo that is there lets this token push: the request that begins a push, and nothing after it. Source: gitprotocol-http,
 * "Smart Clients" (`git-receive-pack`). Only for repos that exist: some hosts make one for it.
 */
export async function takesPush(hub: Hub, ref: RepoRef): Promise<boolean> {
  const { gitUrl } = hub.remote(ref)
  const url = `${gitUrl}/info/refs?service=git-receive-pack`
  const answer = await hub.http.send({ url, purpose: 'git', accept: refusals, headers: asGit })
  return !refusals.includes(answer.status)
}
