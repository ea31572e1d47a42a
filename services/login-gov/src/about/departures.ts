// In what this mock differs from Login.gov, or may. `GET /about` shows the table; the tests run its probes.

import type { Departure } from '@gatehouse/provider/about/about'
import { ACCOUNT_DEPARTURES } from '../account/departures.ts'
import { PROOFING_DEPARTURES } from '../proofing/departures.ts'
import { riscDepartures } from '../risc/departures.ts'
import { SECOND_FACTOR_DEPARTURES } from '../second-factor/departures.ts'

/** The wire and the register of relying services. */
const wireDepartures: Departure[] = [
  {
    kind: 'missing',
    what: 'The Attempts API: its addresses are not found, as where the real service has it off.',
    source: 'facts login-gov §1, §7.3',
    probe: { method: 'GET', path: '/.well-known/ssf-configuration', status: 404 },
  },
  {
    kind: 'missing',
    what: 'SAML: relying services speak OpenID Connect only.',
    source: 'facts login-gov §1',
    probe: { method: 'GET', path: '/api/saml/metadata2026', status: 404 },
  },
  {
    kind: 'missing',
    what: 'Texts in French and Chinese: the addresses exist and the locale claim follows, the words are English.',
    source: 'facts login-gov §1, §2.6',
    probe: { method: 'GET', path: '/fr', status: 200 },
  },
  {
    kind: 'missing',
    what: 'Publishing a rotation of the signing keys: the two keys of the first start stay.',
    source: 'facts login-gov §1, §8',
    probe: { method: 'GET', path: '/api/openid_connect/certs', status: 200 },
  },
  {
    kind: 'assumed',
    what: 'The Spanish error texts are our own translation.',
    source: 'facts login-gov §2.6',
    probe: { method: 'GET', path: '/es/openid_connect/authorize', status: 200 },
  },
  {
    kind: 'assumed',
    what: 'The address in the text about an unauthorized scope ends in #oidc-unauthorized-scope.',
    source: 'facts login-gov §2.2',
  },
  {
    kind: 'assumed',
    what: 'Where logout refuses id_token_hint, the message has its parameter in front, and a missing client_id is told as "Client client_id is missing".',
    source: 'facts login-gov §5',
  },
  {
    kind: 'assumed',
    what: 'What the JWT library says of an assertion that is missing, cut up or signed by another algorithm, and that nbf is checked without leeway.',
    source: 'facts login-gov §3',
  },
  {
    kind: 'assumed',
    what: 'A claim of an assertion that is no text is told as JSON, cut to 200 characters.',
    source: 'facts login-gov §3',
  },
  {
    kind: 'assumed',
    what: 'A token request whose body cannot be read is one without parameters.',
    source: 'facts login-gov §3',
    probe: { method: 'POST', path: '/api/openid_connect/token', status: 400 },
  },
  {
    kind: 'assumed',
    what: 'A sign-in that is not strong enough for a request goes back to its second factor; access tokens of other relying services end with that.',
    source: 'facts login-gov §2.3',
  },
  {
    kind: 'assumed',
    what: 'auth_time is absent where a remembered browser took the place of the second factor.',
    source: 'facts login-gov §4',
  },
  {
    kind: 'assumed',
    what: 'HTTP: preflights are answered with 200 and the headers that were asked for; without a registered origin they are not found.',
    source: 'facts login-gov §1',
    probe: { method: 'OPTIONS', path: '/api/openid_connect/userinfo', status: 404 },
  },
  {
    kind: 'assumed',
    what: 'The register over HTTP with an operator token is our own; at the real service registrations are made by hand.',
    source: 'facts login-gov §8',
    probe: { method: 'GET', path: '/api/clients', status: 401 },
  },
  {
    kind: 'assumed',
    what: 'The pages at /bounced and /errors/service_provider_inactive have words of our own.',
    source: 'facts login-gov §2.4, §2.6',
    probe: { method: 'GET', path: '/bounced', status: 200 },
  },
  {
    kind: 'assumed',
    what: 'A prompt=login that was bounced may be repeated after two seconds with the same state.',
    source: 'facts login-gov §2.4',
  },
]

/** Everything that is known. */
export const departures: readonly Departure[] = [
  ...wireDepartures,
  ...ACCOUNT_DEPARTURES,
  ...SECOND_FACTOR_DEPARTURES,
  ...PROOFING_DEPARTURES,
  ...riscDepartures,
]
