// What the wire says when a request is not valid (fact sheet 2.6 and 5). English is literal; relying services see it.
// Spanish is our own where the fact sheet has none.

import type { Lang } from '@gatehouse/pages/site'

const DOCS = 'https://developers.login.gov'
const en = (page: string) => `Please see our documentation at ${DOCS}/${page}`
const es = (page: string) => `Consulte nuestra documentación en ${DOCS}/${page}`

const texts = {
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
    redirect_uri_invalid: `redirect_uri is invalid. ${en('support/#oidc-invalid-redirect')}`,
    redirect_uri_no_match: `redirect_uri does not match registered redirect_uri. ${en('support/#oidc-redirect-match')}`,
    id_token_hint: 'id_token_hint was not recognized',
    client_id_not_recognized: `client_id was not recognized. ${en('support/#client-id-not-recognized')}`,
    no_client: `This application is misconfigured and must send either client_id or id_token_hint. ${en('oidc/logout/')}`,
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
    redirect_uri_invalid: `redirect_uri no es válido. ${es('support/#oidc-invalid-redirect')}`,
    redirect_uri_no_match: `redirect_uri no coincide con ningún redirect_uri registrado. ${es('support/#oidc-redirect-match')}`,
    id_token_hint: 'id_token_hint no fue reconocido',
    client_id_not_recognized: `client_id no fue reconocido. ${es('support/#client-id-not-recognized')}`,
    no_client: `Esta aplicación está mal configurada y debe enviar client_id o id_token_hint. ${es('oidc/logout/')}`,
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
  scope: 'Scope ',
  state: 'State ',
  nonce: 'Nonce ',
  base: '',
} as const

/** A rule that a parameter breaks. */
export interface ParameterError {
  attribute: keyof typeof ATTRIBUTES
  message: keyof (typeof texts)['en']
}

export function fullMessage({ attribute, message }: ParameterError, lang: Lang): string {
  return ATTRIBUTES[attribute] + texts[lang][message]
}
