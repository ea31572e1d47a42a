// The service with its relying services, people, and browsers that are signed in without any page.

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceCalls } from '@gatehouse/contracts/calls'
import { buildForTest } from '@gatehouse/http/testing'
import { createAccounts } from '@gatehouse/provider/accounts/accounts'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import { Browser } from '@gatehouse/provider/for-tests/browser'
import { createSessions } from '@gatehouse/provider/sessions/sessions'
import { sqlSessionStore } from '@gatehouse/provider/sessions/store'
import type { Secrets } from '@gatehouse/storage/secrets'
import { service } from '../../src/service.ts'
import { SESSION_COOKIE } from '../../src/site.ts'
import { sqlUsernames } from '../../src/usernames/store.ts'

/** Where the service says that it is. */
export const ROOT = 'http://localhost:4003'

export const PASSWORD = randomBytes(15).toString('base64url')
export const OPERATOR_TOKEN = randomBytes(32).toString('base64url')

const secret = () => randomBytes(16).toString('hex')
export const clientKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** Sign-in as it is registered: with a key. */
export const SIGN_IN = {
  client_id: 'urn:gatehouse:sign-in',
  client_name: 'Social Security',
  redirect_uris: ['http://localhost:4000/federation/my-ssa/callback'],
  post_logout_redirect_uris: ['http://localhost:4000/signed-out'],
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'ES256',
  jwks: {
    keys: [{ ...clientKey.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' }],
  },
}
/** With a secret, in the body. */
export const POSTS = {
  client_id: 'posts',
  client_name: 'A service that posts its secret',
  client_secret: secret(),
  redirect_uris: ['http://localhost:4100/callback'],
  post_logout_redirect_uris: ['http://localhost:4100/goodbye'],
  token_endpoint_auth_method: 'client_secret_post',
}
/** With a secret, in the header; of another sector, with ES256, and a narrow scope. */
export const BASIC = {
  client_id: 'basic',
  client_name: 'A service with Basic',
  client_secret: secret(),
  redirect_uris: ['https://basic.example.com/callback'],
  id_token_signed_response_alg: 'ES256',
  scope: 'openid profile',
}

export const CLIENTS: object[] = [SIGN_IN, POSTS, BASIC]

const address = (number: number) => ({
  street: `${number} Example Street`,
  city: 'Baltimore',
  state: 'MD',
  zipCode: '21235',
})
const persona = (id: string, more: object) => ({
  id,
  about: 'a test',
  email: `${id}@example.com`,
  proofing: 'proofed',
  userIds: [],
  password: PASSWORD,
  ...more,
})

/** Maria without extra security, Ruth with a letter on its way, Daniel with extra security, Oliver who never passes. */
export const PERSONAS = {
  companies: [],
  personas: [
    persona('maria', {
      firstName: 'Maria',
      lastName: 'Example',
      phoneNumber: '+12025550142',
      dateOfBirth: '1984-03-12',
      ssn: '987654325',
      address: address(100),
      mySsa: { username: 'MariaExample84', extraSecurity: 'off' },
    }),
    persona('oliver', {
      firstName: 'Oliver',
      lastName: 'Model',
      phoneNumber: '+12025550145',
      dateOfBirth: '1999-01-15',
      ssn: '987654328',
      address: address(400),
      proofing: 'fails',
    }),
    persona('ruth', {
      firstName: 'Ruth',
      lastName: 'Template',
      phoneNumber: '+12025550148',
      dateOfBirth: '1979-05-23',
      ssn: '900654330',
      address: address(700),
      mySsa: { username: 'RuthTemplate79', extraSecurity: 'letter-sent' },
    }),
    persona('daniel', {
      firstName: 'Daniel',
      lastName: 'Pattern',
      phoneNumber: '+12025550149',
      dateOfBirth: '1968-12-02',
      ssn: '900654331',
      address: address(800),
      mySsa: { username: 'DanielPattern68', extraSecurity: 'on' },
    }),
  ],
}

export interface Start {
  clients?: unknown
  personas?: unknown
  databaseUrl?: string
  secrets?: Secrets
  calls?: ServiceCalls
  environment?: Record<string, string>
}

export type MySsa = Awaited<ReturnType<typeof startMySsa>>

/** The service; in memory unless a database is given. */
export async function startMySsa({
  clients = CLIENTS,
  personas = PERSONAS,
  environment = {},
  ...more
}: Start = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'my-ssa-test-'))
  const file = (name: string, content: unknown) => {
    const path = join(folder, name)
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
    return path
  }
  const started = await buildForTest(service, {
    environment: {
      CLIENTS_FILE: file('clients.json', clients),
      PERSONAS_FILE: file('personas.json', personas),
      OPERATOR_TOKEN,
      ...environment,
    },
    ...more,
    // Read at start only.
  }).finally(() => rmSync(folder, { recursive: true, force: true }))
  const { database, secrets } = started.ground
  const accounts = createAccounts(sqlAccountStore(database, secrets))
  const sessions = createSessions(sqlSessionStore(database), (text) => secrets.digest('session', text), {
    idleMs: 1_800_000,
    longestMs: 43_200_000,
    oneBrowser: false,
  })

  async function accountOf(id: string) {
    const account = await accounts.findByEmail(`${id}@example.com`)
    if (!account) throw new Error('there is no such persona')
    return account
  }

  return {
    ...started,
    accounts,
    sessions,
    usernames: sqlUsernames(database, secrets),
    accountOf,
    browser: (headers?: Record<string, string>) => new Browser(started.app, headers, ROOT),
    /** A browser in which the person has signed in by `methods`, the password first. */
    async signedIn(id: string, methods: string[] = ['pwd']) {
      const { session } = await sessions.begin()
      const entered = await sessions.signIn(session, (await accountOf(id)).id, [], { methods })
      if (!entered) throw new Error('the session is gone')
      const browser = new Browser(started.app, {}, ROOT)
      browser.cookies.set(SESSION_COOKIE, entered.secret)
      return browser
    },
  }
}
