/** What an address for people says: a repo (as `datasets/owner/name`), something wrong, or that it is no address at all. */
export type WebUrl =
  | { readonly kind: 'repo'; readonly hub: string; readonly rest: string }
  | { readonly kind: 'wrong'; readonly why: string }
  | { readonly kind: 'none' }

const types = ['models', 'datasets', 'spaces', 'studios']

/** Tabs of a repo's page, and views of its default branch: they name no other content than the repo itself. */
const harmless = [
  /^$/,
  /^(summary|files|discussions|community|settings|viewer|feedback|models|tree)$/,
  /^(tree|files)\/(main|master)$/,
]

/**
 * Reads an address of a repo's page, with or without `https://`: huggingface.co/owner/name, huggingface.co/datasets/owner/name,
 * modelscope.cn/models/owner/name, each with `/tree/main` and the like behind it. `hosts`: hub id by host.
 */
export function parseWebUrl(text: string, hosts: ReadonlyMap<string, string>): WebUrl {
  const [, scheme, address] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/is.exec(text) ?? []
  const [host = '', ...words] = (address ?? '').replace(/[?#].*$/s, '').split('/')
  const hub = hosts.get(host.toLowerCase())
  if (scheme === undefined) {
    if (hub === undefined || words.length === 0) return { kind: 'none' }
  } else {
    if (!/^https?:\/\/$/i.test(scheme)) return { kind: 'wrong', why: 'is no https address' }
    if (host.includes('@')) return { kind: 'wrong', why: 'an address may not hold a user name or token' }
    if (hub === undefined) {
      return {
        kind: 'wrong',
        why: `is no address of a known hub (known are ${[...hosts.keys()].join(', ')})`,
      }
    }
  }
  return repoOf(hub, words)
}

function repoOf(hub: string, words: readonly string[]): WebUrl {
  const typed = types.includes(words[0] ?? '')
  const [type, owner, name, ...tail] = typed ? words : [undefined, ...words]
  if (owner === undefined || owner === '') return { kind: 'wrong', why: 'is no address of a repo or owner' }
  if (!harmless.some((pattern) => pattern.test(tail.filter((word) => word !== '').join('/')))) {
    return {
      kind: 'wrong',
      why: 'points into a repo: leave out what follows the name, and name another revision by `revision`',
    }
  }
  const rest = [type, owner, name?.replace(/\.git$/, '')].filter((word) => word !== undefined && word !== '')
  return { kind: 'repo', hub, rest: rest.join('/') }
}
