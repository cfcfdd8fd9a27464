import type { Check } from '../model/check.ts'
import { asSyncError, type SyncError } from '../model/errors.ts'
import { formatRepo, type RepoRef } from '../model/repo.ts'
import { assertWritable, tokenProblem } from '../planning/token-problem.ts'
import type { Hubs } from '../repos/hubs.ts'
import type { Repo } from '../repos/repo.ts'
import type { WriteUse } from './check-uses.ts'

/** Targets known by name that are asked about, of one owner. */
const maxRepos = 3

type Verdict = Pick<Check, 'status' | 'text' | 'next'>

/**
 * Whether the hub's token may write for an owner, as far as that shows without writing: by what the hub says of the token, then by a
 * repo that is there. Where neither tells, it says so. Throws what the hub answers with.
 */
export async function checkWrite(hubs: Hubs, hub: string, use: WriteUse): Promise<Verdict> {
  const { owner } = use
  const problem = await tokenProblem(hubs, { hub, type: 'model', owner, name: '' })
  if (problem !== undefined) return failure(problem)
  const named = use.repos.slice(0, maxRepos).map((ref) => hubs.repo(ref))
  const looks = await Promise.all(named.map(look))
  const bad = looks.find((one) => one.kind === 'refused')
  if (bad !== undefined) return failure(bad.error)
  const missing = looks.find((one, index) => one.kind === 'absent' && named[index]?.creation === 'none')
  if (missing !== undefined) return cannotCreate(missing.repo)
  const proven = looks.find((one) => one.kind === 'takes')
  return proven === undefined ? byTheHub(hubs, hub, use) : takes(owner, proven.repo)
}

type Look =
  | { readonly kind: 'absent' | 'takes' | 'untold'; readonly repo: Repo }
  | { readonly kind: 'refused'; readonly repo: Repo; readonly error: SyncError }

/** Whether a repo is there, and takes a push where a push is the way to write it. */
async function look(repo: Repo): Promise<Look> {
  const info = await repo.info()
  if (info === undefined) return { kind: 'absent', repo }
  try {
    await assertWritable(repo, info)
  } catch (thrown) {
    const error = asSyncError(thrown)
    if (error.code !== 'forbidden') throw error
    return { kind: 'refused', repo, error }
  }
  return { kind: repo.takesPush === undefined ? 'untold' : 'takes', repo }
}

/** No target by name tells: what the hub says of the token, or whether some repo of the owner takes a push. */
async function byTheHub(hubs: Hubs, hub: string, use: WriteUse): Promise<Verdict> {
  const { owner } = use
  const belongs = (await hubs.identity(hub))?.owners !== undefined
  const isByPush = hubs.repo({ hub, type: 'model', owner, name: 'any' }).takesPush !== undefined
  // Where content goes by push, belonging to an owner is not yet the right to push.
  if (!isByPush && belongs) return { status: 'ok', text: `the token may write for ${owner}` }
  if (!isByPush) return unknown(owner, `${hub} does not tell what its token may write`)
  const some = await someRepo(hubs, hub, use)
  const seen = some === undefined ? undefined : await look(hubs.repo(some))
  if (seen?.kind === 'takes') return takes(owner, seen.repo)
  if (seen?.kind === 'refused')
    return unknown(owner, `${formatRepo(seen.repo.ref)} takes no push with it, others may`)
  return unknown(
    owner,
    belongs
      ? 'it belongs there, and no repo is there that could be asked'
      : 'no repo is there that could be asked',
  )
}

async function someRepo(hubs: Hubs, hub: string, { owner, types }: WriteUse): Promise<RepoRef | undefined> {
  const { listRepos } = hubs.hub(hub)
  if (listRepos === undefined) return undefined
  for (const type of types) for await (const { ref } of listRepos(owner, type)) return ref
  return undefined
}

function takes(owner: string, { ref }: Repo): Verdict {
  return { status: 'ok', text: `the token may write for ${owner}: ${formatRepo(ref)} would take a push` }
}

function unknown(owner: string, why: string): Verdict {
  return {
    status: 'warn',
    text: `it is unknown whether the token may write for ${owner}: ${why}`,
    next: 'Nothing short of writing would tell more: the first sync shows it, before anything is visible.',
  }
}

function cannotCreate({ ref }: Repo): Verdict {
  const text = `${formatRepo(ref)} does not exist and cannot be created from here`
  return { status: 'fail', text, next: 'Create it on the hub.' }
}

function failure({ message, next }: SyncError): Verdict {
  return { status: 'fail', text: message, ...(next !== undefined && { next }) }
}
