// For tests: an OpenID provider in the place of sign-in, as small as it can be, that is strict about what a client must
// prove.

import assert from 'node:assert/strict'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import formbody from '@fastify/formbody'
import { epochSeconds } from '@gatehouse/clock/clock'
import Fastify, { type FastifyReply } from 'fastify'
import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose'

interface Grant {
  nonce: string | null
  /** The refresh token that is good now. */
  refreshToken: string
  isEnded: boolean
}

interface Code {
  challenge: string
  redirectUri: string
  grant: Grant
}

interface Client {
  clientId: string
  /** What every token must be asked for; without it, no token may be. */
  resource?: string
  claims: JWTPayload & { sub: string }
}

export async function startStubSignIn({ clientId, resource, claims }: Client) {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const foreign = await generateKeyPair('ES256')
  const app = Fastify({ forceCloseConnections: true })
  await app.register(formbody)
  const codes = new Map<string, Code>()
  const grants: Grant[] = []
  const assertionIds = new Set<string>()

  const stub = {
    url: '',
    /** Who signs in. */
    claims: claims as JWTPayload,
    /** Overrides in the ID token; `undefined` takes a claim away. */
    idToken: {} as Record<string, unknown>,
    signedBy: 'own' as 'own' | 'foreign' | 'nobody',
    isDown: false,
    /** Makes access tokens, for a website that reads its own. */
    accessToken: async (): Promise<string> => `access.${randomUUID()}`,
    /** Called before a refresh is answered. */
    beforeRefresh: async () => {},
    clientKeys: undefined as JSONWebKeySet | undefined,
    tokensIssued: [] as string[],
    counts: { code: 0, refresh: 0, reused: 0, requests: 0 },
    /** Ends what was granted, as a revocation does. */
    endGrants: () => grants.forEach(end),
    /** What the authorization endpoint does once a person is done: the address it sends the browser to. */
    approve(authorization: URL): URL {
      const query = authorization.searchParams
      const grant = { nonce: query.get('nonce'), refreshToken: '', isEnded: false }
      grants.push(grant)
      const code = randomBytes(32).toString('base64url')
      const redirectUri = query.get('redirect_uri') ?? ''
      codes.set(code, { challenge: query.get('code_challenge') ?? '', redirectUri, grant })
      return answer(authorization, { code })
    },
    deny: (authorization: URL, error: string, description = '') =>
      answer(authorization, { error, error_description: description }),
    close: () => app.close(),
  }

  function end(grant: Grant) {
    grant.isEnded = true
  }

  function answer(authorization: URL, parameters: Record<string, string>): URL {
    const query = authorization.searchParams
    const url = new URL(query.get('redirect_uri') ?? '')
    for (const [name, value] of Object.entries({
      ...parameters,
      state: query.get('state') ?? '',
      iss: stub.url,
    }))
      url.searchParams.set(name, value)
    return url
  }

  app.addHook('onRequest', async (_request, reply) => {
    stub.counts.requests += 1
    if (stub.isDown) return reply.code(503).send({})
  })
  app.get('/.well-known/openid-configuration', async () => ({
    issuer: stub.url,
    authorization_endpoint: `${stub.url}/auth`,
    token_endpoint: `${stub.url}/token`,
    jwks_uri: `${stub.url}/jwks`,
    end_session_endpoint: `${stub.url}/session/end`,
    response_types_supported: ['code'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['ES256'],
    authorization_response_iss_parameter_supported: true,
  }))
  app.get('/jwks', async () => ({
    keys: [{ ...(await exportJWK(publicKey)), kid: 'signing', alg: 'ES256', use: 'sig' }],
  }))
  app.post<{ Body: Record<string, string> }>('/token', async (request, reply) => {
    const { body } = request
    await checkClient(body)
    assert.equal(body.resource, resource)
    return body.grant_type === 'refresh_token' ? refresh(body, reply) : redeem(body, reply)
  })

  /** private_key_jwt: RFC 7523 §3, with the issuer as its audience. */
  async function checkClient(body: Record<string, string>) {
    assert.equal(body.client_assertion_type, 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    assert.ok(stub.clientKeys, 'the stub knows the client')
    const { payload } = await jwtVerify(body.client_assertion ?? '', createLocalJWKSet(stub.clientKeys), {
      algorithms: ['ES256'],
      audience: stub.url,
      issuer: clientId,
      subject: clientId,
      requiredClaims: ['exp', 'jti'],
    })
    assert.ok(!assertionIds.has(String(payload.jti)), 'an assertion is used once')
    assertionIds.add(String(payload.jti))
  }

  async function redeem(body: Record<string, string>, reply: FastifyReply) {
    stub.counts.code += 1
    const code = codes.get(body.code ?? '')
    codes.delete(body.code ?? '')
    const challenge = createHash('sha256')
      .update(body.code_verifier ?? '')
      .digest('base64url')
    if (!code || code.challenge !== challenge || code.redirectUri !== body.redirect_uri)
      return reply.code(400).send({ error: 'invalid_grant' })
    return tokens(code.grant, code.grant.nonce)
  }

  async function refresh(body: Record<string, string>, reply: FastifyReply) {
    stub.counts.refresh += 1
    await stub.beforeRefresh()
    const token = body.refresh_token ?? ''
    const grant = grants.find(({ refreshToken }) => refreshToken === token)
    if (!grant && stub.tokensIssued.includes(token)) {
      stub.counts.reused += 1
      stub.endGrants()
    }
    if (!grant || grant.isEnded) return reply.code(400).send({ error: 'invalid_grant' })
    return tokens(grant, null)
  }

  async function tokens(grant: Grant, nonce: string | null) {
    grant.refreshToken = randomBytes(32).toString('base64url')
    const accessToken = await stub.accessToken()
    const idTokenClaims = {
      ...stub.claims,
      iss: stub.url,
      aud: clientId,
      iat: epochSeconds(),
      exp: epochSeconds() + 300,
      ...(nonce ? { nonce } : {}),
      ...stub.idToken,
    }
    const idToken = await sign(JSON.parse(JSON.stringify(idTokenClaims)))
    stub.tokensIssued.push(grant.refreshToken, accessToken, idToken)
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: 300,
      refresh_token: grant.refreshToken,
      id_token: idToken,
    }
  }

  async function sign(claims: JWTPayload): Promise<string> {
    if (stub.signedBy === 'nobody') {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
      return `${part({ alg: 'none' })}.${part(claims)}.`
    }
    const key = stub.signedBy === 'own' ? privateKey : foreign.privateKey
    return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'signing' }).sign(key)
  }

  stub.url = (await app.listen({ host: '127.0.0.1', port: 0 })).replace('127.0.0.1', 'localhost')
  return stub
}

export type StubSignIn = Awaited<ReturnType<typeof startStubSignIn>>
