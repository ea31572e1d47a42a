// What the forms of relying services send, and what it says.

import { PublicKeys, type RelyingServiceMetadata } from '@gatehouse/contracts/relying-services'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { type Errors, orderErrors, orderFormFields } from '../console/order-fields.ts'

const lines = Type.Optional(Type.String({ maxLength: 20_000 }))

export const RegistrationForm = Type.Object(
  {
    name: Type.String({ maxLength: 400 }),
    redirectUris: Type.String({ maxLength: 20_000 }),
    postLogoutRedirectUris: lines,
    scope: Type.Optional(Type.String({ maxLength: 1000 })),
    authentication: Type.Union([
      Type.Literal('client_secret_basic'),
      Type.Literal('private_key_jwt'),
      Type.Literal('none'),
    ]),
    keys: lines,
    backChannelLogoutUri: Type.Optional(Type.String({ maxLength: 2048 })),
    ...orderFormFields,
  },
  { additionalProperties: false },
)
export type RegistrationForm = Static<typeof RegistrationForm>

export const KeysForm = Type.Object({ keys: lines, ...orderFormFields }, { additionalProperties: false })

type Keys = { jwks: Static<typeof PublicKeys> } | { jwks_uri: string }

/** A JWK Set, or the address of one; undefined where it is neither. */
export function keysFrom(text = ''): Keys | undefined {
  const given = text.trim()
  if (/^https?:\/\/\S+$/.test(given)) return { jwks_uri: given }
  try {
    const jwks: unknown = JSON.parse(given)
    return Value.Check(PublicKeys, jwks) ? { jwks } : undefined
  } catch {
    return undefined
  }
}

export const KEYS_RULE = 'Enter a JWK Set with public keys, or the https address where it is fetched'

const linesOf = (text = '') =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)

const keysOf = ({ authentication, keys }: RegistrationForm): Keys | undefined =>
  authentication === 'private_key_jwt' ? keysFrom(keys) : undefined

/** What can be seen to be wrong here; what sign-in has to say about it comes back from there. */
export function registrationErrors(form: RegistrationForm): Errors {
  const name = form.name.trim()
  const redirectUris = linesOf(form.redirectUris)
  return {
    ...(name === '' || name.length > 200 ? { name: 'Enter a name of at most 200 characters' } : {}),
    ...(redirectUris.length === 0 || redirectUris.length > 50
      ? { redirectUris: 'Enter a redirect address, or up to 50' }
      : {}),
    ...(form.authentication === 'private_key_jwt' && !keysOf(form) ? { keys: KEYS_RULE } : {}),
    ...orderErrors(form),
  }
}

/** What is registered, of a form without errors. */
export function metadataOf(form: RegistrationForm): RelyingServiceMetadata {
  const postLogout = linesOf(form.postLogoutRedirectUris)
  const scope = form.scope?.trim()
  const logout = form.backChannelLogoutUri?.trim()
  return {
    client_name: form.name.trim(),
    redirect_uris: linesOf(form.redirectUris),
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: form.authentication,
    ...(postLogout.length > 0 ? { post_logout_redirect_uris: postLogout } : {}),
    ...(scope ? { scope } : {}),
    ...keysOf(form),
    ...(logout ? { backchannel_logout_uri: logout, backchannel_logout_session_required: true } : {}),
  }
}
