/** The promise kept under the key, made where there is none. A failure is not an answer: the next one asks again. */
export function remembered<T>(
  memory: Map<string, Promise<T>>,
  key: string,
  make: () => Promise<T>,
): Promise<T> {
  const known = memory.get(key)
  if (known !== undefined) return known
  const made = make()
  memory.set(key, made)
  made.catch(() => memory.delete(key))
  return made
}
