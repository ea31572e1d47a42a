import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Browser } from '../browser.ts'
import type { SignInUnderTest } from '../signing-in.ts'
import { type HttpProvider, SECRET } from './http-provider.ts'

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-providers-'))
process.once('exit', () => rmSync(directory, { recursive: true, force: true }))

/** A file of the test's own; gives its path. */
export function fileOf(name: string, content: string): string {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}

export const secretFile = fileOf('secret', `${SECRET}\n`)

/** A private JWK in a file, and its content. */
export async function keyFileOf(
  name: string,
  alg: 'RS256' | 'RSA-OAEP',
): Promise<{ keyFile: string; jwk: JWK }> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = { ...(await exportJWK(privateKey)), alg }
  return { keyFile: fileOf(name, JSON.stringify(jwk)), jwk }
}

export const IAL2 = 'http://idmanagement.gov/ns/assurance/ial/2/aal/2'

/** Maria as Login.gov describes her. */
export const LOGIN_GOV_MARIA = {
  sub: 'f1c5b6a0-6d3e-4a57-9a39-5d0f0f1f2a10',
  email: 'maria@example.com',
  email_verified: true,
  given_name: 'Maria',
  family_name: 'Example',
  birthdate: '1984-03-12',
  social_security_number: '987654325',
}

/** Maria as ID.me does (facts: id-me §5). */
export const ID_ME_MARIA = {
  sub: '0f8fad5bd9cb469fa165708086724bd5',
  uuid: '0f8fad5bd9cb469fa165708086724bd5',
  email: 'maria@example.org',
  fname: 'MARÍA',
  lname: 'Example',
  birth_date: '1984-03-12',
  social: '987-65-4325',
  multifactor: true,
  credential_ial: 2,
  credential_aal: 2,
}

/** The row for a provider that is like Login.gov, as a public client. */
export const loginGovRow = (provider: HttpProvider, more: Record<string, unknown> = {}) => ({
  id: 'login.gov',
  name: 'Login.gov',
  issuer: provider.issuer,
  clientId: provider.clientId,
  authentication: { method: 'none' },
  scope: 'openid email profile',
  acrValues: 'http://idmanagement.gov/ns/assurance/ial/2',
  acceptedAcr: ['http://idmanagement.gov/ns/assurance/ial/2'],
  amr: ['mfa'],
  ...more,
})

/** The row for a provider that is like ID.me; the README has the same. */
export const idMeRow = (provider: HttpProvider, more: Record<string, unknown> = {}) => ({
  id: 'id.me',
  name: 'ID.me',
  issuer: provider.issuer,
  clientId: provider.clientId,
  authentication: { method: 'client_secret_post', secretFile },
  scope: `openid ${IAL2}`,
  nonce: 'if-echoed',
  userinfo: { format: 'jwt' },
  assurance: [{ acr: IAL2, when: { credential_ial: [2], credential_aal: [2] } }],
  acceptedAcr: [IAL2],
  proofedAcr: [IAL2],
  amr: ['mfa'],
  signUp: { parameters: { op: 'signup' } },
  claims: {
    givenName: 'fname',
    familyName: 'lname',
    birthdate: 'birth_date',
    email: 'email',
    ssn: 'social',
  },
  ...more,
})

/** From the choice to a provider and back: the answer to the callback, and what the browser was sent away with. */
export async function comeBackFrom(
  suite: SignInUnderTest,
  provider: HttpProvider,
  id: string,
  options: { browser?: Browser; fields?: Record<string, string>; parameters?: Record<string, string> } = {},
) {
  const { browser = suite.newBrowser(), fields = {}, parameters = {} } = options
  const { interaction } = await suite.walk(browser, suite.relying.authorizeUrl(parameters), {
    stopAt: 'choice',
  })
  const away = await browser.submit(interaction, `${interaction}/provider`, { provider: id, ...fields })
  const location = new URL(String(away.headers.location))
  const answer = await browser.get(`/federation/${id}/callback?${provider.authenticate(location.href)}`)
  const [, hasArrived] = /^\/interaction\/[\w-]+(\/terms)$/.exec(String(answer.headers.location)) ?? []
  return { answer, browser, interaction, asked: location.searchParams, hasArrived: hasArrived !== undefined }
}

/** Accounts and credentials, as they are stored. */
export async function storedAccounts(suite: SignInUnderTest) {
  const credentials = (await suite.ground.database
    .selectFrom('credentials' as never)
    .selectAll()
    .execute()) as unknown as { idp: string; subject: string; accountId: string; acr: string; amr: string }[]
  const accounts = await suite.ground.database
    .selectFrom('accounts' as never)
    .selectAll()
    .execute()
  return { accounts, credentials }
}
