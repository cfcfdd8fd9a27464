import { type GitPath, isPush, serveGit } from '../core/git-http.ts'
import type { Exchange, Params } from '../core/server.ts'
import type { RepoKind } from '../core/stand-in.ts'
import { openRepo, requireGatePassed } from './access.ts'
import { overtake } from './commit.ts'
import type { Hub } from './hub.ts'

/** Smart HTTP of a repo. Any username with the token as password; anonymous reading of public repos. */
export async function gitRoute(
  hub: Hub,
  exchange: Exchange,
  params: Params,
  kind: RepoKind,
  path: GitPath,
): Promise<void> {
  const push = isPush(path, exchange.query)
  const access = push ? 'write' : 'read'
  const opened = openRepo(hub, exchange, params, { kind, access, challenge: true, bucket: 'git' })
  if (!push) requireGatePassed(opened)
  if (path === 'git-receive-pack' && kind === 'dataset' && hub.settings.datasetWrites === 'refused') {
    cutOff(exchange)
    return
  }
  if (path === 'git-receive-pack') await overtake(hub, opened.repo, hub.store.defaultBranch)
  await serveGit(exchange, opened.repo.gitDir, path, opened.account?.username ?? '')
  if (path === 'git-receive-pack') opened.repo.updatedAt = new Date()
}

/** An answer that begins well and never ends. */
function cutOff({ req, res }: Exchange): void {
  req.resume()
  req.on('end', () => {
    res.writeHead(200, { 'content-type': 'application/x-git-receive-pack-result' })
    res.write('00', () => setTimeout(() => res.destroy(), 20))
  })
}
