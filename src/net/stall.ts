/** Notices when one side of a stream keeps the other waiting. */
export interface StallWatch {
  /** From now on somebody waits. */
  waiting(): void
  /** Something came: nobody waits. */
  moving(): void
  /** Ends the watch. */
  end(): void
}

/**
 * Calls `onStall` once when a wait lasts `seconds`. Real time, not the context's clock: sockets do not follow a test's clock.
 */
export function watchStall(seconds: number, onStall: () => void): StallWatch {
  let isWaiting = false
  let ended = false
  const timer = setTimeout(() => {
    if (isWaiting) onStall()
  }, seconds * 1000)
  timer.unref()
  return {
    waiting() {
      if (ended) return
      isWaiting = true
      timer.refresh()
    },
    moving() {
      isWaiting = false
    },
    end() {
      isWaiting = false
      ended = true
      clearTimeout(timer)
    },
  }
}
