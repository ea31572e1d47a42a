// The service with two relying services, two people and a carrier that lets codes be seen.

import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlAudit } from '@gatehouse/audit/audit'
import { auditKey } from '@gatehouse/audit/chain'
import { auditMigrations } from '@gatehouse/audit/migrations'
import { epochSeconds } from '@gatehouse/clock/clock'
import { buildApp } from '@gatehouse/http/composition'
import type { App } from '@gatehouse/http/service'
import { buildForTest } from '@gatehouse/http/testing'
import { Browser } from '@gatehouse/provider/for-tests/browser'
import type { FakeOneTimeCodes } from '@gatehouse/provider/for-tests/fake-one-time-codes'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { keyValueMigrations, sqlKeyValue } from '@gatehouse/storage/key-value'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { type JWTPayload, SignJWT } from 'jose'
import { migrations } from '../../src/migrations.ts'
import { service } from '../../src/service.ts'
import { FakeLabMail } from './fake-lab-mail.ts'
import { fakeOneTimeCodes } from './fake-one-time-codes.ts'

export const ROOT = 'http://localhost:4001'
export const TOKEN_URL = `${ROOT}/api/openid_connect/token`
export const CLIENT = 'urn:gov:gsa:openidconnect.profiles:sp:sso:ssa:sign-in'
export const SAME_AGENCY = 'urn:gov:gsa:openidconnect.profiles:sp:sso:ssa:pkce'
export const AUTH_ONLY = 'urn:gov:gsa:openidconnect.profiles:sp:sso:other:auth-only'
export const INACTIVE = 'urn:gov:gsa:openidconnect.profiles:sp:sso:other:inactive'
/** On every allow-list there is. */
export const PRIVILEGED = 'urn:gov:gsa:openidconnect.profiles:sp:sso:other:privileged'
/** May authenticate either way, and has no key registered. */
export const KEYLESS = 'urn:gov:gsa:openidconnect.profiles:sp:sso:other:keyless'
export const REDIRECT_URI = 'http://localhost:4000/federation/login-gov/callback'
export const OTHER_REDIRECT_URI = 'http://localhost:4100/callback?tenant=a'
export const OPERATOR_TOKEN = randomBytes(32).toString('base64url')
export const PASSWORD = randomBytes(12).toString('base64url')
export const STATE = 'state-0123456789abcdefghij'
export const NONCE = 'nonce-0123456789abcdefghij'

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
export const clientKeys = rsa()
export const secondClientKeys = rsa()

const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString()

export const CLIENTS = [
  {
    client_id: CLIENT,
    friendly_name: 'Social Security',
    agency_id: 1,
    ial: 2,
    pkce: false,
    public_keys: [pem(clientKeys.publicKey), secondClientKeys.publicKey.export({ format: 'jwk' })],
    redirect_uris: [REDIRECT_URI, 'http://localhost:4000/signed-out'],
    allow_prompt_login: true,
  },
  {
    client_id: SAME_AGENCY,
    friendly_name: 'Another SSA service',
    agency_id: 1,
    ial: 2,
    pkce: true,
    redirect_uris: [OTHER_REDIRECT_URI],
    failure_to_proof_url: 'http://localhost:4100/not-proofed',
  },
  {
    client_id: AUTH_ONLY,
    friendly_name: 'Elsewhere',
    agency_id: 2,
    ial: 1,
    pkce: null,
    public_keys: [pem(clientKeys.publicKey)],
    redirect_uris: ['http://localhost:4200/callback', 'gov.gsa.app://result'],
  },
  {
    client_id: INACTIVE,
    friendly_name: 'Gone',
    agency_id: 2,
    ial: 1,
    redirect_uris: ['http://localhost:4300/callback'],
    active: false,
  },
  {
    client_id: PRIVILEGED,
    friendly_name: 'A trusted service',
    agency_id: 'other',
    ial: 2,
    pkce: true,
    redirect_uris: ['http://localhost:4400/callback'],
    allow_prompt_login: true,
    allow_prompt_create: true,
    allow_ialmax: true,
    allow_verified_within: true,
  },
  {
    client_id: KEYLESS,
    friendly_name: 'Without a key',
    agency_id: 'other',
    ial: 1,
    redirect_uris: ['http://localhost:4500/callback'],
  },
]

const person = (id: string, more: object) => ({
  id,
  about: 'a test',
  firstName: 'Maria',
  lastName: 'Example',
  email: `${id}@example.com`,
  phoneNumber: '+12025550142',
  dateOfBirth: '1984-03-12',
  ssn: '987654325',
  address: { street: '100 Example Street', city: 'Baltimore', state: 'MD', zipCode: '21235' },
  proofing: 'proofed',
  userIds: [],
  password: PASSWORD,
  ...more,
})

