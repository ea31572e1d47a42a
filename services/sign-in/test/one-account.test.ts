import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { decodeJwt } from 'jose'
import { buildSignIn } from './signing-in.ts'
import { type HttpProvider, startProvider } from './support/http-provider.ts'
import {
  comeBackFrom,
  IAL2,
  ID_ME_MARIA,
  idMeRow,
  LOGIN_GOV_MARIA,
  loginGovRow,
  storedAccounts,
} from './support/providers.ts'

const LOGIN_GOV_LEVEL = 'http://idmanagement.gov/ns/assurance/ial/2'
const loginGov = await startProvider({
  userinfo: 'json',
  person: LOGIN_GOV_MARIA,
  idToken: { acr: LOGIN_GOV_LEVEL },
})
const idMe = await startProvider({ userinfo: 'jwt', person: ID_ME_MARIA })
const providers: Record<string, HttpProvider> = { 'login.gov': loginGov, 'id.me': idMe }
const suite = await buildSignIn({
  rows: [loginGovRow(loginGov), idMeRow(idMe, { leavingPage: true, amr: ['mfa', 'otp'] })],
})
after(async () => {
  await suite.app.close()
  await Promise.all([loginGov.close(), idMe.close()])
})
afterEach(() => {
  loginGov.heal()
  idMe.heal()
  suite.answers.heal()
})

const arriveFrom = (id: string) =>
  comeBackFrom(suite, providers[id] as HttpProvider, id, { fields: { leave: 'yes' } })

/** A whole sign-in with a provider, as the tokens tell it. */
async function signedInWith(id: string) {
  const { answer, browser } = await arriveFrom(id)
  const { redirect } = await suite.walk(browser, String(answer.headers.location))
  const response = await suite.relying.redeem(String(redirect?.searchParams.get('code')))
  assert.equal(response.statusCode, 200, response.body)
  return decodeJwt(response.json<{ access_token: string }>().access_token)
}

async function audited(event: string) {
  const rows = (await suite.ground.database
    .selectFrom('auditEvents' as never)
    .selectAll()
    .execute()) as unknown as { event: string; outcome: string; actor: string; details: string }[]
  return rows
    .filter((row) => row.event === event)
    .map(({ outcome, actor, details }) => ({ outcome, actor, details: JSON.parse(details) }))
}

test('one person with two credentials has one account: the same subject and User ID, and each sign-in says how it was', async () => {
  const byLogin = await signedInWith('login.gov')
  const byIdMe = await signedInWith('id.me')
  assert.equal(byIdMe.sub, byLogin.sub)
  assert.equal(byIdMe.bso_user_id, byLogin.bso_user_id)
  assert.deepEqual([byLogin.idp, byLogin.acr, byLogin.amr], ['login.gov', LOGIN_GOV_LEVEL, ['mfa']])
  assert.deepEqual([byIdMe.idp, byIdMe.acr, byIdMe.amr], ['id.me', IAL2, ['mfa', 'otp']])

  const { accounts, credentials } = await storedAccounts(suite)
  assert.equal(accounts.length, 1)
  assert.deepEqual(credentials.map(({ idp, subject, acr, amr }) => [idp, subject, acr, amr]).sort(), [
    ['id.me', ID_ME_MARIA.sub, IAL2, '["mfa","otp"]'],
    ['login.gov', LOGIN_GOV_MARIA.sub, LOGIN_GOV_LEVEL, '["mfa"]'],
  ])
  // `bso-user-ids` hears of one account with two credentials.
  const associations = suite.answers.made
    .filter(({ path }) => path === '/associations')
    .map(({ body }) => body as { accountId: string; credential: { idp: string } })
  assert.deepEqual(
    associations.map(({ credential }) => credential.idp),
    ['login.gov', 'id.me'],
  )
  assert.equal(new Set(associations.map(({ accountId }) => accountId)).size, 1)

  const actor = credentials[0]?.accountId
  assert.deepEqual(await audited('account.created'), [
    { outcome: 'success', actor, details: { idp: 'login.gov' } },
  ])
  assert.deepEqual(await audited('credential.linked'), [
    { outcome: 'success', actor, details: { idp: 'id.me', by: 'ssn' } },
  ])
})

test('a person without an SSN gets an account, and nobody else’s', async () => {
  const { social: _, ...person } = { ...ID_ME_MARIA, sub: 'passport-holder', fname: 'Ngozi' }
  idMe.behaviour.person = person
  const before = (await storedAccounts(suite)).accounts.length
  assert.ok((await arriveFrom('id.me')).hasArrived)
  assert.equal((await storedAccounts(suite)).accounts.length, before + 1)
  const { body } = suite.answers.made.findLast(({ path }) => path === '/associations') as {
    body: { person: Record<string, unknown> }
  }
  assert.deepEqual(body.person, { firstName: 'Ngozi', lastName: 'Example', dateOfBirth: '1984-03-12' })
})

test('the SSN of a known person with another birth date is not that person, and the audit trail says so', async () => {
  idMe.behaviour.person = { ...ID_ME_MARIA, sub: 'mistyped', birth_date: '1948-03-12' }
  const { accounts } = await storedAccounts(suite)
  assert.ok((await arriveFrom('id.me')).hasArrived)
  assert.equal((await storedAccounts(suite)).accounts.length, accounts.length + 1)
  const [doubted] = await audited('credential.not-linked')
  assert.equal(doubted?.outcome, 'refusal')
  assert.deepEqual(doubted.details, { idp: 'id.me', because: 'birth_date_not_confirmed' })
})

test('a credential behind which the provider now names another SSN signs nobody in and asks bso-user-ids nothing', async () => {
  await arriveFrom('login.gov')
  loginGov.behaviour.person = { ...LOGIN_GOV_MARIA, social_security_number: '987654326' }
  const before = suite.answers.made.length
  const { answer, browser, interaction } = await arriveFrom('login.gov')
  assert.equal(answer.statusCode, 409)
  assert.match(answer.body, /belong to somebody else/)
  assert.equal((await browser.get(`${interaction}/terms`)).statusCode, 400)
  assert.equal(suite.answers.made.length, before)
  const [refused] = await audited('credential.contradicted')
  assert.deepEqual(refused?.details, { idp: 'login.gov' })
})

test('what bso-user-ids objects to does not count for later matches (ASVS 16.5.3)', async () => {
  const person = { ...LOGIN_GOV_MARIA, sub: 'nadia', given_name: 'Nadia', social_security_number: undefined }
  loginGov.behaviour.person = person
  assert.ok((await arriveFrom('login.gov')).hasArrived)
  loginGov.behaviour.person = { ...person, social_security_number: '987654327' }
  suite.answers.state.conflict = true
  assert.equal((await arriveFrom('login.gov')).answer.statusCode, 409)
  suite.answers.heal()

  idMe.behaviour.person = { ...ID_ME_MARIA, sub: 'other-nadia', fname: 'Other', social: '987654327' }
  const { accounts } = await storedAccounts(suite)
  assert.ok((await arriveFrom('id.me')).hasArrived)
  assert.equal((await storedAccounts(suite)).accounts.length, accounts.length + 1)
})
