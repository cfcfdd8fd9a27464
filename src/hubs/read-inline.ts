import type { CommitChange } from '../model/commit.ts'
import { SyncError } from '../model/errors.ts'

/** The content of a plain change in base64; throws `corrupt` if it is not as long as planned. */
export async function readInline(change: Extract<CommitChange, { kind: 'plain' }>): Promise<string> {
  const content = await change.read()
  if (content.length !== change.size) {
    throw new SyncError(
      'corrupt',
      `${JSON.stringify(change.path)} has ${content.length} bytes where ${change.size} were planned.`,
    )
  }
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64')
}
