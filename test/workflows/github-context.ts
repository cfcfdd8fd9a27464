import type { Machine } from './machine.ts'
import type { RunRequest } from './run-state.ts'
import type { WorkflowFile } from './workflow-file.ts'

/** The context `github` of a run in a private repository, unless the request says otherwise. */
export function githubContext(
  request: RunRequest,
  machine: Machine,
  file: WorkflowFile,
  token: string,
): Record<string, unknown> {
  const { event, repository } = request
  const payload = { repository: { full_name: repository, default_branch: 'main', private: true } }
  return {
    token,
    event: { ...payload, ...(request.inputs && { inputs: request.inputs }), ...event.payload },
    event_name: event.name,
    repository,
    repository_owner: repository.split('/')[0],
    run_id: machine.runId,
    run_number: '1',
    run_attempt: String(machine.attempt),
    actor: 'someone',
    ref: 'refs/heads/main',
    ref_name: 'main',
    ref_type: 'branch',
    sha: '0'.repeat(40),
    head_ref: '',
    base_ref: '',
    workflow: file.name ?? request.workflow,
    workflow_ref: `${repository}/${request.workflow}@refs/heads/main`,
    server_url: 'https://github.com',
    api_url: 'https://api.github.com',
    ...request.github,
  }
}

/** Folder of `owner/name`; throws for a repository that the test has not. */
export function folderOf({ repositories }: RunRequest, name: string): string {
  const folder = repositories[name]
  if (folder === undefined) throw new Error(`the test has no repository ${name}`)
  return folder
}
