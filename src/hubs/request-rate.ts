import type { HubSettings } from '../config/rule.ts'
import { isLoopbackHost } from '../net/address.ts'

/** Requests a second: what the hub bears, or less where the configuration says so. A hub on this machine is nobody's shared service. */
export function requestRate({ endpoint, rateLimit }: HubSettings, borne: number): number {
  const most = isLoopbackHost(new URL(endpoint).hostname) ? 1000 : borne
  return Math.min(rateLimit ?? Number.POSITIVE_INFINITY, most)
}
