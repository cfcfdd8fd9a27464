/** A path that the commit keeps as LFS, or a plain file that lies in the same tree. */
export interface AttributeInput {
  /** LFS paths that no line covers yet. */
  readonly uncovered: readonly string[]
  /** Paths that are plain git, so that no pattern may catch them. */
  readonly plain: readonly string[]
  /** Plain files that a line there is takes for LFS: each gets a line that says otherwise. */
  readonly taken: readonly string[]
}

const lfsAttributes = 'filter=lfs diff=lfs merge=lfs -text'
/** Unspecified again, as for a file that no line names. Source: gitattributes(5). */
const plainAttributes = '!filter !diff !merge !text'

/**
 * `.gitattributes` with what is missing for `uncovered`, as git-lfs writes it: `*.ext` where no plain file has that extension,
 * and one line for the path itself otherwise. Lines that are there stay as they are. Source: gitattributes(5).
 */
export function withLfsPatterns(text: string, input: AttributeInput): string {
  const plainExtensions = new Set(input.plain.map(extensionOf))
  const patterns = new Set(input.uncovered.map((path) => patternFor(path, plainExtensions)))
  const lines = [
    ...[...patterns].map((pattern) => `${pattern} ${lfsAttributes}`),
    ...input.taken.map((path) => `${escapePath(path)} ${plainAttributes}`),
  ]
  if (lines.length === 0) return text
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  const start = text === '' || text.endsWith('\n') ? text : `${text}${lineEnd}`
  return start + lines.map((line) => `${line}${lineEnd}`).join('')
}

function patternFor(path: string, plainExtensions: ReadonlySet<string | undefined>): string {
  const extension = extensionOf(path)
  return extension === undefined || plainExtensions.has(extension) ? escapePath(path) : `*.${extension}`
}

/** Only extensions that need no escape; case stays, since patterns are case-sensitive. */
function extensionOf(path: string): string | undefined {
  return /[^/.]\.([A-Za-z0-9][A-Za-z0-9_-]{0,20})$/.exec(path)?.[1]
}

/** A pattern for this path only. The leading slash anchors it and keeps `#`, `!` and quotes from being special at the start. */
function escapePath(path: string): string {
  return `/${path.replace(/[*?[\]]/g, '\\$&').replaceAll(' ', '[[:space:]]')}`
}
