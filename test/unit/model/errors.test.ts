import { mkdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { asSyncError, SyncError } from '../../../src/model/errors.ts'

test('what the operating system refuses is not called a defect', async () => {
  const refused = await mkdir('/dev/null/x').catch((error: unknown) => error)
  expect(asSyncError(refused)).toMatchObject({
    code: 'internal',
    next: expect.stringContaining('permissions'),
  })
})

test('everything else that is no error of ours is', () => {
  expect(asSyncError(new TypeError('x is undefined')).next).toContain('defect')
  expect(asSyncError('text')).toMatchObject({ code: 'internal', message: 'text' })
  const own = new SyncError('git', 'no')
  expect(asSyncError(own)).toBe(own)
})
