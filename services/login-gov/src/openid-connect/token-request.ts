// The rules of the token endpoint, in the order in which the wire reports them (fact sheet 3).

import { createHash, timingSafeEqual } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Client, Clients } from '../clients/client.ts'
import { assertionProblems } from './client-assertion.ts'
import type { Grant, Grants } from './grants.ts'
import { TOKEN_TEXTS } from './messages.ts'

export interface TokenParameters {
  grant_type?: string
  code?: string
  client_assertion_type?: string
  client_assertion?: string
  code_verifier?: string
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export type CheckedTokenRequest =
  | { problems: string[] }
  | { problems: []; grant: Grant; client: Client; code: string }

export interface TokenRules {
  /** Checks only: a request that fails leaves the code as good as it was. */
  check(parameters: TokenParameters): Promise<CheckedTokenRequest>
}

export function createTokenRules(parts: {
  grants: Grants
  clients: Clients
  digestCode: (code: string) => string
  tokenEndpoint: string
  /** Milliseconds from the moment the code was given out, whatever becomes of the browser session. */
  codeLifetimeMs: number
}): TokenRules {
  const { grants, clients, digestCode, tokenEndpoint, codeLifetimeMs } = parts
  return {
    async check(parameters) {
      const { code, code_verifier: verifier, client_assertion: assertion } = parameters
      const grant = code ? await grants.findByCode(digestCode(code)) : undefined
      const client = grant && clients.find(grant.clientId)
      // The client is known by the code alone; without one, either way of authenticating may have been meant.
      const mayUsePkce = client?.pkce !== false
      const mayUseAssertion = client?.pkce !== true
      const usesPkce = mayUsePkce && Boolean(verifier || grant?.codeChallenge)
      const usesAssertion = mayUseAssertion && Boolean(assertion || parameters.client_assertion_type)

      const problems: string[] = []
      if (parameters.grant_type !== 'authorization_code') problems.push(TOKEN_TEXTS.grantType)
      if (usesAssertion && parameters.client_assertion_type !== ASSERTION_TYPE) {
        problems.push(TOKEN_TEXTS.assertionType)
      }
      if (grant && now() >= grant.handedOffAt + codeLifetimeMs) {
        problems.push(TOKEN_TEXTS.expiredCode)
      }
      if (!grant || !client) problems.push(TOKEN_TEXTS.invalidCode)
      if (!usesPkce && !usesAssertion) problems.push(TOKEN_TEXTS.noAuthentication)
      if (usesPkce && !isVerifierOf(grant?.codeChallenge, verifier ?? '')) {
        problems.push(TOKEN_TEXTS.verifier)
      }
      if (usesAssertion && client) {
        const found = await assertionProblems(assertion, client, tokenEndpoint)
        problems.push(...found.map((problem) => `Client assertion ${problem}`))
      }
      if (problems.length > 0 || !grant || !client || !code) return { problems }
      return { problems: [], grant, client, code }
    },
  }
}

/** RFC 7636 §4.6, S256; padding at the end of the challenge does not count. */
function isVerifierOf(challenge: string | undefined, verifier: string): boolean {
  const expected = Buffer.from((challenge ?? '').replace(/=+$/, ''))
  const given = Buffer.from(createHash('sha256').update(verifier).digest('base64url'))
  return expected.length === given.length && timingSafeEqual(expected, given)
}
