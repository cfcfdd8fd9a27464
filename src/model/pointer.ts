import type { LfsObject } from './file.ts'

/** No pointer is larger (git-lfs spec: "pointer files must be less than 1024 bytes in size"). */
export const maxPointerBytes = 1024

/** The pointer text of an object, as git-lfs writes it. Source: git-lfs docs/spec.md. */
export function formatPointer(object: LfsObject): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${object.oid}\nsize ${object.size}\n`
}

/** The object a pointer names, or undefined if the content is no pointer. */
export function parsePointer(content: Uint8Array): LfsObject | undefined {
  if (content.length >= maxPointerBytes) return undefined
  const text = Buffer.from(content).toString('utf8')
  if (!/^version https:\/\/(git-lfs\.github\.com|hawser\.github\.com)\/spec\/v1\n/.test(text))
    return undefined
  const oid = /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1]
  const size = /^size (\d{1,15})$/m.exec(text)?.[1]
  if (oid === undefined || size === undefined) return undefined
  return { oid, size: Number(size) }
}
