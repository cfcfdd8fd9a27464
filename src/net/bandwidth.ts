import { setTimeout as delay } from 'node:timers/promises'
import { TokenBucket } from 'limiter'

/** A cap on bytes a second, shared by all streams that take from it. */
export interface Bandwidth {
  /** Waits until `bytes` may go out; undefined: they may at once. Rejects with the signal's reason when it fires. */
  take(bytes: number, signal?: AbortSignal): Promise<void> | undefined
}

/** A bandwidth of `bytesPerSecond`; undefined never waits. */
export function createBandwidth(bytesPerSecond: number | undefined): Bandwidth {
  if (bytesPerSecond === undefined) return { take: () => undefined }
  const bucket = new TokenBucket({
    bucketSize: bytesPerSecond,
    tokensPerInterval: bytesPerSecond,
    interval: 1000,
  })
  return {
    take(bytes, signal) {
      return bytes <= bytesPerSecond && bucket.tryRemoveTokens(bytes)
        ? undefined
        : drain(bucket, bytes, signal)
    },
  }
}

async function drain(bucket: TokenBucket, bytes: number, signal: AbortSignal | undefined): Promise<void> {
  for (let left = bytes; left > 0; ) {
    // A quarter of a second's worth at a time: no stream starves, and no request is larger than the bucket.
    const share = Math.min(left, Math.max(1, Math.floor(bucket.bucketSize / 4)))
    while (!bucket.tryRemoveTokens(share)) await pause(Math.max(1, bucket.getWaitTime(share)), signal)
    left -= share
  }
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal })
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : error
  }
}
