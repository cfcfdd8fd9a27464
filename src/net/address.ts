import ipaddr from 'ipaddr.js'

/** How far an address reaches; `other` (link-local, multicast, reserved, tunnels) is never a hub's storage. */
export type Reach = 'public' | 'private' | 'loopback' | 'other'

/** The reach of an IP address in text form; `other` if it is none. Ranges: IANA special-purpose registries, as ipaddr.js has them. */
export function reachOf(address: string): Reach {
  if (!ipaddr.isValid(address)) return 'other'
  const parsed = ipaddr.process(address)
  const range = parsed.range()
  if (range === 'unicast') return 'public'
  if (range === 'loopback') return 'loopback'
  if (range === 'private' || range === 'uniqueLocal' || range === 'carrierGradeNat') return 'private'
  // NAT64 (RFC 6052): the last four bytes are the IPv4 address that is really reached.
  if (range === 'rfc6052') return reachOf(parsed.toByteArray().slice(-4).join('.'))
  return 'other'
}

/** True for `localhost`, names below it (RFC 6761) and loopback addresses. `host` as URL.hostname has it. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || reachOf(bareHost(host)) === 'loopback'
}

/** URL.hostname without the brackets of an IPv6 address. */
export function bareHost(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}

/**
 * Whether an address of a host that an answer named may be reached, given the reach of the hub's own endpoint: nothing may lead
 * from a public hub into the network this runs in (SSRF), nor from a private one to this machine.
 */
export function mayReach(address: string, hub: Reach): boolean {
  const reach = reachOf(address)
  if (reach === 'public') return true
  if (reach === 'private') return hub === 'private' || hub === 'loopback'
  return reach === 'loopback' && hub === 'loopback'
}
