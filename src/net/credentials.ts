import { hkdfSync } from 'node:crypto'
import type { CredentialRule, Purpose } from '../model/profile.ts'
import type { Secret } from '../model/secret.ts'

/** The one place that gives credentials: asked for every request and every redirect hop. */
export interface Credentials {
  /** Header lines (lower-case names) for this URL; empty where no rule covers it. */
  headersFor(url: URL, purpose: Purpose): Readonly<Record<string, string>>
}

/** Credentials of one hub. `rules` say where the token may go; no token gives none anywhere. `username` is used for `basic`. */
export function createCredentials(
  rules: readonly CredentialRule[],
  token: Secret | undefined,
  username: string | undefined,
): Credentials {
  return {
    headersFor(url, purpose) {
      if (token === undefined) return {}
      const rule = rules.find((candidate) => candidate.purposes.includes(purpose) && candidate.covers(url))
      return rule === undefined ? {} : headersOf(rule.form, token.reveal(), username ?? 'git')
    },
  }
}

function headersOf(form: CredentialRule['form'], token: string, username: string): Record<string, string> {
  switch (form) {
    case 'bearer':
      return { authorization: `Bearer ${token}` }
    case 'bearer+session':
      return { authorization: `Bearer ${token}`, cookie: `m_session_id=${token}` }
    case 'private-token':
      return { 'private-token': token }
    case 'basic':
      return { authorization: `Basic ${base64(`${username}:${token}`)}` }
  }
}

/**
 * Every text form of a secret that must be masked in logs: each line of it, base64, base64url, URL-encoded, and what `Basic`
 * sends with these user names. Nothing shorter than 8 characters: masking that would only garble the log.
 */
export function secretForms(secret: Secret, usernames: readonly string[] = []): readonly string[] {
  const whole = secret.reveal()
  const lines = whole.split(/\r?\n/).map((line) => line.trim())
  const texts = [...new Set([whole, ...lines])].filter((text) => text.length >= shortest)
  const forms = texts.flatMap((text) => [
    text,
    encodeURIComponent(text),
    base64(text),
    base64(text).replace(/=+$/, ''),
    Buffer.from(text).toString('base64url'),
    ...usernames.map((name) => base64(`${name}:${text}`)),
  ])
  return [...new Set(forms)].filter((form) => form.length >= shortest && !/[\r\n]/.test(form))
}

/**
 * A key (32 bytes) that only those have who have the same tokens, in any order: HKDF-SHA256 (RFC 5869) of all of them. `purpose`
 * keeps keys for different things apart. Tokens that GitHub mints for a single job (`ghs_`: "About authentication to GitHub",
 * token formats) are left out, since the next job has another. Undefined without any token.
 */
export function keyOfTokens(tokens: readonly Secret[], purpose: string, salt: Buffer): Buffer | undefined {
  const lasting = tokens.map((token) => token.reveal()).filter((token) => !token.startsWith('ghs_'))
  if (lasting.length === 0) return undefined
  const material = [...new Set(lasting)].sort().join('\n')
  return Buffer.from(hkdfSync('sha256', material, salt, `model-hub-sync ${purpose}`, 32))
}

const shortest = 8

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
