// In what this mock is not ID.me, or may not be. `GET /about` shows the table, and the tests run its probes.

import type { Departure } from '@gatehouse/provider/about/about'

/** What relying services speak with this mock. */
export const WIRE =
  'OAuth 2.0 and OpenID Connect 1.0 with the authorization code flow, client_secret_post or client_secret_basic, and PKCE'

const missing = (what: string, source: string, probe?: Departure['probe']): Departure => ({
  kind: 'missing',
  what,
  source: `facts id-me ${source}`,
  ...(probe ? { probe } : {}),
})
const assumed = (what: string, source: string, probe?: Departure['probe']): Departure => ({
  kind: 'assumed',
  what,
  source: `facts id-me ${source}`,
  ...(probe ? { probe } : {}),
})

export const DEPARTURES: readonly Departure[] = [
  missing(
    'The response types token and id_token, alone or combined, are advertised and refused as unsupported_response_type: only code is to be had.',
    '§1',
  ),
  missing('ES256 is advertised; everything is signed by RS256.', '§1'),
  missing('Encryption is advertised for the id_token too; only userinfo can be encrypted.', '§1'),
  missing('There is no SAML, and no sign-in host for groups (groups.id.me).', '§1, §8', {
    method: 'GET',
    path: '/saml/SingleSignOnService',
    status: 404,
  }),
  missing('Client certificates (mutual TLS), as VA uses them, are not asked for.', '§8'),
  missing('eid is taken and has no effect: what it means is not known.', '§2'),
  missing(
    'No documents or photographs are asked for: how the verification of a persona ends is written in the persona.',
    '§3',
  ),
  assumed('A nonce is echoed in the id_token.', '§2'),
  assumed('More than one policy in a scope, or none, is invalid_scope.', '§3'),
  assumed(
    'Policies whose name tells no level: login, loa/1 and the communities need a password alone; mfa a second factor; kba_replacement, fortified_identity and loa/3 a second factor and a verified identity.',
    '§3',
  ),
  assumed('comparison:minimum is taken beside a policy and has no effect.', '§3'),
  assumed('Any community can end in _canada.', '§3'),
  assumed(
    'What a policy tells beside uuid, fname, lname and zip is configured for each client. Where it is not, policies that verify the identity tell everything, all others the e-mail addresses. The person is asked to allow it, once for each client and policy.',
    '§5',
  ),
  assumed(
    'Errors of authorize and logout are shown on a page, or given as JSON to who accepts only that, and never redirected, not even to a registered redirect_uri.',
    '§6',
    { method: 'GET', path: '/oauth/authorize', status: 200 },
  ),
  assumed('A person who gives up is sent back with error=access_denied.', '§6'),
  assumed('The words of error_description are our own.', '§6'),
  assumed('A wrong client is answered with 400 by Basic authentication too, where RFC 6749 has 401.', '§6'),
  assumed(
    'invalid_redirect_uri at the token endpoint: redirect_uri is not that of the authorization request. invalid_resource_owner: the account is gone or suspended. unauthorized_client: the client may not use the grant type. A grant type that nobody may use is invalid_request.',
    '§6',
    { method: 'POST', path: '/oauth/token', status: 400 },
  ),
  assumed('A token request that is refused leaves a code that was not used as good as it was.', '§4'),
  assumed(
    'A refresh token is used once: each use gives a new one for as long again, a second use revokes all tokens of the grant.',
    '§4',
  ),
  assumed('A refresh that asks for a part of the scope is given all of it, and told so.', '§4'),
  assumed('Logout leaves refresh tokens alone.', '§4'),
  assumed(
    'A used or unknown access token is refused with 401 and invalid_token, a missing one with 400 (RFC 6750).',
    '§4',
    { method: 'GET', path: '/api/public/v3/userinfo', status: 400 },
  ),
  assumed('Attributes are given for a Bearer header as well as for access_token.', '§1', {
    method: 'GET',
    path: '/api/public/v3/attributes.json',
    status: 400,
  }),
  assumed(
    'The older paths, v2/attributes.json and v2/data.json, answer what v3/attributes.json does: attributes by handle, and status for communities.',
    '§1',
    { method: 'GET', path: '/api/public/v2/data.json', status: 400 },
  ),
  assumed('status and attributes of a community stand in its id_token and userinfo too.', '§5'),
  assumed('The id_token has the claims of userinfo and its lifetime.', '§5'),
  assumed('Encrypted userinfo is sent as application/json.', '§5'),
  assumed('phone is in the form of E.164, state an abbreviation, zip five digits.', '§5'),
  assumed(
    'credential_ial is classic_loa3 for the LOA policies and 2 for all others that verify the identity; the two highest tell of the account what the others tell of the sign-in.',
    '§5',
  ),
  assumed('Who has no verified identity is told by fname, lname and zip as they would give them.', '§5'),
  assumed(
    'A key is named by its thumbprint (RFC 7638); discovery and keys may be kept for 30 minutes.',
    '§1',
  ),
  assumed(
    'Logout asks nothing and ends the session at once; it returns to registered redirect URIs only.',
    '§1',
    {
      method: 'GET',
      path: '/oauth/logout',
      status: 200,
    },
  ),
  assumed('op=signup has no effect for who is signed in.', '§2'),
  assumed('Sessions end after 15 minutes without a request, and after 12 hours.', '§10'),
  missing(
    'Who has lost every second factor cannot recover the account: the link by mail takes failed tries away and nothing else.',
    '§7',
  ),
  assumed('The addresses of the pages for people, and the names of their fields.', '§7', {
    method: 'GET',
    path: '/sign-in',
    status: 200,
  }),
  assumed(
    'A second factor is asked for where the policy needs one, and for the settings of an account.',
    '§7',
  ),
  assumed('Five wrong passwords for an address lock it, in whatever browser they were given.', '§7'),
  assumed(
    'The link in the mail opens a page whose button confirms the address; that takes away wrong passwords and wrong second factors alike. One mail a minute is sent.',
    '§7',
    { method: 'GET', path: '/recovery/link', status: 410 },
  ),
  assumed(
    'An address that nobody has is locked, and gets a mail, like any other: neither answer nor time tells who has an account.',
    '§7',
  ),
  assumed(
    'A push notification counts as a failed attempt until it is approved, and can be answered for two minutes.',
    '§7',
  ),
  assumed(
    'D0100 is met with numbers that end in 555-0199 or that the carrier refuses, D0200 with those that end in 555-0198.',
    '§7',
  ),
  assumed(
    'Recovery code and backup codes work once each, and can be had beside another method only. A set has ten backup codes.',
    '§7',
  ),
  assumed(
    'People who are no personas verify their identity by what they enter, by an SSN or ITIN of a range that is never issued or by a passport; a number that ends in 0000 fails.',
    '§3, §8',
  ),
  assumed('The personas alone belong to communities; anybody else is stopped on a page.', '§3'),
  assumed('A change to the settings needs both factors again 20 minutes after they were given.', '§7'),
]
