import { asSyncError, type ErrorCode, SyncError } from '../model/errors.ts'
import { folderHub, formatRepo, type Snapshot, snapshotName } from '../model/repo.ts'
import type { Repo } from '../repos/repo.ts'
import type { Past } from './base.ts'

/** A repo at the commit that is compared. */
export interface PinnedRepo {
  readonly repo: Repo
  readonly at: Snapshot
}

/** The pasts of a pair; each is read once, when it is first asked for. */
export interface Histories {
  readonly source: PinnedRepo
  readonly target: PinnedRepo
  /** Of both sides from the commits that are compared on. */
  pasts(): Promise<Readable<readonly [source: Past, target: Past]>>
  /** Of repos that two-way rules keep in step with either side, as far as they can be read. */
  others(): Promise<readonly Past[]>
}

export type Readable<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'none'; readonly why: string }

/** Commits of each side that are searched for the last sync; what lies deeper is no base (docs/deletes.md). */
export const baseDepth = 100

/** The histories of two repos at these commits, and of `others`; sends nothing by itself. */
export function historiesOf(source: PinnedRepo, target: PinnedRepo, others: readonly Repo[] = []): Histories {
  return {
    source,
    target,
    pasts: once(() => pastsOf(source, target)),
    others: once(async () => (await Promise.all(others.map(wholePast))).flat()),
  }
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined
  return () => {
    asked ??= ask()
    return asked
  }
}

/** Both histories; a folder has none. */
async function pastsOf(source: PinnedRepo, target: PinnedRepo): Promise<Readable<readonly [Past, Past]>> {
  if ([source, target].some(({ repo }) => repo.ref.hub === folderHub))
    return { kind: 'none', why: 'a folder has no history' }
  const [here, there] = await Promise.all([pastOf(source), pastOf(target)])
  if (here.kind === 'none') return here
  return there.kind === 'none' ? there : { kind: 'read', value: [here.value, there.value] }
}

/** The history from the pinned commit on; what was committed since it was pinned is left out. */
async function pastOf({ repo, at }: PinnedRepo): Promise<Readable<Past>> {
  const read = await readable('the history', untold, () => repo.history(at.branch, baseDepth))
  if (read.kind === 'none') return read
  const start = read.value.findIndex(({ id }) => id === at.commit)
  if (start >= 0)
    return { kind: 'read', value: { name: snapshotName(repo.ref), commits: read.value.slice(start) } }
  return { kind: 'none', why: `${formatRepo(repo.ref)} does not show ${at.commit} in its history` }
}

/** All that a third repo tells. Its hub may be down, or closed to us: then the pair only has an older base, or none. */
async function wholePast(repo: Repo): Promise<Past[]> {
  try {
    const info = await repo.info()
    const commits = info && (await repo.history(info.defaultBranch, baseDepth))
    return commits === undefined ? [] : [{ name: snapshotName(repo.ref), commits }]
  } catch (thrown) {
    if (!(thrown instanceof SyncError) || thrown.code === 'stopped') throw thrown
    return []
  }
}

/** What says that a hub does not tell this, now or later. */
const untold: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'not-found',
  'forbidden',
  'unsupported',
  'bad-answer',
  'bad-path',
  'too-large',
  'git',
])

/** Of old content there is more that no other try mends: hubs prune objects that only old commits name, and list no tree for ever. */
const lost: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...untold,
  'object-missing',
  'corrupt',
  'truncated',
  'listing-cut',
])

/** What both sides held at old commits, unless it is lost. Throws what another try may mend (a hub that is down). */
export function readPast<T>(read: () => Promise<T>): Promise<Readable<T>> {
  return readable('what both sides had then', lost, read)
}

async function readable<T>(
  what: string,
  codes: ReadonlySet<ErrorCode>,
  read: () => Promise<T>,
): Promise<Readable<T>> {
  try {
    return { kind: 'read', value: await read() }
  } catch (thrown) {
    const { code, message } = asSyncError(thrown)
    if (!codes.has(code)) throw thrown
    return { kind: 'none', why: `${what} cannot be read: ${message}` }
  }
}
