import { authorizeUrl, INACTIVE, PRIVILEGED, TOKEN_URL } from '../support/login-gov.ts'
import { ACR, type Row } from './row.ts'

export interface PathRow extends Row {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS'
  url: string
  status: number
  location?: string
  headers?: Record<string, string | undefined>
  title?: string
}

const unknown = (when: string, url: string, method: PathRow['method'] = 'GET'): PathRow => ({
  fact: '1',
  when,
  method,
  url,
  status: 404,
  headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
  title: url.startsWith('/es') ? 'Página no encontrada' : 'Page not found',
})
const privileged = { client_id: PRIVILEGED, redirect_uri: 'http://localhost:4400/callback' }
const inactive = {
  client_id: INACTIVE,
  redirect_uri: 'http://localhost:4300/callback',
  acr_values: `${ACR}:auth-only`,
}

export const paths: PathRow[] = [
  unknown('an unknown path is asked for', '/nowhere'),
  unknown('authorize is posted to', '/openid_connect/authorize', 'POST'),
  unknown('authorize is put to', '/openid_connect/authorize', 'PUT'),
  unknown('userinfo is posted to', '/api/openid_connect/userinfo', 'POST'),
  unknown('token is got', '/api/openid_connect/token'),
  unknown('the old token path is posted to', '/openid_connect/token', 'POST'),
  unknown('the old userinfo path is asked for', '/openid_connect/userinfo'),
  unknown('logout is put to', '/openid_connect/logout', 'PUT'),
  unknown('an API path has a language prefix', '/es/api/openid_connect/certs'),
  unknown('discovery has a language prefix', '/es/.well-known/openid-configuration'),
  unknown('the OAuth metadata is asked for', '/.well-known/oauth-authorization-server'),
  unknown('the Attempts API is off: its discovery', '/.well-known/ssf-configuration'),
  unknown('the Attempts API is off: its keys', '/api/attempts-certs'),
  unknown('the Attempts API is off: polling', '/api/attempts/poll', 'POST'),
  unknown('the Attempts API is off: its status', '/api/attempts/status'),
  unknown('SAML metadata is asked for', '/api/saml/metadata2026'),
  unknown('SAML sign-in is posted to', '/api/saml/auth2026', 'POST'),
  unknown('SAML logout is posted to', '/api/saml/logout2026', 'POST'),
  unknown('SAML remote logout is posted to', '/api/saml/remotelogout2026', 'POST'),
  {
    fact: '1',
    when: 'token answers OPTIONS with nothing',
    method: 'OPTIONS',
    url: new URL(TOKEN_URL).pathname,
    status: 200,
    headers: { 'content-length': '0', 'access-control-allow-origin': undefined },
  },
  {
    fact: '1',
    when: 'discovery may be kept for a week',
    url: '/.well-known/openid-configuration',
    status: 200,
    headers: { 'cache-control': 'max-age=604800, public', pragma: undefined },
  },
  {
    fact: '1',
    when: 'keys may be kept for a week',
    url: '/api/openid_connect/certs',
    status: 200,
    headers: { 'cache-control': 'max-age=604800, public', pragma: undefined },
  },
  {
    fact: '1',
    when: 'a page is kept by nobody',
    url: '/',
    status: 200,
    headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
  },
  {
    fact: '1',
    when: 'userinfo is kept by nobody',
    url: '/api/openid_connect/userinfo',
    status: 401,
    headers: { 'cache-control': 'no-store', pragma: 'no-cache', 'www-authenticate': undefined },
  },
  {
    fact: '1',
    when: 'token is kept by nobody',
    method: 'POST',
    url: '/api/openid_connect/token',
    status: 400,
    headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
  },
  { fact: '1', when: 'a page exists in Spanish by its path', url: '/es', status: 200 },
  { fact: '1', when: 'a page exists in French by its path', url: '/fr', status: 200 },
  { fact: '1', when: 'a page exists in Chinese by its path', url: '/zh', status: 200 },
  { fact: '1', when: 'a page exists in no other language', url: '/de', status: 404 },
  {
    fact: '6.1 step 1',
    when: 'a valid request of nobody leads to the sign-in page',
    url: authorizeUrl(),
    status: 302,
    location: '/',
  },
  {
    fact: '2.1',
    when: 'a valid request keeps its language by path',
    url: authorizeUrl({}, '/es'),
    status: 302,
    location: '/es/',
  },
  {
    fact: '2.1',
    when: 'a valid request keeps its language by parameter',
    url: authorizeUrl({ locale: 'zh' }),
    status: 302,
    location: '/zh/',
  },
  {
    fact: '2.1',
    when: 'a locale that is none counts for nothing',
    url: authorizeUrl({ locale: 'tlh' }),
    status: 302,
    location: '/',
  },
  {
    fact: '2.4',
    when: 'prompt=create of a client that may leads to the page for new accounts',
    url: authorizeUrl({ ...privileged, prompt: 'create' }),
    status: 302,
    location: '/sign_up/enter_email',
  },
  {
    fact: '2.4',
    when: 'prompt=create keeps the language',
    url: authorizeUrl({ ...privileged, prompt: 'create' }, '/es'),
    status: 302,
    location: '/es/sign_up/enter_email',
  },
  {
    fact: '2.6',
    when: 'the client is not active',
    url: authorizeUrl(inactive),
    status: 302,
    location: '/errors/service_provider_inactive',
  },
  {
    fact: '2.6',
    when: 'what is wrong with a request is told before that its client is not active',
    url: authorizeUrl({ ...inactive, response_type: 'token', state: '' }),
    status: 302,
    location:
      'http://localhost:4300/callback?error=invalid_request&error_description=State+Please+fill+in+this+field.+State+is+too+short+%28minimum+is+22+characters%29+Response+type+is+not+included+in+the+list&state=',
  },
  {
    fact: '2.6',
    when: 'the page about an inactive client is shown',
    url: '/errors/service_provider_inactive',
    status: 200,
    title: 'This service is not available',
  },
  {
    fact: '2.4',
    when: 'the page about bounced sign-ins is shown',
    url: '/bounced',
    status: 200,
    title: 'There was a problem connecting to the service',
  },
  {
    fact: '2.6',
    when: 'somebody goes back to a service that nobody came from',
    url: '/redirect/return_to_sp/cancel',
    status: 302,
    location: '/',
  },
  {
    fact: '2.6',
    when: 'somebody fails proofing for a service that nobody came from',
    url: '/redirect/return_to_sp/failure_to_proof',
    status: 302,
    location: '/',
  },
]
