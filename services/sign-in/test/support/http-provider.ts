import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { epochSeconds } from '@gatehouse/clock/clock'
import { CompactEncrypt, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT, UnsecuredJWT } from 'jose'

export const SECRET = 'client-secret-of-this-test-0123456789'

type Answer = { status?: number; type?: string; body: string; headers?: Record<string, string> }

/** Signs as the provider does, unless a test wants it done wrong. */
type Signer = (claims: Record<string, unknown>) => Promise<string> | string

/** What the provider says and does; a test changes what it wants. */
interface Behaviour {
  /** The person: claims of userinfo, or of the ID token where there is no userinfo. */
  person: Record<string, unknown>
  /** Replaces members of the ID token; undefined leaves one out. */
  idToken: Record<string, unknown>
  signIdToken: Signer
  /** Replaces members of a userinfo token. */
  userinfo: Record<string, unknown>
  signUserInfo: Signer
  encrypt: (token: string) => Promise<string> | string
  /** Answers in place of the endpoint. */
  tokenAnswer: Answer | undefined
  /** Replaces members of the token response. */
  tokenMembers: Record<string, unknown>
  userinfoAnswer: Answer | undefined
  /** Members of the answer in the browser; undefined leaves one out. */
  answer: Record<string, string | undefined>
}

interface Options {
  userinfo: 'json' | 'jwt' | 'jwe' | 'none'
  person: Record<string, unknown>
  /** What its ID token has beside the standard claims. */
  idToken?: Record<string, unknown>
  /** Replaces members of the metadata; undefined leaves one out. */
  metadata?: Record<string, unknown>
  /** Of the encryption to the client. */
  clientEncryptionKey?: JWK
}

const [own, foreign] = await Promise.all([
  generateKeyPair('RS256', { extractable: true }),
  generateKeyPair('RS256'),
])
const jwk = { ...(await exportJWK(own.publicKey)), kid: 'provider', alg: 'RS256', use: 'sig' }

export const properly: Signer = (claims) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'provider' }).sign(own.privateKey)
export const byAnUnknownKey: Signer = (claims) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'provider' }).sign(foreign.privateKey)
export const byAKeyNotInTheSet: Signer = (claims) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'another' }).sign(foreign.privateKey)
export const byTheClientSecret: Signer = (claims) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(SECRET))
/** RS256 turned into HS256 with the public key as its secret (RFC 8725 §2.1). */
export const byThePublicKeyAsASecret: Signer = (claims) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', kid: 'provider' })
    .sign(new TextEncoder().encode(String(jwk.n)))
export const notAtAll: Signer = (claims) => new UnsecuredJWT(claims).encode()
export const thenChanged: Signer = async (claims) => {
  const [header, , signature] = (await properly(claims)).split('.')
  const payload = Buffer.from(JSON.stringify({ ...claims, jti: 'changed' })).toString('base64url')
  return `${header}.${payload}.${signature}`
}

export const encryptedTo = async (key: JWK, token: string) =>
  new CompactEncrypt(new TextEncoder().encode(token))
    .setProtectedHeader({ alg: 'RSA-OAEP', enc: 'A256CBC-HS512', cty: 'JWT' })
    .encrypt(await importJWK({ kty: key.kty, n: key.n, e: key.e } as JWK, 'RSA-OAEP'))

const CLIENT_ID = 'gatehouse'

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function send(
  response: ServerResponse,
  { status = 200, type = 'application/json', body, headers = {} }: Answer,
) {
  response.writeHead(status, { 'content-type': type, ...headers }).end(body)
}

