import type { Profile } from '../model/profile.ts'
import type { Http } from '../net/http.ts'

/** What the calls of a hub need. */
export interface Site {
  /** The hub's id in the configuration. */
  readonly id: string
  /** Origin, without a trailing slash. */
  readonly endpoint: string
  readonly profile: Profile
  readonly http: Http
}
