// A relying service of Login.gov as small as one can be, with openid-client as it comes. It registers itself over
// Login.gov's API, sends people there, and shows what it is told of them.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { ServiceUrls } from '@gatehouse/contracts/services'
import * as client from 'openid-client'
import type { Page } from 'playwright-core'

/** What the tests administer Login.gov with, for the environment of the suite. */
export const OPERATOR_TOKEN = 'operator of the journeys in a browser'
export const SERVICE_NAME = 'Example Benefits'
const CLIENT_ID = 'urn:gov:gsa:openidconnect.profiles:sp:sso:example:benefits'

export interface RelyingService {
  /** Where somebody starts a sign-in. */
  signInAt(request: { acrValues: string; scope?: string }): string
  /** What the person is told who came back last: the claims, or the error. */
  told(): Record<string, unknown>
  close(): Promise<void>
}

interface Waiting {
  state: string
  nonce: string
  verifier: string
}

/** @param options.ial the most it may ask for: only at 1 does Login.gov offer to remember a browser */
export async function startRelyingService(
  urls: ServiceUrls,
  { ial = 1 }: { ial?: 1 | 2 } = {},
): Promise<RelyingService> {
  const waiting = new Map<string, Waiting>()
  let told: Record<string, unknown> = {}
  let configuration: client.Configuration

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', origin)
    const answer = url.pathname === '/sign-in' ? leave(url, response) : arrive(url, response)
    answer.catch((error) => {
      told = { error: error.error ?? error.message }
      page(response, 'Not signed in')
    })
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const origin = `http://localhost:${port}`
  const redirectUri = `${origin}/result`

  async function leave(url: URL, response: ServerResponse) {
    const [state, nonce] = [client.randomState(), client.randomNonce()]
    const verifier = client.randomPKCECodeVerifier()
    waiting.set(state, { state, nonce, verifier })
    const there = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: url.searchParams.get('scope') ?? '',
      acr_values: url.searchParams.get('acr_values') ?? '',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    })
    response.writeHead(302, { location: there.href }).end()
  }

  async function arrive(url: URL, response: ServerResponse) {
    const { state = '', nonce = '', verifier = '' } = waiting.get(url.searchParams.get('state') ?? '') ?? {}
    if (url.pathname !== '/result' || state === '') return page(response, 'Welcome')
    const tokens = await client.authorizationCodeGrant(configuration, url, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
    })
    told = { ...(await client.fetchUserInfo(configuration, tokens.access_token, tokens.claims()?.sub ?? '')) }
    page(response, 'Signed in')
  }

  await register(urls, redirectUri, ial)
  configuration = await client.discovery(
    new URL(`${urls['login-gov']}/`),
    CLIENT_ID,
    undefined,
    client.None(),
    { execute: [client.allowInsecureRequests] },
  )
  return {
    signInAt: ({ acrValues, scope = 'openid email' }) =>
      `${origin}/sign-in?${new URLSearchParams({ acr_values: acrValues, scope })}`,
    told: () => told,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** Somebody is back, and is told of under this e-mail address. */
export async function expectSignedIn(page: Page, service: RelyingService, email: string): Promise<void> {
  assert.equal(await page.title(), `Signed in | ${SERVICE_NAME}`)
  assert.equal(service.told().email, email)
}

async function register(urls: ServiceUrls, redirectUri: string, ial: number): Promise<void> {
  const answer = await fetch(`${urls['login-gov']}/api/clients/${encodeURIComponent(CLIENT_ID)}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      client_id: CLIENT_ID,
      friendly_name: SERVICE_NAME,
      agency_id: 2,
      ial,
      pkce: true,
      redirect_uris: [redirectUri],
    }),
  })
  if (answer.status !== 201) throw new Error(`Login.gov registers nobody: ${await answer.text()}`)
}

function page(response: ServerResponse, title: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
  response.end(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title} | ${SERVICE_NAME}</title>
<link rel="icon" href="data:,"></head><body><main><h1>${title}</h1></main></body></html>`)
}