export const PERSONAS = {
  companies: [],
  personas: [
    person('maria', {}),
    person('oliver', { proofing: 'fails', phoneNumber: '+12025550145', ssn: '987654328' }),
  ],
}

/** All tests come from one address, and some sign in many times within a minute. */
export const ROOMY = { requestsPerAddress: 1_000_000, passwordPostsPerEmailAndAddress: 1_000_000 }

/** Files for the service's configuration, in a folder of their own. */
export function configurationFiles(given: { clients?: unknown; personas?: unknown } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'login-gov-'))
  const write = (name: string, content: unknown) => {
    const path = join(folder, name)
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
    return path
  }
  return {
    folder,
    environment: {
      CLIENTS_FILE: write('clients.json', given.clients ?? CLIENTS),
      PERSONAS_FILE: write('personas.json', given.personas ?? PERSONAS),
      FORM_ACTION_ORIGINS: 'http://localhost:4010',
      OPERATOR_TOKEN,
      LIMITS: JSON.stringify(ROOMY),
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** The service in memory. */
export async function startLoginGov(environment: Record<string, string> = {}) {
  const codes = fakeOneTimeCodes()
  const mail = new FakeLabMail()
  const files = configurationFiles()
  const { app, ground, logLines } = await buildForTest(service, {
    environment: { ...files.environment, ...environment },
    calls: mail.before(codes.calls),
  })
  // Read at start only.
  files.remove()
  return {
    app,
    ground,
    logLines,
    codes,
    mail,
    browser: (headers?: Record<string, string>) => new Browser(app, headers),
  }
}

/** The service over a SQLite file, to be built again over the same file with the same root secret. */
export async function startOverFile(
  databaseUrl: string,
  rootSecret: Buffer,
  codes: FakeOneTimeCodes,
  mail = new FakeLabMail(),
) {
  const files = configurationFiles()
  const { app: unused, ground } = await buildForTest(service, {
    environment: files.environment,
    calls: mail.before(codes.calls),
  })
  const database = await openDatabase<unknown>(databaseUrl, 'login_gov')
  const secrets = deriveSecrets(rootSecret)
  const chainKey = auditKey(secrets, 'login-gov')
  await migrate(database, { ...keyValueMigrations, ...auditMigrations(chainKey), ...migrations })
  const durable = {
    ...ground,
    database,
    keyValue: sqlKeyValue(database),
    audit: sqlAudit(database, chainKey),
    secrets,
  }
  const app: App = await buildApp(service, durable, { kty: 'EC' })
  await app.ready()
  await unused.close()
  files.remove()
  return { app, database }
}

/** An authorization request that is right in everything but `changes`; `undefined` leaves a parameter out. */
export function authorizeUrl(changes: Record<string, string | undefined> = {}, prefix = ''): string {
  const parameters = {
    client_id: CLIENT,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    acr_values: 'urn:acr.login.gov:verified',
    scope: 'openid email profile',
    state: STATE,
    nonce: NONCE,
    ...changes,
  }
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return `${prefix}/openid_connect/authorize?${new URLSearchParams(given)}`
}

/** Goes from the authorization request to the page for the code. */
export async function passPassword(browser: Browser, email = 'maria@example.com', url = authorizeUrl()) {
  await browser.open(url)
  return browser.submit(browser.path.startsWith('/es') ? '/es/' : '/', {
    'user[email]': email,
    'user[password]': PASSWORD,
  })
}

/** Signs in, agrees where asked, and gives the redirect back to the relying service. */
export async function signIn(
  browser: Browser,
  codes: FakeOneTimeCodes,
  email?: string,
  url?: string,
): Promise<URL> {
  await passPassword(browser, email, url)
  await browser.submit('/login/two_factor/sms', { code: codes.newestCode })
  if (browser.last.body.includes('action="/sign_up/completed"')) await browser.submit('/sign_up/completed')
  return new URL(String(browser.last.headers.location))
}

/** A client assertion that is right in everything but `changes`. */
export function assertion(
  changes: JWTPayload = {},
  key: KeyObject = clientKeys.privateKey,
  clientId = CLIENT,
) {
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: TOKEN_URL,
    jti: randomBytes(8).toString('hex'),
    iat: epochSeconds(),
    exp: epochSeconds() + 300,
    ...changes,
  }
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).sign(key)
}

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export async function tokenParameters(code: string, changes: Record<string, string | undefined> = {}) {
  const parameters = {
    grant_type: 'authorization_code',
    code,
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: await assertion(),
    ...changes,
  }
  return Object.fromEntries(
    Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
}

export async function redeem(app: App, parameters: Record<string, string>) {
  return app.inject({
    method: 'POST',
    url: '/api/openid_connect/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(parameters).toString(),
  })
}
