import pLimit from 'p-limit'

/**
 * Runs `act` on every item, `atATime` at once; results in the order of the items. The first failure keeps the rest from being
 * begun, and is thrown when nothing is under way any more.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  atATime: number,
  act: (item: T) => Promise<R>,
): Promise<R[]> {
  const limit = pLimit(atATime)
  const failures: unknown[] = []
  const results: R[] = []
  const run = async (item: T, index: number) => {
    if (failures.length > 0) return
    try {
      results[index] = await act(item)
    } catch (thrown) {
      failures.push(thrown)
    }
  }
  await Promise.all(items.map((item, index) => limit(() => run(item, index))))
  if (failures.length > 0) throw failures[0]
  return results
}