/** A conforming identity provider on a port of its own, which does what a test asks of it; `close()` when done. */
export async function startProvider(options: Options) {
  const healthy = (): Behaviour => ({
    person: structuredClone(options.person),
    idToken: {},
    signIdToken: properly,
    userinfo: {},
    signUserInfo: properly,
    encrypt: (token) => encryptedTo(options.clientEncryptionKey as JWK, token),
    tokenAnswer: undefined,
    tokenMembers: {},
    userinfoAnswer: undefined,
    answer: {},
  })
  const behaviour = healthy()
  const requests = new Map<string, URLSearchParams>()
  const tokenRequests: { authorization: string | undefined; body: URLSearchParams }[] = []
  const handedOut: string[] = []
  const unused = new Set<string>()
  let issuer = ''

  const base = () => ({ iss: issuer, aud: CLIENT_ID, iat: epochSeconds(), exp: epochSeconds() + 300 })

  async function token(request: IncomingMessage): Promise<Answer> {
    const body = new URLSearchParams(await bodyOf(request))
    tokenRequests.push({ authorization: request.headers.authorization, body })
    const asked = requests.get(body.get('code') ?? '')
    requests.delete(body.get('code') ?? '')
    if (behaviour.tokenAnswer) return behaviour.tokenAnswer
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url')
    if (!asked || challenge !== asked.get('code_challenge')) {
      return { status: 400, body: JSON.stringify({ error: 'invalid_grant' }) }
    }
    const person = options.userinfo === 'none' ? behaviour.person : { sub: behaviour.person.sub }
    const claims = { ...options.idToken, ...person }
    const idToken = await behaviour.signIdToken(
      JSON.parse(JSON.stringify({ ...base(), nonce: asked.get('nonce'), ...claims, ...behaviour.idToken })),
    )
    const accessToken = createHash('sha256')
      .update(`${issuer} ${handedOut.length}`)
      .digest('hex')
      .slice(0, 32)
    unused.add(accessToken)
    handedOut.push(accessToken, idToken)
    return {
      body: JSON.stringify({
        access_token: accessToken,
        token_type: 'bearer',
        expires_in: 300,
        id_token: idToken,
        ...behaviour.tokenMembers,
      }),
    }
  }

  async function userinfo(request: IncomingMessage): Promise<Answer> {
    const [, accessToken = ''] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? []
    // Single use, as at ID.me (facts: id-me §4).
    const isLive = unused.delete(accessToken)
    if (behaviour.userinfoAnswer) return behaviour.userinfoAnswer
    if (!isLive) return { status: 401, body: JSON.stringify({ error: 'invalid_token' }) }
    const claims = JSON.parse(JSON.stringify({ ...behaviour.person, ...behaviour.userinfo }))
    if (options.userinfo === 'json') return { body: JSON.stringify(claims) }
    const signed = await behaviour.signUserInfo(
      JSON.parse(JSON.stringify({ ...base(), ...behaviour.person, ...behaviour.userinfo })),
    )
    if (options.userinfo === 'jwt') return { type: 'application/jwt', body: signed }
    // A JSON string that holds the token, as the VA gets it (facts: id-me §5).
    return { body: JSON.stringify(await behaviour.encrypt(signed)) }
  }

  const server = createServer((request, response) => {
    const routes: Record<string, () => Promise<Answer> | Answer> = {
      '/oidc/.well-known/openid-configuration': () => ({
        body: JSON.stringify({
          issuer,
          authorization_endpoint: new URL('/oauth/authorize', issuer).href,
          token_endpoint: new URL('/oauth/token', issuer).href,
          ...(options.userinfo === 'none' ? {} : { userinfo_endpoint: new URL('/userinfo', issuer).href }),
          jwks_uri: `${issuer}/.well-known/jwks`,
          id_token_signing_alg_values_supported: ['RS256'],
          userinfo_signing_alg_values_supported: ['RS256', 'ES256'],
          ...options.metadata,
        }),
      }),
      '/oidc/.well-known/jwks': () => ({ body: JSON.stringify({ keys: [jwk] }) }),
      '/oauth/token': () => token(request),
      '/userinfo': () => userinfo(request),
    }
    const path = String(request.url).split('?')[0] ?? ''
    Promise.resolve(routes[path]?.() ?? { status: 404, body: '{}' })
      .then((answer) => send(response, answer))
      .catch((error) => send(response, { status: 500, type: 'text/plain', body: String(error) }))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  issuer = `${origin}/oidc`

  return {
    issuer,
    origin,
    clientId: CLIENT_ID,
    behaviour,
    tokenRequests,
    handedOut,
    /** Back to what a conforming provider does. */
    heal: () => Object.assign(behaviour, healthy()),
    /** The person authenticated: the query that comes back for an authorization request. */
    authenticate(authorizationUrl: string): string {
      const asked = new URL(authorizationUrl).searchParams
      const code = createHash('sha256').update(authorizationUrl).digest('hex').slice(0, 32)
      requests.set(code, asked)
      handedOut.push(code)
      const answer = { code, state: asked.get('state') ?? '', ...behaviour.answer }
      return new URLSearchParams(JSON.parse(JSON.stringify(answer))).toString()
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

export type HttpProvider = Awaited<ReturnType<typeof startProvider>>
