// How sign-in and the three mock providers know each other: a key or a secret for each pair, and the files in which each
// of the two reads about the other.

import { generateKeyPair, randomBytes, randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { MY_SSA_ACR } from '@gatehouse/contracts/my-ssa'
import type { ServiceUrls } from '@gatehouse/contracts/services'
import { jsonText, keptIn, writePrivateFile } from './private-files.ts'

/** The client that sign-in is at Login.gov; its issuer string has the form that Login.gov gives out. */
const LOGIN_GOV_CLIENT = 'urn:gov:gsa:openidconnect.profiles:sp:sso:ssa:gatehouse'

/** Login.gov: a security key, a device's own unlock or a PIV card (facts: login-gov §2.3). */
const PHISHING_RESISTANT = 'http://idmanagement.gov/ns/assurance/aal/2?phishing_resistant=true'

/** The client that sign-in is at ID.me, where identifiers are 32 hexadecimal characters. */
const ID_ME_CLIENT = '6a7465686f757365006964006d650001'
const ID_ME_POLICY = 'http://idmanagement.gov/ns/assurance/ial/2/aal/2'

/** The client that sign-in is at my Social Security. */
const MY_SSA_CLIENT = 'urn:gatehouse:sign-in'

/** Where each side reads about the other. */
interface FederationFiles {
  providers: string
  loginGovClients: string
  idMeClients: string
  mySsaClients: string
}

/** What sign-in authenticates with to each provider, and what each of them has to know about the other. */
export async function prepareFederation(
  { loginGovKey, idMeSecret, mySsaKey }: { loginGovKey: string; idMeSecret: string; mySsaKey: string },
  files: FederationFiles,
  urls: ServiceUrls,
) {
  const [loginGov, secret, mySsa] = await Promise.all([
    keptIn(loginGovKey, createLoginGovKey).then(JSON.parse),
    // 32 hexadecimal characters, as ID.me gives them out (facts: id-me §2).
    keptIn(idMeSecret, () => randomBytes(16).toString('hex')),
    keptIn(mySsaKey, createMySsaKey).then(JSON.parse),
  ])
  await Promise.all([
    writePrivateFile(
      files.providers,
      jsonText([loginGovRow(urls, loginGovKey), idMeRow(urls, idMeSecret), mySsaRow(urls, mySsaKey)]),
    ),
    writePrivateFile(files.idMeClients, jsonText([idMeClient(urls, secret)])),
    writePrivateFile(files.loginGovClients, jsonText([loginGovClient(urls, publicHalf(loginGov))])),
    writePrivateFile(files.mySsaClients, jsonText([mySsaClient(urls, publicHalf(mySsa))])),
  ])
}

/** A JWK without what only its owner may know. */
function publicHalf({ kty, crv, x, y, n, e, kid, alg, use }: Record<string, unknown>) {
  return { kty, crv, x, y, n, e, kid, alg, use }
}

async function createLoginGovKey(): Promise<string> {
  // Login.gov takes RS256 only. The thread pool works on it while the services load.
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  return jsonText({ ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' })
}

async function createMySsaKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  return jsonText({ ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'ES256', use: 'sig' })
}

function loginGovRow(urls: ServiceUrls, keyFile: string) {
  return {
    id: 'login.gov',
    name: 'Login.gov',
    issuer: `${urls['login-gov']}/`,
    clientId: LOGIN_GOV_CLIENT,
    authentication: { method: 'private_key_jwt', keyFile, audience: 'token_endpoint' },
    scope: 'openid email profile:name profile:birthdate social_security_number',
    acrValues: 'http://idmanagement.gov/ns/assurance/ial/2 http://idmanagement.gov/ns/assurance/aal/2',
    amr: ['mfa'],
    // `aal` is the level that was asked for, word for word (facts: login-gov §4). That proves it all the same: nobody who
    // did not use such a factor comes back, and a request changed on its way comes back with another word.
    methods: [{ level: PHISHING_RESISTANT, amr: ['phr'], when: { aal: [PHISHING_RESISTANT] } }],
    requestableAcr: [PHISHING_RESISTANT],
    // The levels at which Login.gov has proofed the person, in both of its vocabularies (facts: login-gov §4).
    acceptedAcr: [
      'http://idmanagement.gov/ns/assurance/ial/2',
      'http://idmanagement.gov/ns/assurance/ial/2?bio=required',
      'urn:acr.login.gov:verified',
      'urn:acr.login.gov:verified-facial-match-required',
    ],
    promptLogin: true,
    securityEvents: { audience: 'url' },
    leavingPage: false,
  }
}

function loginGovClient(urls: ServiceUrls, publicKey: Record<string, unknown>) {
  return {
    client_id: LOGIN_GOV_CLIENT,
    friendly_name: 'Social Security',
    agency_id: 1,
    ial: 2,
    pkce: null,
    public_keys: [publicKey],
    redirect_uris: [`${urls['sign-in']}/federation/login.gov/callback`],
    push_notification_url: `${urls['sign-in']}/federation/login.gov/security-events`,
    allow_prompt_login: true,
  }
}

function idMeRow(urls: ServiceUrls, secretFile: string) {
  return {
    id: 'id.me',
    name: 'ID.me',
    issuer: `${urls['id-me']}/oidc`,
    clientId: ID_ME_CLIENT,
    authentication: { method: 'client_secret_post', secretFile },
    scope: `openid ${ID_ME_POLICY}`,
    nonce: 'if-echoed',
    userinfo: { format: 'jwt' },
    // ID.me has no `acr` claim (facts: id-me §5): what it asserts is the policy that was asked for.
    assurance: [{ acr: ID_ME_POLICY, when: { credential_ial: [2], credential_aal: [2] } }],
    acceptedAcr: [ID_ME_POLICY],
    amr: ['mfa'],
    signUp: { parameters: { op: 'signup' } },
    leavingPage: true,
    claims: {
      givenName: 'fname',
      familyName: 'lname',
      birthdate: 'birth_date',
      email: 'email',
      ssn: 'social',
    },
  }
}

function idMeClient(urls: ServiceUrls, secret: string) {
  return {
    client_id: ID_ME_CLIENT,
    client_secret: secret,
    name: 'Social Security',
    redirect_uris: [`${urls['sign-in']}/federation/id.me/callback`],
    // What sign-in finds people by (facts: id-me §5), beside the names that every policy tells.
    policies: [{ policy: ID_ME_POLICY, attributes: ['email', 'mname', 'birth_date', 'social'] }],
  }
}

function mySsaRow(urls: ServiceUrls, keyFile: string) {
  const { withExtraSecurity, withPassword } = MY_SSA_ACR
  return {
    id: 'my-ssa',
    name: 'my Social Security',
    issuer: urls['my-ssa'],
    clientId: MY_SSA_CLIENT,
    authentication: { method: 'private_key_jwt', keyFile, audience: 'issuer' },
    scope: 'openid profile email social_security_number',
    // The username sign-in is over (seed 000) but for relying services that name it (seed 002).
    offeredTo: 'named',
    requestableAcr: [withExtraSecurity],
    acceptedAcr: [withPassword, withExtraSecurity],
    proofedAcr: [withPassword, withExtraSecurity],
    promptLogin: true,
  }
}

function mySsaClient(urls: ServiceUrls, publicKey: Record<string, unknown>) {
  return {
    client_id: MY_SSA_CLIENT,
    client_name: 'Social Security',
    redirect_uris: [`${urls['sign-in']}/federation/my-ssa/callback`],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks: { keys: [publicKey] },
  }
}
