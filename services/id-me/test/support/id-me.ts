// The service with its relying services, people, and browsers that are signed in without any page.

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceCalls } from '@gatehouse/contracts/calls'
import type { App } from '@gatehouse/http/service'
import { buildForTest } from '@gatehouse/http/testing'
import { createAccounts } from '@gatehouse/provider/accounts/accounts'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import { createSessions } from '@gatehouse/provider/sessions/sessions'
import { sqlSessionStore } from '@gatehouse/provider/sessions/store'
import type { Secrets } from '@gatehouse/storage/secrets'
import { randomPKCECodeVerifier } from 'openid-client'
import { sqlConsents } from '../../src/consent/consents.ts'
import { ATTRIBUTES } from '../../src/oauth/attributes.ts'
import { POLICIES } from '../../src/oauth/policies.ts'
import { service } from '../../src/service.ts'
import { SESSION_COOKIE } from '../../src/site.ts'

export const ROOT = 'http://localhost:4002'
export const NS = 'http://idmanagement.gov/ns/assurance'
export const IAL2 = `${NS}/ial/2/aal/2`
export const PASSWORD = randomBytes(12).toString('base64url')
export const OPERATOR_TOKEN = randomBytes(32).toString('base64url')
export const STATE = 'state-of-the-test'

const hex = () => randomBytes(16).toString('hex')

export const encryption = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** Each with a secret of its own, told nowhere else. */
export const AGENCY = { client_id: hex(), client_secret: hex() }
export const VETERANS = { client_id: hex(), client_secret: hex() }
export const SHOP = { client_id: hex(), client_secret: hex() }
export const CLOSED = { client_id: hex(), client_secret: hex() }

export const REDIRECT_URI = 'http://localhost:4000/federation/id.me/callback'
export const VETERANS_URI = 'http://localhost:4100/callback?tenant=a'
/** openid-client leaves out the query of its redirect URI where it redeems a code. */
export const PLAIN_VETERANS_URI = 'http://localhost:4100/plain'
export const SHOP_URI = 'gov.example.shop://result'

export const CLIENTS = [
  {
    ...AGENCY,
    name: 'Social Security',
    redirect_uris: [REDIRECT_URI, 'http://localhost:4000/signed-out'],
    policies: [...POLICIES.keys()],
  },
  {
    ...VETERANS,
    name: 'Veterans',
    redirect_uris: [VETERANS_URI, PLAIN_VETERANS_URI],
    policies: [{ policy: IAL2, attributes: ['social'] }, `${NS}/loa/3_force`],
    social_hyphens: true,
    userinfo_encryption_key: encryption.publicKey.export({ format: 'jwk' }),
    code_lifetime: 60,
    access_token_lifetime: 30,
    refresh_token_lifetime: 3_600,
  },
  {
    ...SHOP,
    name: 'A shop',
    redirect_uris: [SHOP_URI],
    policies: ['military', 'login'],
    grant_types: ['authorization_code'],
    require_pkce: true,
  },
  {
    ...CLOSED,
    name: 'Gone',
    redirect_uris: ['http://localhost:4300/callback'],
    policies: ['login'],
    active: false,
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
  address: { street: '100 Example Street', city: 'Baltimore', state: 'MD', zipCode: '21235' },
  proofing: 'proofed',
  userIds: [],
  password: PASSWORD,
  ...more,
})

export const PERSONAS = {
  companies: [],
  personas: [
    person('maria', { ssn: '987654325' }),
    person('james', {
      ssn: '987654326',
      proofing: 'face-matched',
      affiliations: [{ group: 'military', subgroups: ['Veteran'] }],
    }),
    person('mateo', { affiliations: [{ group: 'teacher', subgroups: [] }] }),
    person('priya', { ssn: '900654329', proofing: 'unproofed' }),
  ],
}

/** Files for the service's configuration, in a folder of their own. */
export function configurationFiles(given: { clients?: unknown; personas?: unknown } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'id-me-'))
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
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export interface Start {
  clients?: unknown
  databaseUrl?: string
  secrets?: Secrets
  calls?: ServiceCalls
  environment?: Record<string, string>
}

