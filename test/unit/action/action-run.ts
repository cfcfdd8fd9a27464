import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import type { WorkflowRun } from '../../../src/action/event.ts'

export interface FakeRunner {
  /** The job's workspace; also the current folder. */
  readonly folder: string
  /** What the action wrote to its log, workflow commands included. */
  log(): string
  /** Outputs by name, as GITHUB_OUTPUT holds them. */
  outputs(): Record<string, string>
  summary(): string
  stop(): void
}

/** A step's surroundings: inputs, files for outputs and summary, a workspace, and a captured log. */
export function fakeRunner(inputs: Readonly<Record<string, string>>): FakeRunner {
  const folder = mkdtempSync(join(tmpdir(), 'action-'))
  const output = join(folder, 'output')
  for (const file of [output, summaryFile]) writeFileSync(file, '')
  for (const [name, value] of Object.entries(inputs)) vi.stubEnv(`INPUT_${name.toUpperCase()}`, value)
  vi.stubEnv('GITHUB_OUTPUT', output)
  vi.stubEnv('GITHUB_STEP_SUMMARY', summaryFile)
  vi.stubEnv('RUNNER_TEMP', folder)
  vi.stubEnv('GITHUB_REPOSITORY', 'me/sync')
  const written: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text))
    return true
  })
  const before = process.cwd()
  process.chdir(folder)
  return {
    folder,
    log: () => written.join(''),
    outputs: () => parseOutputs(readFileSync(output, 'utf8')),
    summary: () => readFileSync(summaryFile, 'utf8'),
    stop() {
      write.mockRestore()
      vi.unstubAllEnvs()
      process.chdir(before)
      process.exitCode = undefined
      rmSync(summaryFile, { force: true })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** One file for all tests of a process: core.summary asks for its path once. */
const summaryFile = join(tmpdir(), `summary-${randomUUID()}`)

/** Secrets that the log masks. */
export function masked(log: string): string[] {
  return [...log.matchAll(/^::add-mask::(.*)$/gm)].map((match) => decodeURIComponent(match[1] ?? ''))
}

export function workflowRun(more: Partial<WorkflowRun> = {}): WorkflowRun {
  const payload = { repository: { full_name: 'me/sync', default_branch: 'main', private: true } }
  const run = { ref: 'refs/heads/main', runId: 7, runAttempt: 1, serverUrl: 'https://github.com' }
  return { eventName: 'workflow_dispatch', ...run, payload, ...more }
}

/** `name<<delimiter`, lines, `delimiter`: as @actions/core writes it. */
function parseOutputs(text: string): Record<string, string> {
  const found = [...text.matchAll(/^(.+?)<<(ghadelimiter_\S+)\n([\s\S]*?)\n?\2$/gm)]
  return Object.fromEntries(found.map((match) => [match[1] ?? '', match[3] ?? '']))
}
