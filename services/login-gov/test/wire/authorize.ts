import {
  AUTH_ONLY,
  KEYLESS,
  NONCE,
  OTHER_REDIRECT_URI,
  PRIVILEGED,
  REDIRECT_URI,
  SAME_AGENCY,
} from '../support/login-gov.ts'
import { ACR, DOCS, NS, type Row } from './row.ts'

export type Changes = Record<string, string | undefined>

export interface AuthorizeRow extends Row {
  /** What differs from a request that is right. */
  with: Changes
  /** All messages, in their order; none for a request that passes. */
  errors: string[]
  /** Path prefix for the language. */
  prefix?: string
  /** The service is configured to be as strict as it can be. */
  strict?: true
}

const BLANK = 'Please fill in this field.'
const SHORT = 'is too short (minimum is 22 characters)'
const NOT_LISTED = 'is not included in the list'
const NO_AUTH = `Acr values The acr_values are not authorized. ${DOCS}#oidc-missing-acr-values`
const NO_ACR = `Acr values No acceptable acr_values found. ${DOCS}#oidc-no-acr-values`
const NO_IAL = `Acr values Missing a valid IAL level. ${DOCS}#oidc-missing-ial`
const NO_SCOPE = `Scope No valid scope values found. ${DOCS}#oidc-no-scope`
const UNAUTHORIZED = `Scope Unauthorized scope. ${DOCS}#oidc-unauthorized-scope`
const NO_PROMPT = `Prompt No valid prompt values found. ${DOCS}#oidc-no-prompt`
const BAD_CLIENT = `Client Bad client_id. ${DOCS}#bad-client-id`
export const NO_MATCH = `Redirect uri redirect_uri does not match registered redirect_uri. ${DOCS}#oidc-redirect-match`
export const NO_URI = `Redirect uri redirect_uri is invalid. ${DOCS}#oidc-invalid-redirect`
const FORMAT = 'Verified within Unrecognized format for verified_within'
const DURATION = 'Verified within value must be at least 30 days or older'

const authOnly = {
  client_id: AUTH_ONLY,
  redirect_uri: 'http://localhost:4200/callback',
  acr_values: `${ACR}:auth-only`,
}
const privileged = { client_id: PRIVILEGED, redirect_uri: 'http://localhost:4400/callback' }
const keyless = {
  client_id: KEYLESS,
  redirect_uri: 'http://localhost:4500/callback',
  acr_values: `${ACR}:auth-only`,
}

const row = (fact: string, when: string, changes: Changes, ...errors: string[]): AuthorizeRow => ({
  fact,
  when,
  with: changes,
  errors,
})
const strictly = (given: AuthorizeRow): AuthorizeRow => ({ ...given, strict: true })
const inSpanish = (given: AuthorizeRow): AuthorizeRow => ({ ...given, prefix: '/es' })

