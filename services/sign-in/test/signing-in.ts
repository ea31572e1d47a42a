import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import { buildForTest } from '@gatehouse/http/testing'
import { exportJWK, generateKeyPair } from 'jose'
import * as client from 'openid-client'
import { service } from '../src/service.ts'
import { createBrowser } from './browser.ts'
import { createStubProvider } from './stub-provider.ts'

const OPERATOR_TOKEN = 'operator-token-of-this-test-0123456789'
const TERMS = {
  version: '2026-01',
  textHash: 'a'.repeat(64),
  introduction: ['These terms apply.'],
  conditions: [{ text: 'Be honest.' }],
  agreement: 'I agree to the Terms of Service.',
}

interface Made {
  service: string
  path: string
  body: unknown
}

/** Answers as `terms` and `bso-user-ids` do, and remembers what was asked. */
function answeringCalls() {
  const made: Made[] = []
  const userIds = [
    { bsoUserId: 'MARIA7K2', ein: '960001012', companyName: 'Example Payroll Company', services: ['CBSV'] },
    { bsoUserId: 'MARIA9Z9', ein: '960002037', companyName: 'Example Mortgage Company', services: [] },
  ]
  const calls: ServiceCalls = {
    async call(callee, { path, body, method }) {
      made.push({ service: callee, path, body })
      const refuse = (code: string) =>
        new CallRefused(callee, { type: 'about:blank', title: code, status: 409, code })
      if (path === '/terms/current') return TERMS as never
      if (path === '/attestations') {
        const { version } = body as { version: string }
        if (version !== TERMS.version) throw refuse('terms_not_current')
        return { ...(body as object), attestationId: 'attestation-1', attestedAt: 1 } as never
      }
      if (path === '/associations') return { userIds } as never
      if (path.endsWith('/user-ids') && method === 'GET') return { userIds } as never
      if (path.endsWith('/user-ids')) {
        if ((body as { ein: string }).ein !== '960002037') throw refuse('company_unknown')
        return { ...userIds[1], bsoUserId: 'NEWUSER2' } as never
      }
      if (path.endsWith('/selections')) {
        const chosen = userIds.find(({ bsoUserId }) => bsoUserId === (body as { bsoUserId: string }).bsoUserId)
        if (!chosen) throw refuse('user_id_not_linked')
        return chosen as never
      }
      throw new Error(`no answer for ${path}`)
    },
  }
  return { calls, made }
}

/** sign-in with a stub provider behind it, and a registered relying service in front of it. */
export async function buildSignIn(options: { leavingPage?: boolean; databaseUrl?: string } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-sign-in-'))
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const keyFile = join(directory, 'key.json')
  writeFileSync(keyFile, JSON.stringify({ ...(await exportJWK(privateKey)), kid: 'rp', alg: 'RS256' }))
  const stub = await createStubProvider({ ...(await exportJWK(publicKey)), kid: 'rp', alg: 'RS256' })
  const providersFile = join(directory, 'providers.json')
  writeFileSync(
    providersFile,
    JSON.stringify([
      {
        id: 'login.gov',
        name: 'Login.gov',
        issuer: stub.issuer,
        clientId: 'gatehouse',
        authentication: { method: 'private_key_jwt', keyFile, audience: 'token_endpoint' },
        scope: 'openid email',
        amr: ['mfa'],
        ...(options.leavingPage ? { leavingPage: true } : {}),
      },
    ]),
  )
  const { calls, made } = answeringCalls()
  const built = await buildForTest(service, {
    environment: { PROVIDERS_FILE: providersFile, OPERATOR_TOKEN },
    calls,
    fetch: stub.fetch,
    ...(options.databaseUrl ? { databaseUrl: options.databaseUrl } : {}),
  })
  // Everything in it has been read by now, but for the key, which is read at the first federation.
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const { app } = built

  async function register(metadata: Record<string, unknown> = {}) {
    const response = await app.inject({
      method: 'POST',
      url: '/registration',
      headers: { authorization: `Bearer ${OPERATOR_TOKEN}` },
      payload: {
        client_name: 'A relying service',
        redirect_uris: ['https://relying.example/callback'],
        grant_types: ['authorization_code', 'refresh_token'],
        scope: 'openid profile bso cbsv.verify',
        ...metadata,
      },
    })
    return response
  }

  const registered = (await register()).json() as { client_id: string; client_secret: string }
  const codeVerifier = client.randomPKCECodeVerifier()
  const codeChallenge = await client.calculatePKCECodeChallenge(codeVerifier)

  return {
    ...built,
    stub,
    made,
    register,
    registered,
    operatorToken: OPERATOR_TOKEN,
    newBrowser: () => createBrowser(app),

    authorizeUrl(parameters: Record<string, string> = {}): string {
      return `/authorize?${new URLSearchParams({
        client_id: registered.client_id,
        redirect_uri: 'https://relying.example/callback',
        response_type: 'code',
        scope: 'openid profile bso cbsv.verify',
        resource: 'urn:gatehouse:cbsv',
        state: 'state-of-the-relying-service',
        nonce: 'nonce-of-the-relying-service',
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
        ...parameters,
      })}`
    },

    async token(parameters: Record<string, string>) {
      const secret = Buffer.from(`${registered.client_id}:${registered.client_secret}`).toString('base64')
      return app.inject({
        method: 'POST',
        url: '/token',
        headers: {
          authorization: `Basic ${secret}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        payload: new URLSearchParams(parameters).toString(),
      })
    },

    redeem(code: string) {
      return this.token({
        grant_type: 'authorization_code',
        code,
        redirect_uri: 'https://relying.example/callback',
        code_verifier: codeVerifier,
      })
    },

    /** From the authorization request to the terms page; answers with the interaction's address. */
    async arrive(browser: ReturnType<typeof createBrowser>, authorize = this.authorizeUrl()) {
      const begun = await browser.get(authorize)
      const interaction = String(begun.headers.location)
      const sent = await browser.submit(interaction, `${interaction}/provider`, { provider: 'login.gov' })
      const query = stub.answer(String(sent.headers.location))
      const back = await browser.get(`/federation/login.gov/callback?${query}`)
      return { interaction, sent, back }
    },

    /** From the authorization request to the redirect with the code. */
    async signIn(browser: ReturnType<typeof createBrowser>, options: { userId?: string; authorize?: string } = {}) {
      const { interaction } = await this.arrive(browser, options.authorize)
      const agreed = await browser.submit(`${interaction}/terms`, `${interaction}/terms`, { agree: 'yes' })
      const resumed = await browser.get(String(agreed.headers.location))
      const consent = String(resumed.headers.location)
      const entered = await browser.get(consent)
      const last = String(entered.headers.location)
      const page = await browser.get(last)
      const chosen =
        page.statusCode === 200
          ? await browser.submit(last, last, { userId: options.userId ?? 'MARIA7K2:960001012' })
          : page
      const finished = await browser.get(String(chosen.headers.location))
      return new URL(String(finished.headers.location))
    },
  }
}
