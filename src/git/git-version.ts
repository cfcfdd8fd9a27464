import type { Context } from '../context.ts'
import { runLocalGit } from './run-git.ts'

/** The version of the git that is used, such as `2.47.1`. Throws `git` where there is none. */
export async function gitVersion(context: Context): Promise<string> {
  const command = { folder: context.workDir, args: ['version'], doing: 'tell its version' }
  const answer = (await runLocalGit(context, command, 4096)).toString('utf8')
  return /\d+(\.\d+)+/.exec(answer)?.[0] ?? 'of an unknown version'
}
