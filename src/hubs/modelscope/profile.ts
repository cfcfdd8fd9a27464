import type { HubSettings } from '../../config/rule.ts'
import type { CredentialRule, Profile } from '../../model/profile.ts'
import { isLoopbackHost } from '../../net/address.ts'
import { requestRate } from '../request-rate.ts'
import { modelScopeLicenseNames } from './licenses.ts'
import { modelScopeStorage, plainFileBytes } from './storage.ts'

/** ModelScope as data, for the .cn or .ai site or another that speaks its API. Sources beside each fact; all: docs/hubs.md. */
export function modelScopeProfile(settings: HubSettings): Profile {
  const home = new URL(settings.endpoint)
  return {
    type: 'modelscope',
    label: 'ModelScope',
    defaultBranch: 'master',
    credentials: credentialRules(home),
    // docs, git access: https://oauth2:TOKEN@…
    gitUsername: 'oauth2',
    // An object left out of the answer is stored; at most 64 objects a request (modelscope_hub _upload.py).
    lfs: { envelope: 'modelscope', transfers: [], batchSize: 64, presence: 'upload-batch' },
    // docs, models/upload.md and datasets/upload.md: 50 GB a file, 100,000 files, 10,000 in a folder.
    limits: { fileBytes: 50e9, filesPerRepo: 100_000, filesPerFolder: 10_000, plainFileBytes },
    // 422 above 2000 actions; 8 MiB of JSON (modelscope_hub constants.py).
    commit: { actions: 2000, bodyBytes: 8 * 1024 * 1024, inlineFiles: 2000 },
    compareAndSwap: false,
    firstCommit: true,
    // No README license is known to be refused; `allow` stays open.
    licenses: settings.licenses ?? { map: modelScopeLicenseNames },
    platformFiles: [
      { path: '.gitattributes' },
      { path: 'README.md', isMadeByPlatform: isDefaultReadme },
      // Left by the SDK (modelscope_hub constants.py); .cache cannot be committed at all (FORBIDDEN_FOLDERS).
      ...['.msc', '.mv', '.mdl', '.ms_upload_cache'].map((path) => ({ path })),
      ...['._____temp', '.ms_upload_cache', '.cache'].map((path) => ({ path, folder: true as const })),
    ],
    nameProblem,
    storageOf: modelScopeStorage,
    // No quota is documented.
    requestsPerSecond: requestRate(settings, 10),
    concurrency: settings.concurrency ?? 4,
    listingCut: 3000,
  }
}

/**
 * Bearer and cookie go to the endpoint, and with an object to the upload host (`lfs.` of the base domain; the PUT needs both),
 * never to the download CDN. Source: modelscope_hub _openapi.py (trust rule), measured by Cloudreve's driver.
 */
function credentialRules(home: URL): CredentialRule[] {
  const base = home.hostname.replace(/^www\./, '')
  const uploadHosts = base.startsWith('pre.')
    ? [home.hostname, `pre-lfs.${base.slice('pre.'.length)}`]
    : [home.hostname, `lfs.${base}`, `pre-lfs.${base}`]
  const isUpload = (url: URL) =>
    url.protocol === home.protocol &&
    uploadHosts.includes(url.hostname) &&
    (url.port === home.port || url.port === '' || isLoopbackHost(url.hostname)) &&
    /\/blobs\/[0-9a-f]{64}\/\d+$/.test(url.pathname)
  const isHome = (url: URL) => url.origin === home.origin
  return [
    { purposes: ['api', 'lfs'], covers: isHome, form: 'bearer+session' },
    { purposes: ['lfs', 'transfer'], covers: isUpload, form: 'bearer+session' },
    { purposes: ['git'], covers: isHome, form: 'basic' },
  ]
}

/** The text shown for a model without a README; its file may have front matter. Source: measured by a running mirror. */
function isDefaultReadme(content: string): boolean {
  const text = content.replace(/^\uFEFF?---\r?\n[\s\S]*?\r?\n---\r?\n/, '').trim()
  const begins =
    text.startsWith('### 当前模型的贡献者未提供更加详细的模型介绍') ||
    text.startsWith('### You are viewing the default Readme template as no detailed')
  return begins && /(及时完善模型卡片内容。|the model contribution documentation<\/a>\.)<\/p>$/.test(text)
}

/** The official rule is not published; these letters are what its clients pass. Length: only studios are known (64). */
function nameProblem(owner: string, name: string): string | undefined {
  if (!/^[A-Za-z0-9_.-]+$/.test(owner) || !/^[A-Za-z0-9_.-]+$/.test(name)) {
    return 'only letters, digits, "_", "." and "-" are allowed'
  }
  if (owner.length > 128 || name.length > 128) return 'at most 128 characters are allowed'
  return /^\.+$/.test(name) || /^\.+$/.test(owner) ? 'it holds dots only' : undefined
}