/** Errors that go back to the relying service. */
export const delivered: AuthorizeRow[] = [
  row('2.1', 'acr_values is missing', { acr_values: undefined }, `Acr values ${BLANK}`, NO_ACR),
  row('2.1', 'acr_values is empty', { acr_values: '' }, `Acr values ${BLANK}`, NO_ACR),
  row(
    '0',
    'only vtr says the level',
    { acr_values: undefined, vtr: '["C1"]' },
    `Acr values ${BLANK}`,
    NO_ACR,
  ),
  row('2.3', 'acr_values are all unknown', { acr_values: `${ACR}:nothing` }, `Acr values ${BLANK}`, NO_ACR),
  row('2.3', 'aal/1 is dropped', { acr_values: `${NS}/aal/1` }, `Acr values ${BLANK}`, NO_ACR),
  row('2.3', 'acr_values has no service level', { acr_values: `${NS}/aal/2` }, NO_IAL),
  row('2.3', 'acr_values is the strict level alone', { acr_values: `${NS}/ial/2?strict=true` }, NO_IAL),
  row('2.3', 'an IAL1 client asks for proofing', { ...authOnly, acr_values: `${ACR}:verified` }, NO_AUTH),
  row(
    '2.3',
    'an IAL1 client asks for proofing by loa/3',
    { ...authOnly, acr_values: `${NS}/loa/3` },
    NO_AUTH,
  ),
  row(
    '2.3',
    'an IAL1 client asks for a face match',
    { ...authOnly, acr_values: `${NS}/ial/2?bio=preferred` },
    NO_AUTH,
  ),
  row('2.3', 'ialmax is asked for off the allow-list', { acr_values: `${NS}/ial/0` }, NO_AUTH),
  strictly(
    row(
      '2.3',
      'face match is not available',
      { acr_values: `${ACR}:verified-facial-match-required` },
      NO_AUTH,
    ),
  ),
  strictly(
    row(
      '2.3',
      'face match is not available even where preferred',
      { acr_values: `${NS}/ial/2?bio=preferred` },
      NO_AUTH,
    ),
  ),
  row('2.1', 'scope is missing', { scope: undefined }, `Scope ${BLANK}`, NO_SCOPE),
  row('2.1', 'scope is empty', { scope: '' }, `Scope ${BLANK}`, NO_SCOPE),
  row('2.1', 'scopes are all unknown', { scope: 'groups offline_access' }, `Scope ${BLANK}`, NO_SCOPE),
  row(
    '2.2',
    'every scope is above the level asked for',
    { acr_values: `${ACR}:auth-only`, scope: 'profile address' },
    `Scope ${BLANK}`,
    NO_SCOPE,
  ),
  row(
    '2.2',
    'a mixture is judged by its URN, for scopes too',
    { acr_values: `${ACR}:auth-only ${NS}/ial/2`, scope: 'social_security_number' },
    `Scope ${BLANK}`,
    NO_SCOPE,
  ),
  strictly(
    row(
      '2.2',
      'a scope above the level is not dropped but refused',
      { acr_values: `${ACR}:auth-only`, scope: 'email profile' },
      UNAUTHORIZED,
    ),
  ),
  strictly(
    row(
      '2.2',
      'an unknown scope is not dropped but refused',
      { acr_values: `${ACR}:auth-only`, scope: 'email groups' },
      UNAUTHORIZED,
    ),
  ),
  strictly(
    row(
      '2.2',
      'verified_at is refused to an IAL1 client',
      { ...authOnly, scope: 'profile:verified_at' },
      UNAUTHORIZED,
    ),
  ),
  row('2.1', 'state is missing', { state: undefined }, `State ${BLANK}`, `State ${SHORT}`),
  row('2.1', 'state has 21 characters', { state: 'a'.repeat(21) }, `State ${SHORT}`),
  row('2.1', 'state is blanks', { state: ' '.repeat(30) }, `State ${BLANK}`),
  row('2.1', 'nonce is missing', { nonce: undefined }, `Nonce ${BLANK}`, `Nonce ${SHORT}`),
  row('2.1', 'nonce has 21 characters', { nonce: 'a'.repeat(21) }, `Nonce ${SHORT}`),
  row('2.1', 'response_type is token', { response_type: 'token' }, `Response type ${NOT_LISTED}`),
  row('2.1', 'response_type is hybrid', { response_type: 'code id_token' }, `Response type ${NOT_LISTED}`),
  row('2.1', 'response_type is missing', { response_type: undefined }, `Response type ${NOT_LISTED}`),
  row('2.4', 'prompt is none', { prompt: 'none' }, `Prompt ${NOT_LISTED}`, NO_PROMPT),
  row('2.4', 'prompt is consent', { prompt: 'consent' }, `Prompt ${NOT_LISTED}`, NO_PROMPT),
  row('2.4', 'prompt is empty', { prompt: '' }, `Prompt ${BLANK}`, `Prompt ${NOT_LISTED}`, NO_PROMPT),
  row('2.4', 'prompt is two values', { prompt: 'login create' }, `Prompt ${NOT_LISTED}`, NO_PROMPT),
  row('2.4', 'prompt is create and the client may not', { prompt: 'create' }, NO_PROMPT),
  row('2.4', 'prompt is login and the client may not', { ...authOnly, prompt: 'login' }, NO_PROMPT),
  row(
    '2.1',
    'code_challenge_method is plain',
    { code_challenge: 'abc', code_challenge_method: 'plain' },
    `Code challenge method ${NOT_LISTED}`,
  ),
  row(
    '2.1',
    'code_challenge_method is in lower case',
    { code_challenge: 'abc', code_challenge_method: 's256' },
    `Code challenge method ${NOT_LISTED}`,
  ),
  row(
    '2.1',
    'code_challenge comes without a method',
    { code_challenge: 'abc' },
    `Code challenge method ${NOT_LISTED}`,
  ),
  row(
    '2.1',
    'code_challenge is there but empty',
    { code_challenge: '' },
    `Code challenge method ${NOT_LISTED}`,
  ),
  row('2.1', 'verified_within is 29 days', { ...privileged, verified_within: '29d' }, DURATION),
  row('2.1', 'verified_within is four weeks', { ...privileged, verified_within: '4w' }, DURATION),
  row('2.1', 'verified_within is nothing at all', { ...privileged, verified_within: '0y' }, DURATION),
  row('2.1', 'verified_within has no unit', { ...privileged, verified_within: '45' }, FORMAT),
  row('2.1', 'verified_within has an unknown unit', { ...privileged, verified_within: '45h' }, FORMAT),
  row('2.1', 'verified_within has a sign', { ...privileged, verified_within: '-45d' }, FORMAT),
  row(
    '2.6',
    'several things are wrong, in the order of the rules',
    {
      acr_values: undefined,
      state: undefined,
      response_type: 'token',
      prompt: '',
      code_challenge: 'x',
      scope: '',
    },
    `Acr values ${BLANK}`,
    `Scope ${BLANK}`,
    `State ${BLANK}`,
    `State ${SHORT}`,
    `Response type ${NOT_LISTED}`,
    `Prompt ${BLANK}`,
    `Prompt ${NOT_LISTED}`,
    `Code challenge method ${NOT_LISTED}`,
    NO_ACR,
    NO_SCOPE,
    NO_PROMPT,
  ),
  row(
    '2.6',
    'the custom checks follow in their order',
    { ...privileged, acr_values: `${NS}/aal/2`, prompt: 'none', verified_within: 'soon' },
    `Prompt ${NOT_LISTED}`,
    NO_IAL,
    NO_PROMPT,
    FORMAT,
  ),
  inSpanish(
    row(
      '2.6',
      'texts are localised',
      { response_type: 'token' },
      'Response type no está incluido en la lista',
    ),
  ),
  inSpanish(
    row(
      '2.6',
      'texts are localised, the address of the documentation stays',
      { acr_values: `${NS}/aal/2` },
      'Acr values Falta un nivel IAL válido. Consulte nuestra documentación en https://developers.login.gov/support/#oidc-missing-ial',
    ),
  ),
]

