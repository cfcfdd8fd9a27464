import type { HubSettings } from '../../config/rule.ts'
import type { CredentialRule, Profile } from '../../model/profile.ts'
import { requestRate } from '../request-rate.ts'
import { huggingFaceLicenses } from './licenses.ts'
import { isOwnSite } from './site.ts'
import { huggingFaceStorage, plainFileBytes } from './storage.ts'

/** Hugging Face as data, for its own site or another that speaks its API. Sources beside each fact; all: docs/hubs.md. */
export function huggingFaceProfile(settings: HubSettings): Profile {
  return {
    type: 'huggingface',
    infoHead: true,
    label: 'Hugging Face',
    defaultBranch: 'main',
    credentials: credentialRules(settings.endpoint),
    // Any name will do (hub-docs, security-tokens.md).
    gitUsername: 'hf_user',
    // No action = stored; 100 objects a request as @huggingface/hub asks for (commit.ts).
    lfs: {
      envelope: 'standard',
      transfers: ['basic', 'multipart'],
      batchSize: 100,
      presence: 'upload-batch',
    },
    // storage-limits.md: 500 GB a file, 10,000 entries a folder. 100,000 files a repo is only recommended; a million exist.
    limits: { fileBytes: 500e9, filesPerRepo: 1_000_000, filesPerFolder: 10_000, plainFileBytes },
    // A commit has about 60 s: pointers are cheap, content is not (huggingface_hub _upload_pipeline.py: 250, at most 1000 files).
    commit: { actions: 1000, bodyBytes: 50_000_000, inlineFiles: 250 },
    // Another server may take `parentCommit` and not look at it: there the history must show that ours is on the leased head.
    compareAndSwap: isOwnSite(settings.endpoint),
    firstCommit: true,
    licenses: settings.licenses ?? { allow: huggingFaceLicenses, map: {} },
    platformFiles: [{ path: '.gitattributes' }, { path: '.cache/huggingface', folder: true }],
    nameProblem,
    storageOf: huggingFaceStorage,
    // 1,000 API calls and 5,000 file reads in 5 minutes for a free account (rate-limits.md); the answers' RateLimit slows us
    // down further.
    requestsPerSecond: requestRate(settings, 15),
    concurrency: settings.concurrency ?? 4,
  }
}

/**
 * Storage hrefs are signed: neither the PUTs nor the completion carry a token (huggingface_hub lfs.py). Elsewhere objects may be on
 * the server itself, behind its own credentials.
 */
function credentialRules(endpoint: string): CredentialRule[] {
  const { origin } = new URL(endpoint)
  const covers = (url: URL) => url.origin === origin
  return [
    {
      purposes: isOwnSite(endpoint) ? ['api', 'lfs'] : ['api', 'lfs', 'transfer'],
      covers,
      form: 'bearer',
    },
    { purposes: ['git'], covers, form: 'basic' },
  ]
}

/** Source: huggingface_hub utils/_validators.py. */
function nameProblem(owner: string, name: string): string | undefined {
  for (const part of [owner, name]) {
    if (!/^[A-Za-z0-9_.-]+$/.test(part)) return 'only letters, digits, "_", "." and "-" are allowed'
    if (part.length > 96) return 'at most 96 characters are allowed'
    if (part.includes('--') || part.includes('..')) return '"--" and ".." are not allowed'
    if (/^[-.]|[-.]$/.test(part)) return 'it may not begin or end with "-" or "."'
  }
  return name.endsWith('.git') ? 'it may not end with ".git"' : undefined
}
