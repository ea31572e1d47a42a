// The rules of the token endpoint (fact sheet 4 and 6). A request that is refused leaves code and refresh token as good
// as they were, but for the second use of either.

import { createHash, timingSafeEqual } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import { type Client, type ClientPolicy, type Clients, GRANT_TYPES } from '../clients/client.ts'
import { policyIn } from './authorize-request.ts'
import { authenticateClient } from './client-authentication.ts'
import { OAuthError } from './errors.ts'
import type { Grant, Grants } from './grants.ts'
import { readScope } from './policies.ts'

export const TOKEN_FIELDS = [
  'grant_type',
  'code',
  'refresh_token',
  'redirect_uri',
  'client_id',
  'client_secret',
  'code_verifier',
  'scope',
] as const
export type TokenParameters = Partial<Record<(typeof TOKEN_FIELDS)[number], string>>

/** A request that may be answered, once `digest` is spent. */
export interface CheckedTokenRequest {
  by: 'code' | 'refresh'
  digest: string
  grant: Grant
  client: Client
  asked: ClientPolicy
  account: Account
}

export interface TokenRules {
  /** @throws OAuthError */
  check(parameters: TokenParameters, authorization: string | undefined): Promise<CheckedTokenRequest>
}

export interface TokenRuleParts {
  clients: Clients
  grants: Grants
  accounts: Accounts
  digests: { secret(text: string): string; code(text: string): string; refresh(text: string): string }
}

export function createTokenRules({ clients, grants, accounts, digests }: TokenRuleParts): TokenRules {
  async function grantOfCode(parameters: TokenParameters, client: Client) {
    const code = required(parameters, 'code')
    const redirectUri = required(parameters, 'redirect_uri')
    const digest = digests.code(code)
    const grant = await grants.findByCode(digest)
    // A client is told nothing about the codes of another.
    if (!grant || grant.clientId !== client.clientId) throw refused('code')
    if (grant.codeIsUsed) await grants.revoke(grant.id)
    if (grant.codeIsUsed || grant.isRevoked || now() >= grant.codeExpiresAt) throw refused('code')
    if (redirectUri !== grant.redirectUri)
      throw new OAuthError('invalid_redirect_uri', 'redirect_uri is not the one of the authorization request')
    if (!isProof(grant.codeChallenge, parameters.code_verifier))
      throw new OAuthError('invalid_grant', 'code_verifier does not match code_challenge')
    return { by: 'code' as const, digest, grant }
  }

  async function grantOfRefreshToken(parameters: TokenParameters, client: Client) {
    const digest = digests.refresh(required(parameters, 'refresh_token'))
    const found = await grants.findByToken('refresh', digest)
    if (!found || found.grant.clientId !== client.clientId) throw refused('refresh_token')
    if (found.isUsed) {
      // RFC 9700 §4.14.2: one of the two who used it is not the client.
      await grants.revoke(found.grant.id)
      throw refused('refresh_token')
    }
    const granted = readScope(found.grant.scope).values
    const isLess = readScope(parameters.scope ?? '').values.every((value) => granted.includes(value))
    if (!isLess) throw new OAuthError('invalid_scope', 'scope is more than what was granted')
    return { by: 'refresh' as const, digest, grant: found.grant }
  }

  return {
    async check(parameters, authorization) {
      const client = authenticateClient(authorization, parameters, clients, digests.secret)
      const name = required(parameters, 'grant_type')
      const grantType = GRANT_TYPES.find((type) => type === name)
      if (!grantType) throw new OAuthError('invalid_request', 'grant_type is not supported')
      if (!client.grantTypes.includes(grantType))
        throw new OAuthError('unauthorized_client', 'this client may not use this grant_type')
      const found = await (grantType === 'authorization_code'
        ? grantOfCode(parameters, client)
        : grantOfRefreshToken(parameters, client))
      // The policy may have been taken from the client meanwhile, and the account may be gone.
      const asked = policyIn(found.grant.scope, client)
      const account = await accounts.find(found.grant.accountId)
      if (!account || account.isSuspended)
        throw new OAuthError('invalid_resource_owner', 'the account is closed')
      return { ...found, client, asked, account }
    },
  }
}

function required(parameters: TokenParameters, name: keyof TokenParameters): string {
  const value = parameters[name]
  if (!value) throw new OAuthError('invalid_request', `${name} is missing`)
  return value
}

/** Unknown, used, expired and revoked look the same from outside. */
export function refused(name: 'code' | 'refresh_token'): OAuthError {
  return new OAuthError('invalid_grant', `${name} is not valid, has expired or was used`)
}

/** RFC 7636 §4.6, S256. A verifier without a challenge is refused as well (RFC 9700 §2.1.1). */
function isProof(challenge: string | undefined, verifier: string | undefined): boolean {
  if (challenge === undefined || verifier === undefined) return challenge === verifier
  const expected = Buffer.from(challenge)
  const given = Buffer.from(createHash('sha256').update(verifier).digest('base64url'))
  return expected.length === given.length && timingSafeEqual(expected, given)
}
