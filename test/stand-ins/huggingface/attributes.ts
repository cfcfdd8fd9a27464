import { blobOf, filesAt } from '../core/files.ts'
import type { RepoKind } from '../core/stand-in.ts'
import type { StoredRepo } from '../core/store.ts'
import type { Hub } from './hub.ts'

const lfsLine = 'filter=lfs diff=lfs merge=lfs -text'

const everywhere = `*.7z *.arrow *.bin *.bz2 *.ckpt *.ftz *.gz *.h5 *.joblib *.lfs.* *.mlmodel *.model *.msgpack *.npy
*.npz *.onnx *.ot *.parquet *.pb *.pickle *.pkl *.pt *.pth *.rar *.safetensors saved_model/**/* *.tar.* *.tar *.tflite
*.tgz *.wasm *.xz *.zip *.zst *tfevents*`

const inDatasets = `*.lz4 *.mds *.pcm *.sam *.raw *.aac *.flac *.mp3 *.ogg *.wav *.bmp *.gif *.png *.tiff *.jpg *.jpeg
*.webp *.mp4 *.webm`

/** `.gitattributes` of a new repo, as the live hub writes it. */
export function initialAttributes(kind: RepoKind): string {
  const patterns = kind === 'dataset' ? `${everywhere} ${inDatasets}` : everywhere
  return patterns
    .split(/\s+/)
    .map((pattern) => `${pattern} ${lfsLine}\n`)
    .join('')
}

/** True if the attributes keep the path in LFS. */
export function isTracked(attributes: string, path: string): boolean {
  let tracked = false
  for (const line of attributes.split('\n')) {
    const [pattern, ...words] = line.trim().split(/\s+/)
    if (!pattern || pattern.startsWith('#') || !matchesPattern(pattern, path)) continue
    if (words.includes('filter=lfs')) tracked = true
    if (words.includes('-filter') || words.includes('!filter')) tracked = false
  }
  return tracked
}

/** Git's pattern rules as far as attribute and ignore files of models need them. */
export function matchesPattern(pattern: string, path: string): boolean {
  const anchored = pattern.replace(/\/$/, '').includes('/')
  const source = pattern
    .replace(/^\//, '')
    .replace(/\/$/, '')
    .replaceAll('[[:space:]]', ' ')
    .replace(/\*\*\/|\*\*|\*|\?|[.+^${}()|[\]\\]/g, (token) => globTokens.get(token) ?? `\\${token}`)
  const regex = new RegExp(`^${anchored ? '' : '(?:.*/)?'}${source}$`, 's')
  return regex.test(path)
}

const globTokens: ReadonlyMap<string, string> = new Map([
  ['**/', '(?:.*/)?'],
  ['**', '.*'],
  ['*', '[^/]*'],
  ['?', '[^/]'],
])

/** Attributes with a line for every LFS path that no pattern covers; undefined if none was missing. */
export function withTracked(attributes: string, lfsPaths: readonly string[]): string | undefined {
  const missing = lfsPaths.filter((path) => !isTracked(attributes, path))
  if (missing.length === 0) return undefined
  const start = attributes === '' || attributes.endsWith('\n') ? attributes : `${attributes}\n`
  return start + missing.map((path) => `${escapePath(path)} ${lfsLine}\n`).join('')
}

function escapePath(path: string): string {
  // What git would read as something else than itself becomes "any one character".
  return path.replaceAll(/[#"!*[\]\\]/g, '?').replaceAll(' ', '[[:space:]]')
}

/** Text of a file at the root of a commit; empty if there is none. */
export async function textAt(
  hub: Hub,
  repo: StoredRepo,
  commit: string | undefined,
  path: string,
): Promise<string> {
  const file = commit === undefined ? undefined : (await filesAt(hub.cache, repo, commit)).get(path)
  return file?.type === 'blob' ? (await blobOf(hub.cache, repo, file.oid)).toString('utf8') : ''
}
