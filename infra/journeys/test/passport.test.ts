// passport-openidconnect at Gatehouse. Gatehouse begins no sign-in without PKCE (RFC 9700 §2.1.1), and the library, of
// 2023, sends none: as it comes it is refused. It takes PKCE from a strategy that extends it, by what it documents for that
// (`authorizationParams`) and what it keeps open to subclasses (`_oauth2`); the library itself stays as it is.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { after, type TestContext, test } from 'node:test'
import { startGatehouse } from '@gatehouse/testkit/gatehouse'
import { openBrowser } from '@gatehouse/testkit/headless-browser'
import { completeSignIn } from '@gatehouse/testkit/sign-in-steps'
import * as client from 'openid-client'
import { Strategy } from 'passport-openidconnect'

const operator = randomBytes(32).toString('base64url')
const gatehouse = await startGatehouse({ environment: { 'sign-in': { OPERATOR_TOKEN: operator } } })
after(() => gatehouse.close())
const { urls } = gatehouse
const issuer = urls['sign-in']
const bounded = { timeout: 180_000 }

interface Session {
  codeVerifier?: string
}

/** What the strategy is used with: everything of a browser's request that it looks at. */
interface Visit {
  query: Record<string, string>
  session: Session
}

class StrategyWithPkce extends Strategy {
  override authorizationParams({ codeChallenge }: { codeChallenge?: string }): object {
    return { code_challenge: codeChallenge, code_challenge_method: 'S256' }
  }

  override authenticate(visit: Visit, options: object = {}): void {
    const { session } = visit
    if (!('code' in visit.query)) {
      session.codeVerifier = client.randomPKCECodeVerifier()
      client.calculatePKCECodeChallenge(session.codeVerifier).then((codeChallenge) => {
        super.authenticate(visit, { ...options, codeChallenge })
      }, this.error)
      return
    }
    const oauth = this._oauth2
    // Passport gives each request a strategy of its own, so this is of this request alone.
    this._oauth2 = Object.assign(Object.create(oauth) as typeof oauth, {
      getOAuthAccessToken: (code: string, parameters: object, done: () => void) =>
        oauth.getOAuthAccessToken(code, { ...parameters, code_verifier: session.codeVerifier }, done),
    })
    super.authenticate(visit, options)
  }
}

interface Told {
  issuer: string
  profile: { id: string; displayName?: string; emails?: { value: string }[] }
}

/** A relying service that registers itself (RFC 7591) and shows what the library makes of who comes back. */
async function startService(t: TestContext, Kind: typeof Strategy): Promise<{ url: string; told: Told[] }> {
  const told: Told[] = []
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url)
    if (pathname !== '/sign-in' && pathname !== '/callback') return end(response, 404)
    handle({ query: Object.fromEntries(searchParams), session }, response)
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')
  t.after(async () => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://localhost:${(server.address() as { port: number }).port}`
  const callbackURL = `${url}/callback`
  const answer = await fetch(`${issuer}/.well-known/openid-configuration`)
  const discovered = (await answer.json()) as Record<string, string>
  const endpoint = (name: string) => discovered[`${name}_endpoint`] ?? ''
  const registered = await register(endpoint('registration'), callbackURL)
  const strategy = new Kind(
    {
      issuer: discovered.issuer ?? '',
      authorizationURL: endpoint('authorization'),
      tokenURL: endpoint('token'),
      userInfoURL: endpoint('userinfo'),
      clientID: registered.client_id,
      clientSecret: registered.client_secret,
      callbackURL,
      scope: ['profile', 'email'],
      nonce: true,
      skipUserProfile: false,
    },
    (from, profile, _context, _idToken, _accessToken, _refreshToken, done) => {
      told.push({ issuer: from, profile })
      done(null, profile)
    },
  )
  // One person at a time: one session, which the library's own store of states needs.
  const session: Session = {}

  /** What Passport does for a strategy. */
  function handle(visit: Visit, response: ServerResponse): void {
    const one = Object.assign(Object.create(strategy) as Strategy, {
      redirect: (location: string) => void response.writeHead(302, { location }).end(),
      success: ({ id }: { id: string }) => end(response, 200, `signed in: ${id}`),
      fail: () => end(response, 401, 'refused'),
      error: (error: Error & { code?: string }) => end(response, 500, `${error.code}: ${error.message}`),
    })
    one.authenticate(visit, {})
  }
  return { url, told }
}

function end(response: ServerResponse, status: number, text = ''): void {
  const title = text || String(status)
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' })
  response.end(`<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1></html>`)
}

async function register(endpoint: string, redirectUri: string) {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Passport',
      redirect_uris: [redirectUri],
      scope: 'openid profile email',
      // The library sends its secret in the body.
      token_endpoint_auth_method: 'client_secret_post',
    }),
  })
  assert.equal(answer.status, 201)
  return (await answer.json()) as { client_id: string; client_secret: string }
}

test('passport-openidconnect with PKCE signs a person in and reads userinfo', bounded, async (t) => {
  const { url, told } = await startService(t, StrategyWithPkce)
  const browser = openBrowser()
  t.after(() => browser.close())
  await browser.open(`${url}/sign-in`)
  const page = await completeSignIn(browser, { urls, persona: gatehouse.persona('maria') })
  const [person] = told
  assert.ok(person, page.heading)
  assert.equal(page.heading, `signed in: ${person.profile.id}`)
  assert.equal(person.issuer, issuer)
  assert.equal(person.profile.displayName, 'Maria Example')
  assert.deepEqual(person.profile.emails, [{ value: 'maria@example.com' }])
})

test('as it comes, without PKCE, it is refused before anybody signs in (ASVS 10.4.6)', bounded, async (t) => {
  const { url, told } = await startService(t, Strategy)
  const browser = openBrowser()
  t.after(() => browser.close())
  const page = await browser.open(`${url}/sign-in`)
  assert.equal(page.status, 500)
  assert.match(page.heading, /^invalid_request: .*PKCE/)
  assert.deepEqual(told, [])
})
