// A browser in which somebody is signed in, without going through the pages: what the wire does does not hang on them.

import { createAccounts } from '@gatehouse/provider/accounts/accounts'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import type { Browser } from '@gatehouse/provider/for-tests/browser'
import { createSessions } from '@gatehouse/provider/sessions/sessions'
import { type Authentication, sqlSessionStore } from '@gatehouse/provider/sessions/store'
import { authorizeUrl, CLIENTS, type startLoginGov } from './login-gov.ts'

export type LoginGov = Awaited<ReturnType<typeof startLoginGov>>

/** Environment for tests that send more requests than one address may. */
export const UNHURRIED = { LIMITS: JSON.stringify({ requestsPerAddress: 1_000_000 }) }

interface SignedIn {
  email?: string
  authentication?: Omit<Authentication, 'at'>
  /** Clients whose `continue as` page has been answered; all unless given. */
  visited?: string[]
  headers?: Record<string, string>
}

export async function signedIn(idp: LoginGov, given: SignedIn = {}): Promise<Browser> {
  const { database, secrets } = idp.ground
  const accounts = createAccounts(sqlAccountStore(database, secrets))
  const account = await accounts.findByEmail(given.email ?? 'maria@example.com')
  if (!account) throw new Error('there is no such person')
  const sessions = createSessions(sqlSessionStore(database), (secret) => secrets.digest('session', secret), {
    idleMs: 900_000,
    longestMs: 43_200_000,
    oneBrowser: true,
  })
  const { session } = await sessions.begin({ accountId: account.id })
  const visited = given.visited ?? CLIENTS.map(({ client_id }) => client_id)
  const entered = await sessions.signIn(
    session,
    account.id,
    visited,
    given.authentication ?? { methods: ['password', 'sms'] },
  )
  if (!entered) throw new Error('the session is gone')
  const browser = idp.browser(given.headers)
  browser.cookies.set('_identity_idp_session', entered.secret)
  return browser
}

/** Where an authorization request leads in the end; consents if asked. */
export async function authorized(browser: Browser, url = authorizeUrl()): Promise<URL> {
  await browser.open(url)
  const consent = /action="((?:\/\w\w)?\/sign_up\/completed)"/.exec(browser.last.body)?.[1]
  if (consent) await browser.submit(consent)
  const { location } = browser.last.headers
  if (typeof location !== 'string') throw new Error(`nobody was sent anywhere from ${browser.path}`)
  return new URL(location, 'http://localhost:4001')
}

/** The code that an authorization request gives. */
export async function codeFrom(browser: Browser, url = authorizeUrl()): Promise<string> {
  const back = await authorized(browser, url)
  const code = back.searchParams.get('code')
  if (!code) throw new Error(`no code in ${back.href}`)
  return code
}
