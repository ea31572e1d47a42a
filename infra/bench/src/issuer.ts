import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { epochSeconds } from '@gatehouse/clock/clock'
import { createScriptedStream, type ScriptedStream } from '@gatehouse/revocations/scripted-stream'
import { CBSV_AUDIENCE, serviceAudience } from '@gatehouse/tokens/access-token'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** What the gateway needs of sign-in, and nothing else: a key set, tokens of its own, and a stream on which nobody is revoked. */
export interface Issuer {
  url: string
  /** Access tokens of as many different sign-ins. */
  accessTokens(count: number): Promise<string[]>
  close(): Promise<void>
}

/**
 * Listens on loopback until closed.
 *
 * @param stream answers what is asked about revocations; unless given nobody is ever revoked
 */
export async function startIssuer(
  stream: Pick<ScriptedStream, 'answer' | 'close'> = createScriptedStream(),
): Promise<Issuer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256', use: 'sig' }] }
  const sign = (claims: Record<string, unknown>) =>
    new SignJWT({ iss: url, iat: epochSeconds(), exp: epochSeconds() + 300, jti: randomUUID(), ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'bench', typ: 'at+jwt' })
      .sign(privateKey)

  const server = createServer(async (request, response) => {
    if (stream.answer(request, response)) return
    request.resume()
    const body =
      request.url === '/jwks'
        ? jwks
        : {
            access_token: await sign({
              sub: 'gateway',
              client_id: 'gateway',
              aud: serviceAudience('cbsv'),
              scope: 'cbsv.forward',
            }),
            token_type: 'Bearer',
            expires_in: 300,
          }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`

  return {
    url,
    accessTokens: (count) =>
      Promise.all(
        Array.from({ length: count }, () =>
          sign({
            sub: randomBytes(24).toString('base64url'),
            client_id: 'bso',
            aud: CBSV_AUDIENCE,
            scope: 'cbsv.verify',
            sid: randomUUID(),
            acr: 'http://idmanagement.gov/ns/assurance/ial/2',
            amr: ['mfa'],
            auth_time: epochSeconds(),
            idp: 'login.gov',
            bso_user_id: 'MARIA7K2',
            ein: '960001012',
          }),
        ),
      ),
    close() {
      stream.close()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
