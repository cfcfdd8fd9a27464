import type { Http } from '../../net/http.ts'
import type { Site } from '../site.ts'

/** What the calls need; `http` is for LFS, `endpoint` the origin of pages and git. */
export interface GitCodeSite extends Site {
  /** Address of V5, without a slash at the end. */
  readonly api: string
  /** For V5, at its pace and with its credentials. */
  readonly v5: Http
  /** The name the token belongs to; asked once. Throws `unauthorized`. */
  readonly login: () => Promise<string>
}
