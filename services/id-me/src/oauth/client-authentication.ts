// How a client shows at the token endpoint who it is: client_secret_basic or client_secret_post (RFC 6749 §2.3.1).

import { timingSafeEqual } from 'node:crypto'
import type { Client, Clients } from '../clients/client.ts'
import { OAuthError } from './errors.ts'

export interface PresentedCredentials {
  clientId: string | undefined
  secret: string | undefined
}

/**
 * @param authorization the header
 * @param body the parameters of the body
 * @throws OAuthError unless it is an active client with its own secret
 */
export function authenticateClient(
  authorization: string | undefined,
  body: { client_id?: string; client_secret?: string },
  clients: Clients,
  digest: (secret: string) => string,
): Client {
  const { clientId, secret } = presented(authorization, body)
  if (clientId === undefined) throw new OAuthError('invalid_request', 'client_id is missing')
  const client = clients.find(clientId)
  // Digested in any case, so that the time taken does not tell who is registered.
  const given = Buffer.from(digest(secret ?? ''))
  const expected = Buffer.from(client?.secretDigest ?? digest('no client'))
  const matches = given.length === expected.length && timingSafeEqual(given, expected)
  if (!client?.active || secret === undefined || !matches)
    throw new OAuthError('invalid_client', 'client_id or client_secret is not right')
  return client
}

function presented(
  authorization: string | undefined,
  body: { client_id?: string; client_secret?: string },
): PresentedCredentials {
  if (authorization === undefined) return { clientId: body.client_id, secret: body.client_secret }
  const basic = basicCredentials(authorization)
  if (!basic)
    throw new OAuthError('invalid_client', 'the Authorization header is not one of client_secret_basic')
  // RFC 6749 §2.3: one way of authenticating at a time.
  if (body.client_secret !== undefined)
    throw new OAuthError('invalid_request', 'the client authenticates in two ways')
  if (body.client_id !== undefined && body.client_id !== basic.clientId)
    throw new OAuthError('invalid_request', 'client_id is not that of the Authorization header')
  return basic
}

function basicCredentials(header: string): PresentedCredentials | undefined {
  const [, encoded] = /^basic +([\w+/-]+={0,2})$/i.exec(header) ?? []
  if (!encoded) return undefined
  const [, id, secret] = /^([^:]*):([\s\S]*)$/.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
  try {
    return id === undefined || secret === undefined
      ? undefined
      : { clientId: formDecoded(id), secret: formDecoded(secret) }
  } catch {
    // A percent sign that encodes nothing.
    return undefined
  }
}

/** RFC 6749 §2.3.1: both are form encoded before they are put together. */
function formDecoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}
