/** What a user can do where a hub does not know the caller, or is not reached: whole sentences, for `next`. */
export interface HubAdvice {
  readonly token: string
  readonly endpoint: string
}
