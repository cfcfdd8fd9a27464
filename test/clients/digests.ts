import { createHash } from 'node:crypto'
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Folders that clients keep for themselves beside the files they download. */
const CLIENTS_OWN = ['.cache', '._____temp', '.msc', '.mv', '.mdl']

/** SHA-256 of every file under a folder, by path; what clients add for themselves is left out. */
export function digestsOf(folder: string): Map<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  const paths = entries.map((entry) => relative(folder, join(entry.parentPath, entry.name)))
  const content = paths.filter((path) => !CLIENTS_OWN.includes(path.split('/')[0] ?? ''))
  return new Map(content.map((path) => [path, fileDigest(join(folder, path))]))
}

/** In pieces, because Node refuses to read a whole file above 2 GiB. */
function fileDigest(path: string): string {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(4 << 20)
  const file = openSync(path, 'r')
  try {
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer))
      hash.update(buffer.subarray(0, read))
  } finally {
    closeSync(file)
  }
  return hash.digest('hex')
}
