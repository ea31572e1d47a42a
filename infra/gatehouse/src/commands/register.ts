import { type Command, CommandFailure, requiredText, text, UsageError, type Values } from '../command.ts'
import { findSuite, suiteHelp, suiteOptions } from '../running-suite.ts'

const METHODS = ['client_secret_basic', 'private_key_jwt', 'none']

export const register: Command = {
  summary: 'register a relying service',
  help: `npm run gatehouse -- register --name NAME --redirect-uri URI [options]

Registers a relying service (RFC 7591), so that it can sign people in with OpenID Connect, and prints
its client_id and client_secret.

  --name NAME                       what people read on the sign-in pages
  --redirect-uri URI                where they come back; may be repeated
  --post-logout-redirect-uri URI    where they come after signing out; may be repeated
  --scope SCOPE                     default openid profile; bso adds User ID and EIN, cbsv.verify opens CBSV
  --provider IDP                    which provider its people may choose, such as my-ssa; may be repeated
                                    (default: all that are offered to all)
  --auth METHOD                     ${METHODS.join(', ')} (default ${METHODS[0]})
  --jwks-uri URI                    where its public keys are, for private_key_jwt
${suiteHelp}`,
  options: {
    name: { type: 'string' },
    'redirect-uri': { type: 'string', multiple: true },
    'post-logout-redirect-uri': { type: 'string', multiple: true },
    scope: { type: 'string' },
    provider: { type: 'string', multiple: true },
    auth: { type: 'string' },
    'jwks-uri': { type: 'string' },
    ...suiteOptions,
  },
  async run(values) {
    const metadata = metadataOf(values)
    const suite = await findSuite(values)
    const response = await fetch(`${suite.urls['sign-in']}/registration`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await suite.operatorToken()}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(metadata),
    })
    const answer = (await response.json().catch(() => ({}))) as Record<string, string | undefined>
    if (!response.ok) {
      throw new CommandFailure(
        `The registration was refused: ${answer.error_description ?? answer.error ?? response.status}`,
      )
    }
    const { client_id, client_secret } = answer
    const secret = client_secret
      ? `client_secret  ${client_secret}\n\nThe secret is not shown again.`
      : 'It has no secret.'
    return {
      json: answer,
      words: `issuer         ${suite.urls['sign-in']}\nclient_id      ${client_id}\n${secret}`,
    }
  },
}

/** Client metadata as RFC 7591 §2 names it. */
function metadataOf(values: Values): Record<string, unknown> {
  const method = text(values, 'auth') ?? (METHODS[0] as string)
  if (!METHODS.includes(method)) throw new UsageError(`--auth takes one of: ${METHODS.join(', ')}`)
  const jwksUri = text(values, 'jwks-uri')
  if (method === 'private_key_jwt' && !jwksUri)
    throw new UsageError('--jwks-uri is needed for private_key_jwt')
  const redirectUris = addresses(values, 'redirect-uri')
  if (redirectUris.length === 0) throw new UsageError('--redirect-uri is needed')
  const postLogoutRedirectUris = addresses(values, 'post-logout-redirect-uri')
  const providers = [values.provider ?? []].flat()
  return {
    client_name: requiredText(values, 'name'),
    redirect_uris: redirectUris,
    ...(postLogoutRedirectUris.length > 0 ? { post_logout_redirect_uris: postLogoutRedirectUris } : {}),
    scope: text(values, 'scope') ?? 'openid profile',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: method,
    ...(providers.length > 0 ? { identity_providers: providers } : {}),
    ...(method === 'private_key_jwt' ? { jwks_uri: jwksUri } : {}),
  }
}

/** @throws UsageError when one of them is no absolute address */
function addresses(values: Values, option: string): string[] {
  const given = [values[option] ?? []].flat().map(String)
  if (!given.every((address) => URL.canParse(address))) {
    throw new UsageError(`--${option} takes an absolute address, such as https://shop.example/callback`)
  }
  return given
}
