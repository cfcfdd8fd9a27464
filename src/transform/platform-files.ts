import type { PlatformFile } from '../model/profile.ts'

/**
 * Whether a hub makes this file by itself, by the hub's own list. `needs-content`: only the content tells, and none was given;
 * with `content` the answer is always one of the other two. Names are case-sensitive, as paths are.
 */
export function platformFileKind(
  platformFiles: readonly PlatformFile[],
  path: string,
  content?: string,
): 'platform' | 'real' | 'needs-content' {
  const matching = platformFiles.filter((file) => matches(file, path))
  if (matching.some(({ isMadeByPlatform }) => isMadeByPlatform === undefined)) return 'platform'
  if (matching.length === 0) return 'real'
  if (content === undefined) return 'needs-content'
  return matching.some(({ isMadeByPlatform }) => isMadeByPlatform?.(content) === true) ? 'platform' : 'real'
}

function matches(file: PlatformFile, path: string): boolean {
  return file.folder === true ? path.startsWith(`${file.path}/`) : path === file.path
}
