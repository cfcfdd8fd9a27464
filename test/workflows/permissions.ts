import type { Permissions } from './workflow-file.ts'

/** What a repository gives a workflow that asks for nothing, as GitHub sets it since 2023. */
export const restricted: Permissions = { contents: 'read', packages: 'read' }

/** The rights of a job that wants `wanted`, or all of `granted`. Throws if a called workflow wants more than its caller has. */
export function grantedTo(job: string, wanted: Permissions | undefined, granted: Permissions): Permissions {
  if (wanted === undefined) return granted
  const scopes = typeof wanted === 'string' ? ['contents', 'actions', 'issues'] : Object.keys(wanted)
  for (const scope of scopes) {
    const [asked, allowed] = [levelOf(wanted, scope), levelOf(granted, scope)]
    if (order.indexOf(asked) > order.indexOf(allowed))
      throw new Error(`${job} is requesting '${scope}: ${asked}', but is only allowed '${scope}: ${allowed}'`)
  }
  return wanted
}

const order = ['none', 'read', 'write']

function levelOf(permissions: Permissions, scope: string): string {
  if (permissions === 'write-all') return 'write'
  if (permissions === 'read-all') return 'read'
  return permissions[scope] ?? 'none'
}
