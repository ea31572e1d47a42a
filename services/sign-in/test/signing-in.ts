import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MY_SSA_ACR } from '@gatehouse/contracts/my-ssa'
import { buildForTest } from '@gatehouse/http/testing'
import type { Secrets } from '@gatehouse/storage/secrets'
import { decodeJwt, exportJWK, generateKeyPair } from 'jose'
import { service } from '../src/service.ts'
import { answeringCalls, MARIA } from './answering-calls.ts'
import { type Answer, type Browser, createBrowser } from './browser.ts'
import { createRelyingService, type Registered } from './relying-service.ts'
import { createStubProvider } from './stub-provider.ts'

export const OPERATOR_TOKEN = 'operator-token-of-this-test-0123456789'

interface Options {
  leavingPage?: boolean
  /** Default http://localhost:4000. */
  publicUrl?: string
  databaseUrl?: string
  /** Those of an earlier start, for a restart over the same database. */
  secrets?: Secrets
  stub?: Awaited<ReturnType<typeof stubWithFiles>>
  /** Rows for providers of the test's own, which are reached over HTTP, in place of the stub's three. */
  rows?: Record<string, unknown>[]
  /** What the suite's own relying services offer. */
  identityProviders?: string
}

/** A stub provider, and the files by which sign-in knows it. */
export async function stubWithFiles(row: Record<string, unknown>, rows?: Record<string, unknown>[]) {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-sign-in-'))
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const keyFile = join(directory, 'key.json')
  writeFileSync(keyFile, JSON.stringify({ ...(await exportJWK(privateKey)), kid: 'rp', alg: 'RS256' }))
  const stub = await createStubProvider({ ...(await exportJWK(publicKey)), kid: 'rp', alg: 'RS256' })
  const providersFile = join(directory, 'providers.json')
  const provider = {
    id: 'login.gov',
    name: 'Login.gov',
    issuer: stub.issuer,
    clientId: 'gatehouse',
    authentication: { method: 'private_key_jwt', keyFile, audience: 'token_endpoint' },
    scope: 'openid email',
    amr: ['mfa'],
    promptLogin: true,
    securityEvents: {},
    acceptedAcr: ['http://idmanagement.gov/ns/assurance/ial/2'],
    ...row,
  }
  const other = {
    ...provider,
    id: 'id.me',
    name: 'ID.me',
    issuer: 'https://other.example/',
    leavingPage: true,
  }
  // The stub again, by another name: what it asserts a test says.
  const mySsa = {
    ...provider,
    id: 'my-ssa',
    name: 'my Social Security',
    offeredTo: 'named',
    amr: [],
    requestableAcr: [MY_SSA_ACR.withExtraSecurity],
    acceptedAcr: Object.values(MY_SSA_ACR),
    proofedAcr: Object.values(MY_SSA_ACR),
    leavingPage: false,
  }
  writeFileSync(providersFile, JSON.stringify(rows ?? [provider, other, mySsa]))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  return { ...stub, providersFile }
}

/** A step of a sign-in, by the page that it shows. */
type Step = 'choice' | 'provider' | 'terms' | 'user-id'

/** Where a walk through a sign-in ended. */
export interface Walked {
  /** What was passed on the way, in order. */
  steps: Step[]
  /** The last answer: the page to stop at, an error page, or the redirect to the relying service. */
  answer: Answer
  /** The path of the last answer. */
  path: string
  /** The interaction that was going on last, as a path. */
  interaction: string
  /** Where the person was sent back to, if so. */
  redirect: URL | undefined
}

