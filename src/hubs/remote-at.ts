import type { Remote } from './hub.ts'

/** A repo whose LFS lies where git-lfs looks for it. Source: git-lfs docs/api/server-discovery.md, "Guessing the server". */
export function remoteAt(gitUrl: string): Remote {
  return { gitUrl, lfsUrl: `${gitUrl.endsWith('.git') ? gitUrl : `${gitUrl}.git`}/info/lfs` }
}
