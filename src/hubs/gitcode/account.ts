import { z } from 'zod'
import { asSyncError } from '../../model/errors.ts'
import type { Identity } from '../../model/repo.ts'
import type { Http } from '../../net/http.ts'
import { parseV5 } from './parse-v5.ts'
import { readRows } from './read-rows.ts'
import type { GitCodeSite } from './site.ts'

const userSchema = z.object({ login: z.string().min(1) })

/** Asks for the name of the token's account when it is first wanted, and never again once it is known. */
export function createLogin(v5: Http, api: string, hub: string): () => Promise<string> {
  let known: Promise<string> | undefined
  const ask = async () =>
    parseV5(userSchema, await v5.send({ url: `${api}/user` }), `Account on ${hub}`).login
  return () => {
    const asked = known ?? ask()
    known = asked
    // A failure is not an answer: the next one asks again.
    asked.catch(() => {
      known = undefined
    })
    return asked
  }
}

/** Namespaces of the second level (`hf_mirrors/Qwen`) are spelled in full in their address only. */
const namespaceSchema = z.object({ path: z.string().min(1), html_url: z.string().nullish() })

/** Who the token belongs to, and every namespace it is in, where its scopes let it see them. What it may write is not told. */
export async function whoAmI(site: GitCodeSite): Promise<Identity> {
  const username = await site.login()
  const owners = new Set([username])
  try {
    for await (const path of namespaces(site)) owners.add(path)
  } catch (thrown) {
    const { code } = asSyncError(thrown)
    if (code !== 'forbidden' && code !== 'not-found') throw thrown
    return { username }
  }
  return { username, owners: [...owners] }
}

async function* namespaces(site: GitCodeSite): AsyncGenerator<string, void, undefined> {
  const url = `${site.api}/user/namespaces`
  for await (const row of readRows(site, url, {}, namespaceSchema, `Namespaces on ${site.id}`)) {
    yield row.path
    if (!row.html_url || !URL.canParse(row.html_url)) continue
    const full = new URL(row.html_url).pathname.replace(/^\/|\/$/g, '')
    if (full !== '') yield full
  }
}