export type IdMe = Awaited<ReturnType<typeof startIdMe>>

/** The service; in memory unless a database is given. */
export async function startIdMe({ clients, environment = {}, ...more }: Start = {}) {
  const files = configurationFiles({ clients })
  const started = await buildForTest(service, {
    environment: { ...files.environment, ...environment },
    ...more,
  })
  // Read at start only.
  files.remove()
  const { ground } = started
  const { database, secrets } = ground
  const accounts = createAccounts(sqlAccountStore(database, secrets))
  const consents = sqlConsents(database)
  const sessions = createSessions(sqlSessionStore(database), (secret) => secrets.digest('session', secret), {
    idleMs: 900_000,
    longestMs: 43_200_000,
    oneBrowser: false,
  })

  async function accountOf(id: string) {
    const account = await accounts.findByEmail(`${id}@example.com`)
    if (!account) throw new Error('there is no such persona')
    return account
  }

  /** Allows a client everything, so that no page asks. */
  async function allow(id: string, clientId: string) {
    const account = await accountOf(id)
    for (const policy of POLICIES.keys())
      await consents.give(account.id, clientId, policy, [...ATTRIBUTES, 'groups'])
  }

  return {
    ...started,
    accounts,
    accountOf,
    sessions,
    allow,
    async allowAll(id: string) {
      for (const { client_id } of CLIENTS) await allow(id, client_id)
    },
    /** The cookie of a browser in which the person has signed in by `methods`, the password first. */
    async cookieOf(id: string, methods = ['password', 'sms']) {
      const account = await accountOf(id)
      const { session } = await sessions.begin()
      const signedIn = await sessions.signIn(session, account.id, [], { methods })
      if (!signedIn) throw new Error('the session is gone')
      return `${SESSION_COOKIE}=${signedIn.secret}`
    },
  }
}

/** An authorization request that is right in everything but `changes`; `undefined` leaves a parameter out. */
export function authorizeUrl(changes: Record<string, string | undefined> = {}): string {
  const parameters = {
    client_id: AGENCY.client_id,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: `openid ${IAL2}`,
    state: STATE,
    ...changes,
  }
  return `/oauth/authorize?${new URLSearchParams(withoutUndefined(parameters))}`
}

/** The redirect back to the relying service, for somebody who is signed in and has allowed it. */
export async function authorize(idMe: IdMe, id = 'maria', url = authorizeUrl(), methods?: string[]) {
  await idMe.allowAll(id)
  const answer = await idMe.app.inject({ url, headers: { cookie: await idMe.cookieOf(id, methods) } })
  if (answer.statusCode !== 302) throw new Error(`authorize answered ${answer.statusCode}: ${answer.body}`)
  return new URL(String(answer.headers.location))
}

export async function codeFor(idMe: IdMe, ...rest: [id?: string, url?: string, methods?: string[]]) {
  const code = (await authorize(idMe, ...rest)).searchParams.get('code')
  if (!code) throw new Error('there is no code in the redirect')
  return code
}

/** A token request that is right in everything but `changes`. */
export function tokenParameters(code: string, changes: Record<string, string | undefined> = {}) {
  return withoutUndefined({
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT_URI,
    ...AGENCY,
    ...changes,
  })
}

export function postToken(
  app: App,
  parameters: Record<string, string>,
  headers: Record<string, string> = {},
) {
  return app.inject({
    method: 'POST',
    url: '/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams(parameters).toString(),
  })
}

/** What the token endpoint answers to a right request. */
export async function tokensFor(idMe: IdMe, ...rest: [id?: string, url?: string, methods?: string[]]) {
  const answer = await postToken(idMe.app, tokenParameters(await codeFor(idMe, ...rest)))
  if (answer.statusCode !== 200) throw new Error(`the token endpoint answered ${answer.body}`)
  return answer.json<Record<string, string>>()
}

export function userInfo(app: App, token: string, path = '/api/public/v3/userinfo') {
  return app.inject({ url: path, headers: { authorization: `Bearer ${token}` } })
}

export const verifier = randomPKCECodeVerifier()

function withoutUndefined(parameters: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
}
