const lfsLine = 'filter=lfs diff=lfs merge=lfs -text'

/** What a new repo keeps in LFS; `.gguf` is not among it. (hubs/modelers.md A9) */
const patterns = `*.7z *.arrow *.bin *.bz2 *.ckpt *.ftz *.gz *.h5 *.joblib *.lfs.* *.mlmodel *.model *.msgpack *.npy
*.npz *.onnx *.ot *.parquet *.pb *.pickle *.pkl *.pt *.pth *.rar *.safetensors saved_model/**/* *.tar *.tar.* *.tflite
*.tgz *.wasm *.xz *.zip *.zst *tfevents*`

/** `.gitattributes` of a new repo. */
export function initialAttributes(): string {
  return patterns
    .split(/\s+/)
    .map((pattern) => `${pattern} ${lfsLine}\n`)
    .join('')
}

/** True if the attributes keep the path in LFS; the last line that fits decides. */
export function isTracked(attributes: string, path: string): boolean {
  let tracked = false
  for (const line of attributes.split('\n')) {
    const [pattern, ...words] = line.trim().split(/\s+/)
    if (!pattern || pattern.startsWith('#') || !matches(pattern, path)) continue
    if (words.includes('filter=lfs')) tracked = true
    if (words.includes('-filter') || words.includes('!filter')) tracked = false
  }
  return tracked
}

/** Attributes with a line for every path that no pattern covers; undefined if none was missing. */
export function withTracked(attributes: string, paths: readonly string[]): string | undefined {
  const missing = paths.filter((path) => !isTracked(attributes, path))
  if (missing.length === 0) return undefined
  const start = attributes === '' || attributes.endsWith('\n') ? attributes : `${attributes}\n`
  return start + missing.map((path) => `${escapePath(path)} ${lfsLine}\n`).join('')
}

/** What git would read as something else than itself becomes "any one character". */
function escapePath(path: string): string {
  return path.replaceAll(/[#"!*[\]\\]/g, '?').replaceAll(' ', '[[:space:]]')
}

const tokens: ReadonlyMap<string, string> = new Map([
  ['**/', '(?:.*/)?'],
  ['**', '.*'],
  ['*', '[^/]*'],
  ['?', '[^/]'],
])

/** Git's pattern rules (gitignore(5)) as far as these files use them. */
function matches(pattern: string, path: string): boolean {
  const source = pattern
    .replace(/^\//, '')
    .replaceAll('[[:space:]]', ' ')
    .replace(/\*\*\/|\*\*|\*|\?|[.+^${}()|[\]\\]/g, (token) => tokens.get(token) ?? `\\${token}`)
  return new RegExp(`^${pattern.includes('/') ? '' : '(?:.*/)?'}${source}$`, 's').test(path)
}
