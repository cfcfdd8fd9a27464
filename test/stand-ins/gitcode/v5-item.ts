import type { Exchange } from '../core/server.ts'
import { type Account, fullName, mayWrite, type StoredRepo } from '../core/store.ts'
import { branchOf, typeOf } from './hub.ts'

/** A repo in the words of V5. `asNumbers`: flags as 0 and 1. */
export function v5Item(
  repo: StoredRepo,
  { origin }: Exchange,
  account: Account | undefined,
  asNumbers: boolean,
): Record<string, unknown> {
  const full = fullName(repo)
  const flag = (value: boolean): boolean | number => (asNumbers ? Number(value) : value)
  const isWriter = mayWrite(account, repo.owner)
  return {
    id: repo.number,
    full_name: full,
    human_name: `${repo.owner} / ${repo.name}`,
    path: repo.name,
    name: repo.name,
    description: repo.details.get('description') ?? '',
    url: `${origin}/api/v5/repos/${full}`,
    namespace: namespaceOf(repo.owner, origin, account),
    status: '开始',
    ssh_url_to_repo: `git@gitcode.com:${full}.git`,
    http_url_to_repo: `${origin}/${full}.git`,
    web_url: `${origin}/${full}`,
    homepage: null,
    created_at: repo.createdAt.toISOString(),
    updated_at: repo.updatedAt.toISOString(),
    pushed_at: repo.updatedAt.toISOString(),
    default_branch: branchOf(repo),
    fork: false,
    internal: flag(repo.visibility === 'internal'),
    private: flag(repo.visibility === 'private'),
    public: flag(repo.visibility === 'public'),
    repo_type: typeOf(repo),
    project_labels: (repo.details.get('labels') ?? '').split(',').filter(Boolean),
    permission: { pull: true, push: isWriter, admin: isWriter },
    license: repo.details.get('license') ?? '',
    owner: { login: repo.owner, name: repo.owner, type: 'User' },
    members: [],
  }
}

/** A namespace in the words of V5: the user's own, or an organisation's. */
export function namespaceOf(path: string, origin: string, account: Account | undefined): object {
  const type = account?.username === path ? 'user' : 'group'
  return { id: path, type, name: path, path, html_url: `${origin}/${path}` }
}
