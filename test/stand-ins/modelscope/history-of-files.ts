import { git } from '../core/git-repo.ts'

/** The commit that changed a file last. */
export interface LastCommit {
  readonly id: string
  readonly title: string
  readonly author: string
  /** Unix seconds. */
  readonly time: number
}

/** Last commit of each file as of `commit`, by one walk along first parents. */
export async function lastCommits(gitDir: string, commit: string): Promise<Map<string, LastCommit>> {
  const shape = '--format=%x01%H%x02%s%x02%an%x02%ct'
  const args = ['log', '-z', '-m', '--first-parent', '--name-only', '--no-renames', shape, commit]
  return parseLog((await git(gitDir, args)).toString('utf8'))
}

function parseLog(output: string): Map<string, LastCommit> {
  const last = new Map<string, LastCommit>()
  for (const block of output.split('\x01').slice(1)) {
    const [head = '', ...names] = block.split('\0')
    const [id = '', title = '', author = '', time = ''] = head.split('\x02')
    for (const name of names) {
      const path = name.replace(/^\n/, '')
      if (path && !last.has(path)) last.set(path, { id, title, author, time: Number(time) })
    }
  }
  return last
}
