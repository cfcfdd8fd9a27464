import { isRecord } from '../core/server.ts'
import { type Account, accountOf } from '../core/store.ts'
import type { Hub } from './hub.ts'
import { codes, failed, type JsonAnswer, ok, openFailed, openOk } from './wire.ts'

/** `GET /openapi/v1/users/me`. */
export function whoAmI(account: Account | undefined): JsonAnswer {
  if (!account) return openFailed(401, 'InvalidAuthentication', 'invalid or missing access token')
  const { username } = account
  return openOk({ username, email: emailOf(account), nickname: username, avatar: '' })
}

/** `POST /api/v1/login`: tokens that only read are refused though they are valid. The session is the token itself. */
export function login(hub: Hub, body: unknown): JsonAnswer {
  const token = isRecord(body) && typeof body.AccessToken === 'string' ? body.AccessToken : undefined
  const account = accountOf(hub.store, token)
  if (!account || account.role === 'read')
    return failed(400, codes.loginFailed, '登录失败，AccessToken错误，请检查后重试')
  const data = { AccessToken: account.token, Username: account.username, Email: emailOf(account) }
  const headers = { 'set-cookie': `m_session_id=${account.token}; Path=/; Max-Age=2592000; HttpOnly` }
  return { ...ok(data), headers }
}

function emailOf({ username }: Account): string {
  return `${username}@example.invalid`
}
