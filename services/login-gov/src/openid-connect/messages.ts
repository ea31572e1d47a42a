// What the wire says when a request is not valid (fact sheet 2.6, 3, 4 and 5). English is literal; relying services see
// it. Spanish is our own, the fact sheet has none. Programs are answered in English only.

import type { Lang } from '@gatehouse/pages/site'

const DOCS = 'https://developers.login.gov'
const en = (page: string) => `Please see our documentation at ${DOCS}/${page}`
const es = (page: string) => `Consulte nuestra documentación en ${DOCS}/${page}`

export const PARAMETER_TEXTS = {
  en: {
    blank: 'Please fill in this field.',
    too_short: 'is too short (minimum is 22 characters)',
    inclusion: 'is not included in the list',
    no_valid_acr_values: `No acceptable acr_values found. ${en('support/#oidc-no-acr-values')}`,
    missing_ial: `Missing a valid IAL level. ${en('support/#oidc-missing-ial')}`,
    no_auth: `The acr_values are not authorized. ${en('support/#oidc-missing-acr-values')}`,
    bad_client_id: `Bad client_id. ${en('support/#bad-client-id')}`,
    no_valid_scope: `No valid scope values found. ${en('support/#oidc-no-scope')}`,
    prompt_invalid: `No valid prompt values found. ${en('support/#oidc-no-prompt')}`,
    unauthorized_scope: `Unauthorized scope. ${en('support/#oidc-unauthorized-scope')}`,
    verified_within_format: 'Unrecognized format for verified_within',
    verified_within_duration: 'value must be at least 30 days or older',
    redirect_uri_invalid: `redirect_uri is invalid. ${en('support/#oidc-invalid-redirect')}`,
    redirect_uri_no_match: `redirect_uri does not match registered redirect_uri. ${en('support/#oidc-redirect-match')}`,
    id_token_hint: 'id_token_hint was not recognized',
    client_id_not_recognized: `client_id was not recognized. ${en('support/#client-id-not-recognized')}`,
    no_client: `This application is misconfigured and must send either client_id or id_token_hint. ${en('oidc/logout/')}`,
    client_id_missing: 'client_id is missing',
    id_token_hint_present: `This application is misconfigured and should not be sending id_token_hint. Please send client_id instead. ${en('support/#id-token-hint')}`,
  },
  es: {
    blank: 'Por favor, rellene este campo.',
    too_short: 'es demasiado corto (el mínimo es de 22 caracteres)',
    inclusion: 'no está incluido en la lista',
    no_valid_acr_values: `No se encontraron acr_values aceptables. ${es('support/#oidc-no-acr-values')}`,
    missing_ial: `Falta un nivel IAL válido. ${es('support/#oidc-missing-ial')}`,
    no_auth: `Los acr_values no están autorizados. ${es('support/#oidc-missing-acr-values')}`,
    bad_client_id: `client_id incorrecto. ${es('support/#bad-client-id')}`,
    no_valid_scope: `No se encontraron valores de scope válidos. ${es('support/#oidc-no-scope')}`,
    prompt_invalid: `No se encontraron valores de prompt válidos. ${es('support/#oidc-no-prompt')}`,
    unauthorized_scope: `Scope no autorizado. ${es('support/#oidc-unauthorized-scope')}`,
    verified_within_format: 'Formato no reconocido de verified_within',
    verified_within_duration: 'el valor debe ser de 30 días o más',
    redirect_uri_invalid: `redirect_uri no es válido. ${es('support/#oidc-invalid-redirect')}`,
    redirect_uri_no_match: `redirect_uri no coincide con ningún redirect_uri registrado. ${es('support/#oidc-redirect-match')}`,
    id_token_hint: 'id_token_hint no fue reconocido',
    client_id_not_recognized: `client_id no fue reconocido. ${es('support/#client-id-not-recognized')}`,
    no_client: `Esta aplicación está mal configurada y debe enviar client_id o id_token_hint. ${es('oidc/logout/')}`,
    client_id_missing: 'falta client_id',
    id_token_hint_present: `Esta aplicación está mal configurada y no debe enviar id_token_hint. Envíe client_id en su lugar. ${es('support/#id-token-hint')}`,
  },
} as const

/** How the wire writes parameter names at the front of a message: humanised, without `_id` at the end. */
const ATTRIBUTES = {
  acr_values: 'Acr values ',
  client_id: 'Client ',
  redirect_uri: 'Redirect uri ',
  post_logout_redirect_uri: 'Post logout redirect uri ',
  response_type: 'Response type ',
  code_challenge_method: 'Code challenge method ',
  id_token_hint: 'Id token hint ',
  prompt: 'Prompt ',
  verified_within: 'Verified within ',
  scope: 'Scope ',
  state: 'State ',
  nonce: 'Nonce ',
  base: '',
} as const

/** A rule that a parameter breaks. */
export interface ParameterError {
  attribute: keyof typeof ATTRIBUTES
  message: keyof (typeof PARAMETER_TEXTS)['en']
}

export function fullMessage({ attribute, message }: ParameterError, lang: Lang): string {
  return ATTRIBUTES[attribute] + PARAMETER_TEXTS[lang][message]
}

const NOT_IN_LIST = 'is not included in the list'

/** What the token endpoint says (fact sheet 3). */
export const TOKEN_TEXTS = {
  grantType: `Grant type ${NOT_IN_LIST}`,
  assertionType: `Client assertion type ${NOT_IN_LIST}`,
  invalidCode: `Code is invalid because doesn’t match any user. ${en('support/#invalid-code')}`,
  expiredCode: `Code is expired. ${en('support/#token-expired')}`,
  noAuthentication: `Code Client must authenticate via PKCE or private_key_jwt, missing either code_challenge or client_assertion. ${en('support/#pkce-or-private-key')}`,
  verifier: `Code verifier code_verifier did not match code_challenge. ${en('support/#invalid-code-verifier')}`,
} as const

/** What is wrong with a client assertion; `Client assertion` goes in front. The short ones are those of the real service's JWT library. */
export const ASSERTION_TEXTS = {
  noKey: `Could not validate assertion against any registered public keys. ${en('support/#invalid-token-signature')}`,
  iat: `iat must be an integer or floating point Unix timestamp representing a time in the past. ${en('support/#invalid-iat')}`,
  missing: 'Nil JSON web token',
  segments: 'Not enough or too many segments',
  encoding: 'Invalid segment encoding',
  algorithm: 'Expected a different algorithm',
  signature: 'Signature verification failed',
  expired: 'Signature has expired',
  notYet: 'Signature nbf has not been reached',
} as const

export const audienceText = (tokenEndpoint: string) =>
  `Invalid audience claim, expected ${tokenEndpoint}. ${en('support/#invalid-aud-claim')}`
export const issuerText = (clientId: string, received: string) =>
  `Invalid issuer. Expected ["${clientId}"], received ${received}`
export const subjectText = (clientId: string, received: string) =>
  `Invalid subject. Expected ${clientId}, received ${received}`

/** What userinfo says (fact sheet 4). */
export const USERINFO_TEXTS = {
  noHeader: `No Authorization header provided. ${en('support/#no-auth-header')}`,
  malformedHeader: `Malformed Authorization header. ${en('support/#malformed-auth-header')}`,
  unknownToken: `Could not find authorization for the contents of the provided access_token or it may have expired. ${en('support/#auth-header-contents-not-found')}`,
} as const
