/** What the last lines of a sync commit say. */
export interface SyncTrailers {
  /** The snapshot that was synced: its repo as `snapshotName` writes it. */
  readonly from: { readonly repo: string; readonly commit: string }
  readonly run: string
  /** Version of the program. */
  readonly by: string
  /** Digest of what decided which files took part; older commits have none. */
  readonly filter?: string
  /** Set where the run planned a commit on each side: one of them alone is half a sync. */
  readonly commits?: 2
}

/** The trailers as lines of a commit message, without the title. */
export function formatTrailers({ from, run, by, filter, commits }: SyncTrailers): string[] {
  return [
    `Synced-From: ${from.repo}@${from.commit}`,
    `Synced-Run: ${run}`,
    `Synced-By: model-hub-sync/${by}`,
    ...(filter === undefined ? [] : [`Synced-Filter: ${filter}`]),
    ...(commits === undefined ? [] : [`Synced-Commits: ${commits}`]),
  ]
}

/**
 * The trailers of a sync commit, by its whole message: a title, an empty line, and nothing but the trailers, each once. Anything else
 * is undefined: a squash or a revert that quotes a sync commit is none, nor is a part of one that was published in parts, but the last.
 */
export function parseTrailers(message: string): SyncTrailers | undefined {
  const [title = '', trailers, ...more] = message
    .replaceAll('\r\n', '\n')
    .trim()
    .split(/\n{2,}/)
  if (trailers === undefined || more.length > 0 || title.includes('\n') || isEarlierPart(title))
    return undefined
  const values = valuesOf(trailers.split('\n'))
  if (values === undefined) return undefined
  const [, repo, commit] = /^(.+)@([0-9a-f]{40,64})$/.exec(values.get('From') ?? '') ?? []
  const [, run] = /^([0-9A-Za-z._-]{1,128})$/.exec(values.get('Run') ?? '') ?? []
  const [, by] = /^model-hub-sync\/([0-9A-Za-z.+-]{1,64})$/.exec(values.get('By') ?? '') ?? []
  if (repo === undefined || commit === undefined || run === undefined || by === undefined) return undefined
  const filter = values.get('Filter')
  const commits = values.get('Commits')
  if (filter !== undefined && !/^[0-9a-f]{16}$/.test(filter)) return undefined
  if (commits !== undefined && commits !== '2') return undefined
  return {
    from: { repo, commit },
    run,
    by,
    ...(filter !== undefined && { filter }),
    ...(commits !== undefined && { commits: 2 as const }),
  }
}

/** `… (1/3)`: what was too large for one commit, and is complete only with the last. */
function isEarlierPart(title: string): boolean {
  const [, part, of] = / \((\d+)\/(\d+)\)$/.exec(title) ?? []
  return part !== of
}

const names: ReadonlySet<string> = new Set(['From', 'Run', 'By', 'Filter', 'Commits'])

/** Undefined where a line is something else, or there twice. */
function valuesOf(lines: readonly string[]): ReadonlyMap<string, string> | undefined {
  const values = new Map<string, string>()
  for (const line of lines) {
    const [, name = '', value = ''] = /^Synced-([A-Za-z]+): (.+)$/.exec(line) ?? []
    if (!names.has(name) || values.has(name)) return undefined
    values.set(name, value.trim())
  }
  return values
}
