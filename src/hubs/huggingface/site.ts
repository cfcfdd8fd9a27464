import type { Site } from '../site.ts'
import type { Account } from './errors.ts'

export interface HuggingFaceSite extends Site {
  readonly account: Account
}

/** Hugging Face's own site; everything else that speaks its API may speak only a part of it. */
export function isOwnSite(endpoint: string): boolean {
  return ['huggingface.co', 'www.huggingface.co', 'hf.co'].includes(new URL(endpoint).hostname)
}
