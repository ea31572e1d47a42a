// The operator's token: whoever has it administers a service, such as its register of relying services.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { secretFile } from '@gatehouse/storage/secrets'
import type { onRequestAsyncHookHandler } from 'fastify'
import { Refusal } from './refusal.ts'

/**
 * The token that is configured, or the one made at first start and kept in `DATA_DIR/<service>/operator-token`, mode
 * 0600.
 */
export function operatorToken(
  service: string,
  configuration: { OPERATOR_TOKEN?: string; DATA_DIR: string },
): string {
  return (
    configuration.OPERATOR_TOKEN ??
    secretFile(`${configuration.DATA_DIR}/${service}/operator-token`, () =>
      randomBytes(32).toString('base64url'),
    )
  )
}

/**
 * A hook that lets a request pass only with the operator's token as its Bearer token (RFC 6750 §2.1).
 *
 * @throws Refusal `invalid_token` (401)
 */
export function operatorOnly(token: string): onRequestAsyncHookHandler {
  const expected = digest(`Bearer ${token}`)
  return async (request) => {
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) return
    throw new Refusal('invalid_token', undefined, {}, { 'www-authenticate': 'Bearer realm="gatehouse"' })
  }
}

/** Of one length, whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