const uri = (when: string, redirect_uri: string): AuthorizeRow => row('2.5', when, { redirect_uri }, NO_MATCH)

/** Errors that only the person gets to see. */
export const listed: AuthorizeRow[] = [
  row('2.6', 'the client is unknown', { client_id: 'urn:nobody' }, BAD_CLIENT, NO_AUTH),
  row('2.6', 'client_id is missing', { client_id: undefined }, `Client ${BLANK}`, BAD_CLIENT, NO_AUTH),
  row('2.6', 'client_id is empty', { client_id: '' }, `Client ${BLANK}`, BAD_CLIENT, NO_AUTH),
  uri('redirect_uri is not registered', 'http://localhost:4000/elsewhere'),
  uri("redirect_uri is another client's", OTHER_REDIRECT_URI),
  uri('redirect_uri has a slash more', `${REDIRECT_URI}/`),
  uri('redirect_uri has a query more', `${REDIRECT_URI}?a=b`),
  uri('redirect_uri has an empty query more', `${REDIRECT_URI}?`),
  uri('redirect_uri has a fragment more', `${REDIRECT_URI}#a`),
  uri('redirect_uri is a beginning', 'http://localhost:4000/federation'),
  uri('redirect_uri goes up and down', 'http://localhost:4000/x/../federation/login-gov/callback'),
  uri('redirect_uri has a user name', REDIRECT_URI.replace('localhost', 'localhost@evil.example')),
  uri('redirect_uri is on another port', REDIRECT_URI.replace('4000', '4009')),
  uri('redirect_uri has another scheme', REDIRECT_URI.replace('http', 'https')),
  uri('redirect_uri differs in the case of its path', REDIRECT_URI.replace('federation', 'Federation')),
  row(
    '2.5',
    'redirect_uri lacks its query',
    { client_id: SAME_AGENCY, redirect_uri: 'http://localhost:4100/callback' },
    NO_MATCH,
  ),
  row('2.6', 'redirect_uri is no URI', { redirect_uri: 'http://local host/' }, NO_URI),
  row('2.6', 'redirect_uri is missing', { redirect_uri: undefined }, NO_URI, `Redirect uri ${BLANK}`),
  row('2.6', 'redirect_uri is empty', { redirect_uri: '' }, NO_URI, `Redirect uri ${BLANK}`),
  row(
    '2.6',
    'redirect_uri is wrong and so is the rest',
    { redirect_uri: 'http://evil.example/', nonce: undefined },
    NO_MATCH,
    `Nonce ${BLANK}`,
    `Nonce ${SHORT}`,
  ),
]

