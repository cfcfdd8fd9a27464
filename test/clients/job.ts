import type { Checks } from './checks.ts'
import type { OfficialHosts } from './official-clients.ts'
import type { Tools } from './setup.ts'
import type { AllAddresses, HubAddress } from './stand-ins.ts'

/** Hubs with an official client that copies whole repos. */
export type HubName = 'huggingface' | 'modelscope' | 'modelers' | 'gitcode'
export type Kind = 'model' | 'dataset'

/** What a group of checks works with. */
export interface Job {
  readonly checks: Checks
  readonly tools: Tools
  /** Where a client of Modelers takes part, this one is `hosts.modelers`. */
  readonly hubs: AllAddresses
  /** Where the clients of Modelers and GitCode go. */
  readonly hosts: OfficialHosts
  /** The environment of git and of the clients of Hugging Face and ModelScope. */
  readonly env: NodeJS.ProcessEnv
}

/** With the token inside, as the hubs' own documentation writes it: these are throw-away repos on loopback. */
export function gitUrl(hub: keyof AllAddresses, address: HubAddress, kind: Kind, name: string): string {
  const isNamedByKind = hub === 'huggingface' || hub === 'modelscope'
  const folder = isNamedByKind && kind === 'dataset' ? '/datasets' : ''
  const url = new URL(`${folder}/${address.username}/${name}.git`, address.endpoint)
  url.username = hub === 'modelscope' ? 'oauth2' : address.username
  url.password = address.token
  return url.href
}
