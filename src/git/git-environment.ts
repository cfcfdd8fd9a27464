import { dirname } from 'node:path'
import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import type { HubAdvice } from '../model/hub-advice.ts'
import { isLoopbackHost } from '../net/address.ts'

/** How to reach one repo by git. The token is only in `authorization`, never in the URL. */
export interface GitAccess {
  readonly url: string
  /** Headers by name, for the origin of `url` and no other; empty for anonymous access. */
  readonly authorization: Readonly<Record<string, string>>
  /** A file of PEM certificates to trust instead of the built-in ones. */
  readonly caFile?: string
  /** Allows `http:` to a host that is not this machine. */
  readonly insecureHttp: boolean
  readonly advice?: HubAdvice
}

/**
 * The whole environment of a git process in `folder`. Without `access` git can open no connection at all. Every setting, and
 * the token, goes by `GIT_CONFIG_*` in the environment: arguments and `.git/config` can be read by others.
 * Source: git-config(1), "GIT_CONFIG_COUNT"; git(1), "Environment Variables".
 */
export function gitEnvironment(context: Context, folder: string, access?: GitAccess): Record<string, string> {
  const settings = [...safeSettings, ...(access === undefined ? [] : accessSettings(access))]
  return {
    ...context.inherited,
    ...(access === undefined ? {} : proxyEnvironment(context.proxy)),
    LC_ALL: 'C',
    HOME: folder,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LFS_SKIP_SMUDGE: '1',
    // Git 2.45 and later; older ones cannot fetch because local commands have no protocol.
    ...(access === undefined ? { GIT_NO_LAZY_FETCH: '1' } : {}),
    // A repo around the work folder must not lend its configuration.
    GIT_CEILING_DIRECTORIES: dirname(folder),
    ...numbered(settings),
  }
}

/** The remote's name inside our temporary repos; its URL is a setting of the environment. */
export const remoteName = 'hub'

const safeSettings: readonly (readonly [string, string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['credential.helper', ''],
  ['protocol.allow', 'never'],
  ['transfer.fsckObjects', 'true'],
  // One pack, however few the objects: thousands of small files are slow to watch and to remove.
  ['transfer.unpackLimit', '1'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['init.defaultBranch', 'main'],
]

function accessSettings(access: GitAccess): (readonly [string, string])[] {
  const url = checkedUrl(access)
  return [
    [`protocol.${url.protocol.slice(0, -1)}.allow`, 'always'],
    ['http.followRedirects', 'false'],
    ['http.lowSpeedLimit', '1000'],
    ['http.lowSpeedTime', '120'],
    [`remote.${remoteName}.url`, url.href],
    ...(access.caFile === undefined ? [] : [['http.sslCAInfo', access.caFile] as const]),
    ...Object.entries(access.authorization).map(([name, value]) => headerSetting(url, name, value)),
  ]
}

function headerSetting(url: URL, name: string, value: string): readonly [string, string] {
  if (!/^[A-Za-z0-9-]+$/.test(name) || /[^\t\x20-\x7e]/.test(value)) {
    throw new SyncError('internal', `The header ${JSON.stringify(name)} for git cannot be sent.`)
  }
  return [`http.${url.origin}/.extraHeader`, `${name}: ${value}`]
}

function checkedUrl(access: GitAccess): URL {
  const url = new URL(access.url)
  const mayBePlain = isLoopbackHost(url.hostname) || access.insecureHttp
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && mayBePlain)) {
    throw new SyncError('config', `Git reaches ${url.host} only by https.`, {
      next: 'Use an https endpoint, or insecure-http for a hub of your own.',
    })
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new SyncError('internal', `A git URL of ${url.host} holds more than a host and a path.`)
  }
  return url
}

function proxyEnvironment(proxy: Context['proxy']): Record<string, string> {
  return {
    ...(proxy.https === undefined ? {} : { https_proxy: proxy.https }),
    ...(proxy.http === undefined ? {} : { http_proxy: proxy.http }),
    ...(proxy.none === undefined ? {} : { no_proxy: proxy.none }),
  }
}

function numbered(settings: readonly (readonly [string, string])[]): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length) }
  for (const [index, [key, value]] of settings.entries()) {
    variables[`GIT_CONFIG_KEY_${index}`] = key
    variables[`GIT_CONFIG_VALUE_${index}`] = value
  }
  return variables
}
