import { z } from 'zod'
import { SyncError } from '../../model/errors.ts'
import type { Identity } from '../../model/repo.ts'
import type { ApiHub } from '../hub.ts'
import { remoteAt } from '../remote-at.ts'
import { parseData } from './envelope.ts'
import { hubWords, rightAdvice } from './errors.ts'
import { listFiles, openFile } from './files.ts'
import { createRepo, findRepo, listRepos, type ModelersSite } from './repos.ts'
import { gitUrl } from './urls.ts'

/**
 * Modelers' REST API as a hub. Commits go by git: the API's own have no parent, cut large files silently, and moderate in other
 * words. Source of every call: openmind_hub om_api.py, merlin-server api/rest_swagger.yaml.
 */
export function modelersHub(site: ModelersSite): ApiHub {
  return {
    id: site.id,
    profile: site.profile,
    http: site.http,
    findRepo: (repo) => findRepo(site, repo),
    remote: (repo) => remoteAt(gitUrl(site.endpoint, repo)),
    listRepos: (owner, type) => listRepos(site, owner, type),
    createRepo: (repo, wanted) => createRepo(site, repo, wanted),
    listFiles: (at) => listFiles(site, at),
    openFile: (at, file, range) => openFile(site, at, file, range),
    whoAmI: () => whoAmI(site),
  }
}

const userSchema = z.object({ account: z.string() })

/** Proves the identity only, not the right to write. A token that has expired is answered 403. */
async function whoAmI(site: ModelersSite): Promise<Identity> {
  const answer = await site.http.send({ url: `${site.endpoint}/api/v1/user`, accept: [403] })
  if (answer.status === 403) {
    throw new SyncError('unauthorized', `${site.id}: ${hubWords(answer)}`, {
      status: 403,
      next: rightAdvice(site.account),
    })
  }
  return { username: parseData(userSchema, answer, `Account on ${site.id}`).account }
}
