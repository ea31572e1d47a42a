import { CLIENT, REDIRECT_URI } from '../support/login-gov.ts'
import { NO_MATCH, NO_URI } from './authorize.ts'
import { DOCS, type Row } from './row.ts'

export interface LogoutRow extends Row {
  with: Record<string, string>
  errors: string[]
  /** The service takes client_id only. */
  strict?: true
  prefix?: string
}

const BLANK = 'Please fill in this field.'
const SHORT = 'is too short (minimum is 22 characters)'
const NO_CLIENT =
  'This application is misconfigured and must send either client_id or id_token_hint. Please see our documentation at https://developers.login.gov/oidc/logout/'
const BAD_HINT = 'Id token hint id_token_hint was not recognized'
const BAD_CLIENT = `Client client_id was not recognized. ${DOCS}#client-id-not-recognized`
const NO_HINT = `Id token hint This application is misconfigured and should not be sending id_token_hint. Please send client_id instead. ${DOCS}#id-token-hint`
const uri = { post_logout_redirect_uri: REDIRECT_URI }
const known = { client_id: CLIENT, ...uri }

export const logoutRows: LogoutRow[] = [
  { fact: '5', when: 'neither client_id nor hint is given', with: uri, errors: [NO_CLIENT, BAD_HINT] },
  {
    fact: '5',
    when: 'nothing is given',
    with: {},
    errors: [NO_URI, `Post logout redirect uri ${BLANK}`, NO_CLIENT, BAD_HINT],
  },
  {
    fact: '5',
    when: 'the hint is none of ours',
    with: { ...uri, id_token_hint: 'a.b.c' },
    errors: [BAD_HINT],
  },
  { fact: '5', when: 'the hint is no token', with: { ...uri, id_token_hint: 'x' }, errors: [BAD_HINT] },
  {
    fact: '5',
    when: 'the client is unknown',
    with: { ...uri, client_id: 'urn:nobody' },
    errors: [BAD_CLIENT],
  },
  {
    fact: '5',
    when: 'the URI is not registered',
    with: { ...known, post_logout_redirect_uri: 'http://evil.example/' },
    errors: [NO_MATCH],
  },
  {
    fact: '5',
    when: 'the URI has a slash more',
    with: { ...known, post_logout_redirect_uri: `${REDIRECT_URI}/` },
    errors: [NO_MATCH],
  },
  {
    fact: '5',
    when: 'the URI is no URI',
    with: { ...known, post_logout_redirect_uri: 'a b' },
    errors: [NO_URI],
  },
  {
    fact: '5',
    when: 'the URI is missing',
    with: { client_id: CLIENT },
    errors: [NO_URI, `Post logout redirect uri ${BLANK}`],
  },
  {
    fact: '5',
    when: 'state has 21 characters',
    with: { ...known, state: 'a'.repeat(21) },
    errors: [`State ${SHORT}`],
  },
  { fact: '5', when: 'state is there but empty', with: { ...known, state: '' }, errors: [`State ${SHORT}`] },
  {
    fact: '5',
    when: 'URI and state are wrong, in the order of the rules',
    with: { client_id: CLIENT, post_logout_redirect_uri: 'http://evil.example/', state: 'x' },
    errors: [NO_MATCH, `State ${SHORT}`],
  },
  {
    fact: '5',
    when: 'only client_id may be sent, and a hint is',
    with: { ...known, id_token_hint: 'x' },
    errors: [NO_HINT],
    strict: true,
  },
  {
    fact: '5',
    when: 'only client_id may be sent, and nothing is',
    with: uri,
    errors: ['Client client_id is missing'],
    strict: true,
  },
  {
    fact: '5',
    when: 'the language is Spanish',
    with: { ...uri, client_id: 'urn:nobody' },
    prefix: '/es',
    errors: [
      'Client client_id no fue reconocido. Consulte nuestra documentación en https://developers.login.gov/support/#client-id-not-recognized',
    ],
  },
]

export interface UserInfoRow extends Row {
  authorization?: string
  error: string
}

const MALFORMED = `Malformed Authorization header. ${DOCS}#malformed-auth-header`
const UNKNOWN = `Could not find authorization for the contents of the provided access_token or it may have expired. ${DOCS}#auth-header-contents-not-found`

export const userInfoRows: UserInfoRow[] = [
  { fact: '4', when: 'no header is sent', error: `No Authorization header provided. ${DOCS}#no-auth-header` },
  { fact: '4', when: 'the header is empty', authorization: '', error: MALFORMED },
  { fact: '4', when: 'the scheme is another', authorization: 'Basic YTpi', error: MALFORMED },
  { fact: '4', when: 'the scheme is in lower case', authorization: 'bearer abc', error: MALFORMED },
  { fact: '4', when: 'the token is empty', authorization: 'Bearer ', error: MALFORMED },
  { fact: '4', when: 'there is a token only', authorization: 'abcdefghijklmnopqrstuv', error: MALFORMED },
  { fact: '4', when: 'the token is unknown', authorization: 'Bearer abcdefghijklmnopqrstuv', error: UNKNOWN },
]
