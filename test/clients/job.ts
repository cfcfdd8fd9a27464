import type { Checks } from './checks.ts'
import type { Tools } from './setup.ts'
import type { HubAddress, StandIns } from './stand-ins.ts'

export type HubName = 'huggingface' | 'modelscope'
export type Kind = 'model' | 'dataset'

/** What a group of checks works with. */
export interface Job {
  readonly checks: Checks
  readonly tools: Tools
  readonly hubs: StandIns
  /** The environment of the official clients. */
  readonly env: NodeJS.ProcessEnv
}

/** With the token inside, as the hubs' own documentation writes it: these are throw-away repos on loopback. */
export function gitUrl(hub: HubName, address: HubAddress, kind: Kind, name: string): string {
  const url = new URL(
    `${kind === 'dataset' ? '/datasets' : ''}/${address.username}/${name}.git`,
    address.endpoint,
  )
  url.username = hub === 'modelscope' ? 'oauth2' : address.username
  url.password = address.token
  return url.href
}
