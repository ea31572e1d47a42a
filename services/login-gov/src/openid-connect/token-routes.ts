// The two endpoints that relying services call themselves: token and userinfo (fact sheet 3 and 4).

import { randomBytes } from 'node:crypto'
import type { Audit } from '@gatehouse/audit/audit'
import { epochSeconds } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { SigningKeys } from '@gatehouse/provider/keys/signing-keys'
import type { Sessions } from '@gatehouse/provider/sessions/sessions'
import type { FastifyError } from 'fastify'
import type { Client, Clients } from '../clients/client.ts'
import { readAcrValues } from './assurance-levels.ts'
import { userInfoClaims } from './claims.ts'
import type { Grant, Grants } from './grants.ts'
import { signIdToken } from './id-token.ts'
import { TOKEN_TEXTS, USERINFO_TEXTS } from './messages.ts'
import { readScopes } from './scopes.ts'
import type { Subjects } from './subjects.ts'
import type { TokenParameters, TokenRules } from './token-request.ts'

export interface TokenRouteParts {
  issuer: string
  rules: TokenRules
  grants: Grants
  subjects: Subjects
  accounts: Accounts
  clients: Clients
  sessions: Sessions
  keys: SigningKeys
  digestCode: (code: string) => string
  digestToken: (token: string) => string
  /** The address that the person chose to share with this client. */
  sharedEmail: (accountId: string, clientId: string) => Promise<string | undefined>
  /** Whether `auth_time` is told. */
  tellsAuthTime: boolean
  audit: Audit
}

const FIELDS = ['grant_type', 'code', 'client_assertion_type', 'client_assertion', 'code_verifier'] as const

export function addTokenRoutes(app: App, parts: TokenRouteParts): void {
  const { rules, grants, accounts, clients, sessions, digestCode, digestToken, audit } = parts

  async function claimsOf(grant: Grant, client: Client) {
    const account = await accounts.find(grant.accountId)
    // Whoever was suspended or is gone, although a code or token was given out in that very moment.
    if (!account || account.isSuspended) return undefined
    return userInfoClaims({
      issuer: parts.issuer,
      subject: await parts.subjects.of(grant.accountId, client.agencyId),
      account,
      client,
      assurance: readAcrValues(grant.acrValues),
      // What was dropped when the person came is not in there any more.
      scopes: readScopes(grant.scope, true),
      locale: grant.locale,
      sharedEmail: await parts.sharedEmail(grant.accountId, client.clientId),
      certificate: grant.certificate,
      authTime: parts.tellsAuthTime ? grant.authenticatedAt : undefined,
    })
  }

  app.register(async (scope) => {
    // A body that cannot be read is a request without parameters: this endpoint has one form of error only.
    scope.setErrorHandler<FastifyError>(async (error, request, reply) => {
      if ((error.statusCode ?? 500) >= 500 || error.statusCode === 413) throw error
      request.log.info({ reason: error.code }, 'token request that cannot be read')
      const { problems } = await rules.check({})
      return reply.code(400).send({ error: problems.join(' ') })
    })

    scope.options('/api/openid_connect/token', async (_request, reply) => reply.code(200).send())

    scope.post('/api/openid_connect/token', { config: { csrf: false } }, async (request, reply) => {
      const checked = await rules.check(readParameters(request.body))
      if (!('grant' in checked)) return refuse(checked.problems)
      const { grant, client, code } = checked
      const accessToken = randomBytes(16).toString('base64url')
      const claims = await claimsOf(grant, client)
      if (!claims) return refuse([TOKEN_TEXTS.invalidCode])
      const session = await sessions.ofSignIn(grant.signInId)
      const expiresAt = Math.max(epochSeconds(), Math.floor((session?.expiresAt ?? 0) / 1000))
      const { primary: key } = parts.keys
      const { nonce } = grant
      const idToken = await signIdToken({
        key,
        clientId: client.clientId,
        nonce,
        claims,
        code,
        accessToken,
        expiresAt,
      })
      // Last of all: what failed up to here has cost the client nothing.
      if (!(await grants.redeem(digestCode(code), digestToken(accessToken))))
        return refuse([TOKEN_TEXTS.invalidCode])
      await audit.record({
        event: 'code.redeemed',
        outcome: 'success',
        actor: client.clientId,
        subject: grant.accountId,
        requestId: request.id,
      })
      return {
        access_token: accessToken,
        token_type: 'Bearer',
        expires_in: expiresAt - epochSeconds(),
        id_token: idToken,
      }

      function refuse(problems: string[]) {
        return reply.code(400).send({ error: problems.join(' ') })
      }
    })
  })

  app.get('/api/openid_connect/userinfo', async (request, reply) => {
    const header = request.headers.authorization
    if (header === undefined) return reply.code(401).send({ error: USERINFO_TEXTS.noHeader })
    const [word, token] = header.split(' ').filter(Boolean)
    if (word !== 'Bearer' || !token) return reply.code(401).send({ error: USERINFO_TEXTS.malformedHeader })
    const grant = await grants.findByToken(digestToken(token))
    const client = grant && clients.find(grant.clientId)
    const session = grant && (await sessions.ofSignIn(grant.signInId))
    const claims = client && session && (await claimsOf(grant, client))
    return claims ?? reply.code(401).send({ error: USERINFO_TEXTS.unknownToken })
  })
}

function readParameters(body: unknown): TokenParameters {
  const given = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  return Object.fromEntries(
    FIELDS.filter((name) => typeof given[name] === 'string').map((name) => [name, given[name]]),
  )
}
