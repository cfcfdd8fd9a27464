import { bytes } from '../e2e/harness.ts'
import type { Seeds } from './harness.ts'

/** Small files that are awkward for one hub or another, some of them LFS. The README is in no hub's own form. */
export const awkward: Seeds = {
  'README.md': Buffer.from('---\nlicense: mit # as it is\n---\n# 模型\r\nthe last line has no end'),
  'config.json': Buffer.from('{"model_type":"tiny"}\n'),
  'model.safetensors': { lfs: bytes(150_000, 21) },
  'copy.safetensors': { lfs: bytes(150_000, 21) },
  'empty.txt': Buffer.alloc(0),
  'a dir/#1 50%?+&.json': Buffer.from('{"awkward": true}'),
  "quotes \"'`$(x)'.txt": Buffer.from('quoted'),
  '模型/-leading 🎉.txt': Buffer.from('emoji'),
  'a/b/c/d/e/f/g/h/i/j/k/l/m/n/deep.bin': { lfs: bytes(2000, 22) },
}

/** Bytes of every file, whether LFS or not. */
export function contentsOf(files: Seeds): Record<string, Buffer> {
  const rows = Object.entries(files).map(
    ([path, file]) => [path, Buffer.isBuffer(file) ? file : file.lfs] as const,
  )
  return Object.fromEntries(rows)
}

/** Text of exactly so many bytes. */
export function textOf(size: number): Buffer {
  return Buffer.alloc(size, 'a line of text that goes on and on\n')
}
