import { describe, expect, test } from 'vitest'
import { createVerifier, type Sample, sampleBytes, verifiedStream } from '../../../src/lfs/verified-stream.ts'
import type { LfsObject } from '../../../src/model/file.ts'
import { chunksOf, contentOf, fileOf, objectOf, sha256 } from './objects.ts'

/** What comes out, and how it ended. */
async function run(chunks: readonly Uint8Array[], object: LfsObject) {
  const released: Uint8Array[] = []
  let sample: Sample | undefined
  const stream = verifiedStream(fileOf(chunks).body, createVerifier(object), (found) => {
    sample = found
  })
  try {
    for await (const chunk of stream) released.push(chunk)
    return { bytes: Buffer.concat(released), sample }
  } catch (error) {
    return { bytes: Buffer.concat(released), sample, error }
  }
}

describe('verifiedStream', () => {
  test.each([0, 1, 65_536, 1_048_576, 3_000_000])(
    'passes %i right bytes and samples both ends',
    async (size) => {
      const content = contentOf(size)
      const { bytes, sample, error } = await run(chunksOf(content, undefined), objectOf(content))
      expect(error).toBeUndefined()
      expect(bytes.equals(content)).toBe(true)
      expect(sample).toEqual({
        head: sha256(content.subarray(0, sampleBytes)),
        tail: sha256(content.subarray(Math.max(0, size - sampleBytes))),
      })
    },
  )

  test('never releases all bytes of a truncated, over-long or corrupt source', async () => {
    const content = contentOf(200_000)
    const object = objectOf(content)
    const short = await run(chunksOf(content.subarray(0, 150_000), undefined), object)
    expect(short.error).toMatchObject({ code: 'truncated' })
    const long = await run([...chunksOf(content, undefined), Buffer.from('x')], object)
    expect(long.error).toMatchObject({ code: 'corrupt' })
    const wrong = Buffer.from(content)
    wrong[0] = 255 - (wrong[0] ?? 0)
    const corrupt = await run(chunksOf(wrong, undefined), object)
    expect(corrupt.error).toMatchObject({ code: 'corrupt' })
    for (const { bytes, sample } of [short, long, corrupt]) {
      expect(bytes.length).toBeLessThan(object.size)
      expect(sample).toBeUndefined()
    }
  })

  test('a source of exactly one wrong chunk releases nothing', async () => {
    const { bytes, error } = await run([Buffer.from('wrong')], objectOf(Buffer.from('right')))
    expect(error).toMatchObject({ code: 'corrupt' })
    expect(bytes).toHaveLength(0)
  })
})

test('a copy of a verifier goes on from where it was taken', () => {
  const content = contentOf(3_000_000)
  const verifier = createVerifier(objectOf(content))
  verifier.update(content.subarray(0, 1_500_000))
  const mark = verifier.copy()
  verifier.update(content.subarray(1_500_000, 2_000_000))
  mark.update(content.subarray(1_500_000))
  expect(mark.finish().tail).toBe(sha256(content.subarray(3_000_000 - sampleBytes)))
  expect(() => verifier.finish()).toThrow(expect.objectContaining({ code: 'truncated' }))
})
