import type { StandIn } from '../stand-ins/core/stand-in.ts'
import { startGitCode } from '../stand-ins/gitcode/index.ts'
import { startGitHub } from '../stand-ins/github/index.ts'
import { startModelers } from '../stand-ins/modelers/index.ts'
import { startPlainGit } from '../stand-ins/plain-git/index.ts'
import { type Harness, startHarness } from './harness.ts'

/** One hub of each type; the first two are those of the harness. */
export const hubIds = ['huggingface', 'modelscope', 'modelers', 'gitcode', 'github', 'git'] as const
export type HubId = (typeof hubIds)[number]

export interface AllHubs {
  readonly harness: Harness
  readonly hubs: Readonly<Record<HubId, StandIn>>
  close(): Promise<unknown>
}

/** A stand-in of each type, on ports of the system's choice. */
export async function startAllHubs(): Promise<AllHubs> {
  const [harness, modelers, gitcode, github, git] = await Promise.all([
    startHarness(),
    startModelers(),
    startGitCode(),
    startGitHub(),
    startPlainGit({ createOn: 'push' }),
  ])
  const others = { modelers, gitcode, github, git }
  return {
    harness,
    hubs: { huggingface: harness.hf, modelscope: harness.ms, ...others },
    close: () => Promise.all([harness.close(), ...Object.values(others).map((hub) => hub.close())]),
  }
}