/** Requests that lead on to signing in. */
export const passing: AuthorizeRow[] = [
  row('2.1', 'openid is not among the scopes', { scope: 'email' }),
  row('2.1', 'unknown scopes and levels are there too', {
    scope: 'email groups',
    acr_values: `${ACR}:auth-only urn:made-up`,
  }),
  row('2.2', 'scopes of a proofed identity are asked for without one', {
    scope: 'email profile',
    acr_values: `${ACR}:auth-only`,
  }),
  row('2.3', 'the level is said by loa/1', { acr_values: `${NS}/loa/1` }),
  row('2.3', 'the level is said by loa/3', { acr_values: `${NS}/loa/3` }),
  row('2.3', 'the level is the strict one beside ial/2', {
    acr_values: `${NS}/ial/2 ${NS}/ial/2?strict=true`,
  }),
  row('2.3', 'levels of both kinds are mixed', {
    acr_values: `${NS}/ial/2 ${NS}/aal/2?phishing_resistant=true`,
  }),
  row('2.3', 'a face match is preferred', { acr_values: `${NS}/ial/2?bio=preferred` }),
  row('2.3', 'a face match is required', { acr_values: `${ACR}:verified-facial-match-required` }),
  row('2.3', 'ialmax is asked for on the allow-list', { ...privileged, acr_values: `${NS}/ial/0` }),
  row('2.3', 'an IAL1 client mixes auth-only with ial/2 and is judged by the URN', {
    ...authOnly,
    acr_values: `${ACR}:auth-only ${NS}/ial/2`,
  }),
  row('2.3', 'ialmax off the allow-list is mixed with auth-only and judged by the URN', {
    acr_values: `${ACR}:auth-only ${NS}/ial/0`,
  }),
  row('2.4', 'prompt is login and the client may', { prompt: 'login' }),
  row('2.4', 'prompt is select_account', { prompt: 'select_account' }),
  row('2.1', 'parameters that nobody reads are there', {
    max_age: '0',
    login_hint: 'a@example.com',
    response_mode: 'fragment',
    request: 'x',
    claims: '{',
    display: 'popup',
    ui_locales: 'de',
    id_token_hint: 'x',
    vtr: '["P1"]',
  }),
  row('2.1', 'verified_within is read of nobody off the allow-list', { verified_within: '1d' }),
  row('2.1', 'verified_within is 30 days', { ...privileged, verified_within: '30d' }),
  row('2.1', 'verified_within is five weeks', { ...privileged, verified_within: '5w' }),
  row('2.1', 'verified_within is a month', { ...privileged, verified_within: '1m' }),
  row('2.1', 'verified_within is a year', { ...privileged, verified_within: '1y' }),
  row('2.1', 'verified_within is empty', { ...privileged, verified_within: '' }),
  row('2.1', 'state and nonce have 22 characters', { state: 'a'.repeat(22), nonce: NONCE.slice(0, 22) }),
  row('2.1', 'a method comes without a challenge', { code_challenge_method: 'plain' }),
  row('2.1', 'a client for PKCE sends no challenge, and fails at token only', {
    client_id: SAME_AGENCY,
    redirect_uri: OTHER_REDIRECT_URI,
  }),
  row('2.1', 'a client without keys is known all the same', keyless),
  row('2.5', 'redirect_uri differs in the case of scheme and host', {
    redirect_uri: REDIRECT_URI.replace('http://localhost', 'HTTP://LocalHost'),
  }),
  row('2.5', "redirect_uri has an app's own scheme", { ...authOnly, redirect_uri: 'gov.gsa.app://result' }),
  strictly(
    row('2.2', 'every scope is within the level', {
      acr_values: `${ACR}:auth-only`,
      scope: 'openid email locale',
    }),
  ),
  strictly(
    row('2.2', 'a request for proofing may ask for all scopes and unknown ones', {
      scope: 'email profile groups',
    }),
  ),
]
