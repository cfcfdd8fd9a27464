import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Names that break careless quoting of URLs, arguments, patterns or line-wise lists. */
const AWKWARD = [
  'with space.txt',
  "it's.txt",
  'say "hi".txt',
  'hash#tag.txt',
  'what?.txt',
  '100%.txt',
  '%20literal.txt',
  'a+b&c=d.txt',
  'semi;colon,comma.txt',
  '[brackets]{braces}.txt',
  '(star*).txt',
  '~tilde!$HOME.txt',
  '数据集/说明 文件.txt',
  'émoji 🚀/🤗.txt',
  '-leading-dash.txt',
  '--flag=value/-n.txt',
  '.hidden/.file',
  'deep/er/and/deep/er/still/down/here.txt',
  'UPPER/lower.TXT',
  'no-extension',
]

const SMALL_FILES = 300

/** Writes 300 small files in sub-folders (the awkward names among them), an empty file, a README and a sparse file of `largeBytes`. */
export function writeAwkwardDataset(folder: string, largeBytes: number): void {
  const numbered = Array.from(
    { length: SMALL_FILES - AWKWARD.length },
    (_, index) => `part-${index % 12}/row ${index}.json`,
  )
  for (const path of [...AWKWARD, ...numbered]) write(folder, path, `${JSON.stringify({ path })}\n`)
  write(folder, 'empty.txt', '')
  write(
    folder,
    'README.md',
    '---\nlicense: mit\nlanguage:\n- zh\n---\n# Awkward names\n\nA dataset whose names need care.\n',
  )
  writeSparse(join(folder, 'large', 'weights.bin'), largeBytes)
}

function write(folder: string, path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}

/** A few marks in a sea of holes: takes next to no disk, yet a cut, shifted or swapped piece shows in the digest. */
function writeSparse(path: string, size: number): void {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, 'w')
  ftruncateSync(file, size)
  for (let mark = 0; mark < 16; mark++) writeSync(file, `mark ${mark}`, Math.floor((size / 16) * mark))
  writeSync(file, 'end', size - 3)
  closeSync(file)
}
