import type { FileEntry } from '../model/file.ts'
import { createRefusedPaths } from '../model/refused-paths.ts'

/**
 * The files of a hub's listing, row by row; undefined is a row that is none (a folder). Throws `bad-path` behind the last one, naming
 * every path that must not be used.
 */
export async function* listAll<Row>(
  rows: AsyncIterable<Row>,
  toFile: (row: Row) => FileEntry | undefined,
): AsyncGenerator<FileEntry> {
  const refused = createRefusedPaths()
  for await (const row of rows) {
    let file: FileEntry | undefined
    try {
      file = toFile(row)
    } catch (thrown) {
      refused.keep(thrown)
    }
    if (file !== undefined) yield file
  }
  refused.assertNone()
}
