/**
 * Runs `act` on every item, `atATime` at once; results in the order of the items. The first failure keeps the rest from being
 * begun, and is thrown when nothing is under way any more. Unlike p-limit it holds nothing for items that wait: a repo may have
 * 100,000 files.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  atATime: number,
  act: (item: T) => Promise<R>,
): Promise<R[]> {
  const waiting = items.entries()
  const failures: unknown[] = []
  const results: R[] = []
  const work = async () => {
    for (const [index, item] of waiting) {
      if (failures.length > 0) return
      try {
        results[index] = await act(item)
      } catch (thrown) {
        failures.push(thrown)
      }
    }
  }
  await Promise.all(Array.from({ length: atATime }, work))
  if (failures.length > 0) throw failures[0]
  return results
}
