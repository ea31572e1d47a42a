// The rules for a logout that a relying service starts, in the order in which the wire reports them (fact sheet 5).

import type { SigningKeys } from '@gatehouse/provider/keys/signing-keys'
import { compactVerify, decodeProtectedHeader } from 'jose'
import type { Client, Clients } from '../clients/client.ts'
import { isRegistered, normalRedirectUri } from '../clients/redirect-uri.ts'
import { SHORTEST_RANDOM_VALUE } from './authorize-request.ts'
import type { Grants } from './grants.ts'
import type { ParameterError } from './messages.ts'
import type { Subjects } from './subjects.ts'

const PARAMETERS = ['client_id', 'id_token_hint', 'post_logout_redirect_uri', 'state'] as const
export type LogoutParameters = Partial<Record<(typeof PARAMETERS)[number], string>>

export type CheckedLogoutRequest =
  | { isValid: false; errors: ParameterError[] }
  | {
      isValid: true
      client: Client
      redirectUri: string
      state: string | undefined
      /** Whose id_token was given as a hint. */
      hintedAccountId: string | undefined
    }

export interface LogoutRules {
  check(parameters: LogoutParameters): Promise<CheckedLogoutRequest>
}

/** @param given a query, or the fields of a form; of a parameter given twice the last one counts */
export function readLogoutParameters(given: URLSearchParams): LogoutParameters {
  return Object.fromEntries(
    PARAMETERS.filter((name) => given.has(name)).map((name) => [name, given.getAll(name).at(-1)]),
  )
}

export function createLogoutRules(parts: {
  clients: Clients
  keys: SigningKeys
  subjects: Subjects
  grants: Grants
  /** Only `client_id` says who asks; a hint is an error. */
  rejectsHint: boolean
}): LogoutRules {
  const { clients, keys, subjects, grants, rejectsHint } = parts

  /** Whom the hint is about, if we signed it for a client that still knows the person. Its expiry does not matter. */
  async function readHint(hint: string) {
    try {
      const key = keys.find(decodeProtectedHeader(hint).kid ?? '')
      if (!key) return undefined
      const { payload } = await compactVerify(hint, key.publicKey, { algorithms: ['RS256'] })
      const { sub, aud } = JSON.parse(new TextDecoder().decode(payload))
      const client = clients.find(String(aud))
      const accountId = client && (await subjects.find(String(sub), client.agencyId))
      return accountId && (await grants.has(accountId, client.clientId)) ? { client, accountId } : undefined
    } catch {
      // Whatever is wrong with it, it is no token of ours.
      return undefined
    }
  }

  return {
    async check({
      client_id: clientId,
      id_token_hint: hint,
      post_logout_redirect_uri: redirectUri = '',
      state,
    }) {
      const hinted = hint && !rejectsHint ? await readHint(hint) : undefined
      const client = hinted?.client ?? clients.find(clientId ?? '')
      const errors: ParameterError[] = []
      const report = (attribute: ParameterError['attribute'], message: ParameterError['message']) =>
        errors.push({ attribute, message })

      if (redirectUri === '' || normalRedirectUri(redirectUri) === undefined) {
        report('redirect_uri', 'redirect_uri_invalid')
      } else if (client && !isRegistered(redirectUri, client.redirectUris)) {
        report('redirect_uri', 'redirect_uri_no_match')
      }
      if (rejectsHint && !clientId) report('client_id', 'client_id_missing')
      if (rejectsHint && hint) report('id_token_hint', 'id_token_hint_present')
      if (redirectUri.trim() === '') report('post_logout_redirect_uri', 'blank')
      if (state !== undefined && state.length < SHORTEST_RANDOM_VALUE) report('state', 'too_short')
      if (!rejectsHint && !clientId && !hint) report('base', 'no_client')
      if (!rejectsHint && !clientId && !hinted) report('id_token_hint', 'id_token_hint')
      if (clientId && !client) report('client_id', 'client_id_not_recognized')

      if (errors.length > 0 || !client) return { isValid: false, errors }
      return { isValid: true, client, redirectUri, state, hintedAccountId: hinted?.accountId }
    },
  }
}
