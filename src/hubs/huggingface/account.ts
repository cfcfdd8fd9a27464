import { z } from 'zod'
import { SyncError } from '../../model/errors.ts'
import type { Identity } from '../../model/repo.ts'
import type { Site } from '../site.ts'
import { tryAnswer } from './ask.ts'
import { isNoRoute } from './errors.ts'

const permissionsSchema = z.array(z.string())
const fineGrainedSchema = z.object({
  global: permissionsSchema,
  scoped: z.array(
    z.object({
      entity: z.object({ type: z.string(), name: z.string() }),
      permissions: permissionsSchema,
    }),
  ),
})
type FineGrained = z.infer<typeof fineGrainedSchema>

const whoSchema = z.object({
  name: z.string(),
  orgs: z.array(z.object({ name: z.string() })).nullish(),
  auth: z
    .object({
      accessToken: z
        // Its form is not documented: one that we do not know says nothing.
        .object({ role: z.string(), fineGrained: fineGrainedSchema.nullish().catch(undefined) })
        .nullish(),
    })
    .nullish(),
})

/**
 * Who the token belongs to, and for which owners it can write. Throws `unsupported` where the server does not tell: then the token
 * shows what it may when it is used.
 */
export async function whoAmI(site: Site): Promise<Identity> {
  const answer = await tryAnswer(site, { url: `${site.endpoint}/api/whoami-v2` })
  const who = answer === undefined || isNoRoute(answer) ? undefined : whoSchema.safeParse(answer.json()).data
  if (who === undefined) {
    throw new SyncError('unsupported', `${site.id} does not tell whom its token belongs to.`)
  }
  const { name, orgs, auth } = who
  const token = auth?.accessToken
  // Servers that speak this API in part have owners beside organisations, or have said nothing of them.
  const all = orgs && auth ? [name, ...orgs.map((org) => org.name)] : undefined
  const owners = token?.fineGrained ? ownersToWriteFor(token.fineGrained) : all
  return {
    username: name,
    ...(owners !== undefined && owners.length > 0 && { owners }),
    ...((token?.role === 'read' || owners?.length === 0) && { canWrite: false }),
  }
}

const write = 'repo.write'

/**
 * Owners that a fine-grained token may write for, or for one of whose repos; undefined: for any, or it cannot be told.
 * Source: trufflehog's analyzer of these tokens (`scoped[].entity`, `repo.write`).
 */
function ownersToWriteFor({ global, scoped }: FineGrained): readonly string[] | undefined {
  if (global.includes(write)) return undefined
  const writable = scoped.filter(({ permissions }) => permissions.includes(write))
  const names = writable.map(({ entity }) => entity.name.split('/')[0] ?? '')
  const isClear = writable.every(
    ({ entity: { type, name } }) => type === 'user' || type === 'org' || name.includes('/'),
  )
  return isClear ? [...new Set(names)] : undefined
}