/** sign-in with a stub provider behind it, and a registered relying service in front of it. */
export async function buildSignIn(options: Options = {}) {
  const stub =
    options.stub ?? (await stubWithFiles(options.leavingPage ? { leavingPage: true } : {}, options.rows))
  const answers = answeringCalls()
  const { publicUrl = 'http://localhost:4000' } = options
  /** What other services answer to a GET, by URL. */
  const served = new Map<string, unknown>()
  const built = await buildForTest(service, {
    environment: {
      PROVIDERS_FILE: stub.providersFile,
      OPERATOR_TOKEN,
      SIGN_IN_URL: publicUrl,
      ...(options.identityProviders ? { IDENTITY_PROVIDERS: options.identityProviders } : {}),
    },
    calls: answers.calls,
    fetch: async (input, init) => {
      const url = input instanceof Request ? input.url : String(input)
      if (served.has(url)) return Response.json(served.get(url))
      return /^http:\/\/(localhost|127\.0\.0\.1):/.test(url) ? fetch(input, init) : stub.fetch(input, init)
    },
    ...(options.databaseUrl ? { databaseUrl: options.databaseUrl } : {}),
    ...(options.secrets ? { secrets: options.secrets } : {}),
  })
  const { app } = built

  const register = (metadata: Record<string, unknown> = {}, token: string | undefined = OPERATOR_TOKEN) =>
    app.inject({
      method: 'POST',
      url: '/registration',
      headers: token ? { authorization: `Bearer ${token}` } : {},
      payload: {
        client_name: 'A relying service',
        redirect_uris: ['https://relying.example/callback'],
        grant_types: ['authorization_code', 'refresh_token'],
        scope: 'openid profile bso cbsv.verify',
        ...metadata,
      },
    })

  /** Registers a relying service. */
  async function relyingService(metadata: Record<string, unknown> = {}) {
    const response = await register(metadata)
    assert.equal(response.statusCode, 201, response.body)
    return createRelyingService(app, response.json<Registered>())
  }

  const relying = await relyingService()

  /** Goes through a sign-in as Maria would, from an address to the relying service or to the page named. */
  async function walk(
    browser: Browser,
    start: string = relying.authorizeUrl(),
    {
      userId = MARIA,
      idp = 'login.gov',
      stopAt,
    }: { userId?: string; idp?: string; stopAt?: Step | undefined } = {},
  ): Promise<Walked> {
    const steps: Step[] = []
    let path = start
    let interaction = ''
    let answer = await browser.get(start)
    // A sign-in takes fourteen hops; more than thirty are a loop.
    for (let hops = 0; hops < 30; hops += 1) {
      const [, own, page] = /^(\/interaction\/[\w-]+)(\/terms|\/user-id)?(?:\?.*)?$/.exec(path) ?? []
      if (own) interaction = own
      const end = (redirect?: URL) => ({ steps, answer, path, interaction, redirect })
      if (answer.statusCode === 302 || answer.statusCode === 303) {
        const url = new URL(String(answer.headers.location), publicUrl)
        if (url.href.startsWith(stub.issuer)) {
          steps.push('provider')
          if (stopAt === 'provider') return end(url)
          const back = new URL(String(url.searchParams.get('redirect_uri')))
          path = `${back.pathname}?${stub.answer(url.href)}`
        } else if (url.origin === publicUrl) {
          path = url.pathname + url.search
        } else {
          return end(url)
        }
        answer = await browser.get(path)
        continue
      }
      if (!own || answer.statusCode !== 200) return end()
      const step: Step = page === '/terms' ? 'terms' : page === '/user-id' ? 'user-id' : 'choice'
      steps.push(step)
      if (step === stopAt) return end()
      if (step === 'terms') answer = await browser.submit(path, path, { agree: 'yes' })
      else if (step === 'user-id') answer = await browser.submit(path, path, { userId })
      else answer = await browser.submit(path, `${own}/provider`, { provider: idp })
    }
    throw new Error(`this sign-in never ends: ${steps.join(', ')}`)
  }

  /** A whole sign-in to the relying service; answers with the tokens and what they say. */
  async function signedIn(
    options: {
      browser?: Browser
      userId?: string
      idp?: string
      client?: typeof relying
      parameters?: Record<string, string>
    } = {},
  ) {
    const { browser = createBrowser(app), client = relying, parameters, userId, idp } = options
    const walked = await walk(browser, client.authorizeUrl(parameters), {
      ...(userId ? { userId } : {}),
      ...(idp ? { idp } : {}),
    })
    const code = walked.redirect?.searchParams.get('code')
    assert.ok(code, `no code: ${walked.redirect ?? walked.answer.body}`)
    const response = await client.redeem(code)
    assert.equal(response.statusCode, 200, response.body)
    const tokens = response.json<Tokens>()
    return {
      ...tokens,
      browser,
      client,
      code,
      steps: walked.steps,
      claims: decodeJwt(tokens.access_token),
      person: decodeJwt(tokens.id_token),
    }
  }

  return {
    ...built,
    stub,
    answers,
    served,
    register,
    relyingService,
    relying,
    walk,
    signedIn,
    newBrowser: () => createBrowser(app),
  }
}

interface Tokens {
  access_token: string
  id_token: string
  refresh_token: string
  expires_in: number
  scope?: string
}

export type SignInUnderTest = Awaited<ReturnType<typeof buildSignIn>>
