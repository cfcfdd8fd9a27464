import type { HubSettings } from '../../config/rule.ts'
import type { CredentialRule, Profile } from '../../model/profile.ts'
import { fileExtension } from '../file-extension.ts'
import { gitHostProfile } from '../git-host-profile.ts'
import { requestRate } from '../request-rate.ts'
import { modelersLicenses } from './licenses.ts'

/** Modelers as data, for its own site or another that speaks its API. Sources beside each fact; all: docs/hubs.md. */
export function modelersProfile(settings: HubSettings): Profile {
  const home = new URL(settings.endpoint)
  const host = gitHostProfile(settings)
  return {
    ...host,
    type: 'modelers',
    oneNameSpace: true,
    label: 'Modelers',
    credentials: credentialRules(home),
    // A download is offered for what the repo has, and only for that (services/lfs/server.go of the hub's Gitea fork). In the
    // multipart dialect an upload is offered even for what is stored; one PUT ends at 5 GB (the clone guide), so parts come first.
    lfs: {
      envelope: 'standard',
      transfers: ['multipart', 'basic'],
      batchSize: 100,
      presence: 'download-batch',
    },
    limits: {
      ...host.limits,
      // openmind-hub 1.2.0 and the server's template: 50 GiB; 1.3.0 of the client tries 120.
      fileBytes: 50 * 1024 ** 3,
      // The hook of a push refuses larger blobs (COMMON_MAX_FILE_SIZE in the server's template). Above 5 MiB the hub's own API makes LFS.
      plainFileBytes: 100 * 1024 ** 2,
    },
    // Create always commits a README and .gitattributes (merlin-server).
    firstCommit: true,
    licenses: { ...(settings.licenses ?? { allow: modelersLicenses, map: {} }), required: true },
    platformFiles: [{ path: '.gitattributes' }, { path: 'README.md', isMadeByPlatform: isInitialReadme }],
    nameProblem,
    pathProblem,
    // 10 a second for one user by the source; a mirror that runs all day keeps to 6.
    requestsPerSecond: requestRate(settings, 6),
  }
}

/** The API takes Bearer, git and LFS the same token as a password; the storage gets none: its addresses are signed. */
function credentialRules(home: URL): CredentialRule[] {
  const covers = (url: URL) => url.origin === home.origin
  return [
    { purposes: ['api'], covers, form: 'bearer' },
    { purposes: ['git', 'lfs'], covers, form: 'basic' },
  ]
}

/** Front matter with nothing but a license, and no text: the README of the commit that creates a repo (merlin-server). */
function isInitialReadme(content: string): boolean {
  return /^---\r?\nlicense:[ \t]*["']?[A-Za-z0-9.-]+["']?[ \t]*\r?\n---\s*$/.test(content)
}

/** Source: openmind_hub utils/_validators.py, merlin-server. */
function nameProblem(owner: string, name: string): string | undefined {
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) return 'only letters, digits, "_", "." and "-" are allowed'
  if (/^\.+$/.test(name)) return 'it holds dots only'
  if (name.length > 100) return 'at most 100 characters are allowed'
  if (name.endsWith('.git')) return 'it may not end with ".git"'
  if (!/^[A-Za-z](?:[-_.]?[A-Za-z0-9])*$/.test(owner))
    return 'an owner begins with a letter, and has single "-", "_" or "." between letters and digits'
  return owner.length < 3 || owner.length > 40 ? 'an owner has 3 to 40 characters' : undefined
}

/** Extensions that the firewall in front of the hub refuses to take. Source: seen by a mirror that runs all day. */
const refusedExtensions: ReadonlySet<string> = new Set(['.bak', '.old', '.sql', '.swp', '.tmp'])

function pathProblem(path: string): string | undefined {
  const extension = fileExtension(path).toLowerCase()
  return refusedExtensions.has(extension)
    ? `its firewall takes no file that ends with ${extension}`
    : undefined
}
