import type { HubSettings } from '../src/config/rule.ts'
import { hubTypeSchema } from '../src/config/schema.ts'
import { gitProfile } from '../src/hubs/git/profile.ts'
import { gitcodeProfile } from '../src/hubs/gitcode/profile.ts'
import { githubProfile } from '../src/hubs/github/profile.ts'
import { huggingFaceProfile } from '../src/hubs/huggingface/profile.ts'
import { modelersProfile } from '../src/hubs/modelers/profile.ts'
import { modelScopeProfile } from '../src/hubs/modelscope/profile.ts'
import type { HubType, Profile } from '../src/model/profile.ts'
import { localProfile } from '../src/repos/local-profile.ts'

/** Every type of hub there is, and the local folder. */
export const endTypes = [...hubTypeSchema.options, 'dir'] as const
export type EndType = (typeof endTypes)[number]

const profiles: Readonly<Record<HubType, (settings: HubSettings) => Profile>> = {
  huggingface: huggingFaceProfile,
  modelscope: modelScopeProfile,
  modelers: modelersProfile,
  gitcode: gitcodeProfile,
  github: githubProfile,
  git: gitProfile,
}

/** Where the hub of a type is in the table: at addresses that nobody has. */
export function endpointOf(type: HubType): string {
  return `https://${type}.invalid`
}

/** Id of the hub of a type in the table's rules; a host of git has none of its own. */
export function hubIdOf(type: EndType): string {
  return type === 'git' ? 'forge' : type
}

/** What is known of a type of hub as data. */
export function profileOf(type: EndType): Profile {
  return type === 'dir' ? { ...localProfile, type } : profiles[type](settingsOf(type))
}

function settingsOf(type: HubType): HubSettings {
  return {
    id: hubIdOf(type),
    type,
    endpoint: endpointOf(type),
    token: undefined,
    tokenVariable: '',
    username: undefined,
    rateLimit: undefined,
    concurrency: undefined,
    ca: undefined,
    insecureHttp: false,
    licenses: undefined,
  }
}
