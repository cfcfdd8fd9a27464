import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PushRules } from './push-rules.ts'

/** Makes a bare repo look at what is pushed to it; pre-receive-hook.ts does the looking. (githooks(5)) */
export async function installHook(gitDir: string, { maxBlobSize, sensitiveWords }: PushRules): Promise<void> {
  const script = fileURLToPath(new URL('pre-receive-hook.ts', import.meta.url))
  const rules = JSON.stringify({ maxBlobSize, sensitiveWords })
  const command = [process.execPath, script, rules].map(shellQuoted).join(' ')
  await mkdir(join(gitDir, 'hooks'), { recursive: true })
  await writeFile(join(gitDir, 'hooks', 'pre-receive'), `#!/bin/sh\nexec ${command}\n`, { mode: 0o755 })
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
