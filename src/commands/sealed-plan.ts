import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { SyncError } from '../model/errors.ts'
import type { Job, Plan, SealedItem, StoredPlan, WorkItem } from '../model/plan.ts'
import type { Secret } from '../model/secret.ts'
import { keyOfTokens } from '../net/credentials.ts'
import { type PublicNames, publicHeldBack, publicNames } from '../report/private-names.ts'
import { countChanges } from '../report/totals.ts'
import { parseItem } from './plan-file.ts'

/** The salt of a plan whose file everybody can read: 32 random bytes, base64. */
export function newSalt(): string {
  return randomBytes(32).toString('base64')
}

/**
 * The plan as its file holds it. One with a salt names nothing that is not known to be public: such items are sealed (AES-256-GCM,
 * under a key of all hub tokens of this process), rows that were held back lose their names for good. Without any token nobody
 * can open it, and nobody could sync it either.
 */
export function sealPlan(plan: Plan, tokens: readonly Secret[]): StoredPlan {
  if (plan.salt === undefined) return plan
  const key = keyOf(tokens, plan.salt) ?? randomBytes(32)
  const names = publicNames(plan)
  const items = plan.items.map((item) => {
    const id = names.ids.get(item.id)
    return id === undefined ? item : sealedItem(item, id, key, plan.runId)
  })
  const jobs = plan.jobs.map((job) => sealedJob(job, names, key, plan.runId))
  return { ...plan, ...publicHeldBack(plan), items, jobs }
}

/** The plan with all its names. Throws `plan` where this process has other tokens than the one that made the plan. */
export function openPlan(stored: StoredPlan, tokens: readonly Secret[]): Plan {
  const { salt, runId } = stored
  const opened = new Map<string, WorkItem>()
  const key = () => (salt === undefined ? undefined : keyOf(tokens, salt))
  const items = stored.items.map((item) => {
    if (!('sealed' in item)) return item
    const work = parseItem(decrypted(item.sealed, boundTo(item, runId), key()))
    opened.set(item.id, work)
    return work
  })
  const jobs = stored.jobs.map(({ sealed, ...job }): Job => {
    const objects =
      sealed === undefined
        ? job.objects
        : decrypted(sealed, [runId, job.id, job.items], key()).toString().split(' ').filter(Boolean)
    return {
      ...job,
      items: job.items.map((id) => opened.get(id)?.id ?? id),
      ...(objects && { objects }),
    }
  })
  return { ...stored, items, jobs }
}

function sealedItem(item: WorkItem, id: string, key: Buffer, runId: string): SealedItem {
  const { rule, type, source, target, bytes } = item
  const open = {
    ...{ id, rule, type },
    source: { hub: source.hub },
    target: { hub: target.hub },
    changes: countChanges(item),
    bytes: { move: bytes.move, reuse: bytes.reuse },
  }
  return { ...open, sealed: encrypted(JSON.stringify(item), boundTo(open, runId), key) }
}

function sealedJob(job: Job, { ids }: PublicNames, key: Buffer, runId: string): Job {
  const items = job.items.map((id) => ids.get(id) ?? id)
  const isOpen = job.objects === undefined || job.items.every((id) => !ids.has(id))
  if (isOpen) return { ...job, items }
  const sealed = encrypted((job.objects ?? []).join(' '), [runId, job.id, items], key)
  return { ...job, items, objects: [], sealed }
}

/** What stands beside the sealed text and must not be changed or moved to another item: it is authenticated along with it. */
function boundTo(item: Omit<SealedItem, 'sealed'>, runId: string): unknown {
  const { id, rule, type, source, target, changes, bytes } = item
  const counts = [changes.add, changes.update, changes.delete, bytes.move, bytes.reuse]
  return [runId, id, rule, type, source.hub, target.hub, counts]
}

function keyOf(tokens: readonly Secret[], salt: string): Buffer | undefined {
  return keyOfTokens(tokens, 'plan v1', Buffer.from(salt, 'base64'))
}

/** Lengths in bytes: NIST SP 800-38D names 96 bits for the nonce, and 128 for the tag. */
const [nonceLength, tagLength] = [12, 16]

/** Nonce, tag and text, base64. */
function encrypted(text: string, bound: unknown, key: Buffer): string {
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(JSON.stringify(bound)))
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')
}

function decrypted(sealed: string, bound: unknown, key: Buffer | undefined): Buffer {
  const bytes = Buffer.from(sealed, 'base64')
  if (key === undefined || bytes.length < nonceLength + tagLength) throw notOpened()
  try {
    const tag = bytes.subarray(nonceLength, nonceLength + tagLength)
    const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceLength))
      .setAAD(Buffer.from(JSON.stringify(bound)))
      .setAuthTag(tag)
    return Buffer.concat([cipher.update(bytes.subarray(nonceLength + tagLength)), cipher.final()])
  } catch (cause) {
    throw notOpened(cause)
  }
}

function notOpened(cause?: unknown): SyncError {
  return new SyncError(
    'plan',
    'The names in this plan are sealed for the tokens it was made with, and those of this process are others, or the plan was changed.',
    {
      next: 'Nothing was done. Give `sync` the same tokens as `plan`, all of them and no more; if one was replaced since, plan again.',
      cause,
      isPublic: true,
    },
  )
}
