import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { buildSignIn } from './signing-in.ts'
import { SECRET, startProvider } from './support/http-provider.ts'
import {
  comeBackFrom,
  IAL2,
  ID_ME_MARIA,
  idMeRow,
  keyFileOf,
  LOGIN_GOV_MARIA,
  loginGovRow,
  secretFile,
} from './support/providers.ts'

const encryption = await keyFileOf('encryption.json', 'RSA-OAEP')
const LOGIN_GOV_LEVEL = { acr: 'http://idmanagement.gov/ns/assurance/ial/2' }

const loginGov = await startProvider({
  userinfo: 'json',
  person: LOGIN_GOV_MARIA,
  idToken: LOGIN_GOV_LEVEL,
})
const idMe = await startProvider({ userinfo: 'jwt', person: ID_ME_MARIA })
const encrypting = await startProvider({
  userinfo: 'jwe',
  person: ID_ME_MARIA,
  clientEncryptionKey: encryption.jwk,
})
const plain = await startProvider({ userinfo: 'none', person: LOGIN_GOV_MARIA })
// Its pages are at another origin than its issuer, as at some large providers.
const elsewhere = await startProvider({
  userinfo: 'none',
  person: LOGIN_GOV_MARIA,
  metadata: { authorization_endpoint: 'https://accounts.example/authorize' },
})
const all = [loginGov, idMe, encrypting, plain, elsewhere]

const suite = await buildSignIn({
  rows: [
    loginGovRow(loginGov, {
      promptLogin: true,
      signUp: { parameters: { prompt: 'create' } },
      parameters: { locale: 'es' },
    }),
    idMeRow(idMe, { leavingPage: true }),
    idMeRow(encrypting, {
      id: 'encrypting',
      userinfo: { format: 'jwt', decryptionKeyFile: encryption.keyFile },
      assurance: [
        { acr: 'never', when: { credential_ial: [3] } },
        {
          acr: IAL2,
          amr: ['mfa', 'pwd'],
          when: { credential_ial: [2, 'classic_loa3'], multifactor: [true] },
        },
      ],
    }),
    loginGovRow(plain, {
      id: 'plain',
      name: 'Plain',
      authentication: { method: 'client_secret_basic', secretFile },
      acceptedAcr: undefined,
      acrValues: undefined,
    }),
    loginGovRow(elsewhere, { id: 'elsewhere', name: 'Elsewhere', acceptedAcr: undefined }),
  ],
})
after(async () => {
  await suite.app.close()
  await Promise.all(all.map((provider) => provider.close()))
})
afterEach(() => {
  for (const provider of all) provider.heal()
  suite.answers.heal()
})

const associated = () =>
  suite.answers.made.findLast(({ path }) => path === '/associations')?.body as
    | { credential: unknown; person: unknown }
    | undefined

test('ID.me describes people by names of its own in a signed token, and they arrive like others (facts: id-me §5)', async () => {
  const { hasArrived } = await comeBackFrom(suite, idMe, 'id.me', { fields: { leave: 'yes' } })
  assert.ok(hasArrived)
  assert.deepEqual(associated(), {
    ...associated(),
    credential: { idp: 'id.me', subject: ID_ME_MARIA.sub },
    person: { firstName: 'MARÍA', lastName: 'Example', dateOfBirth: '1984-03-12', ssn: '987654325' },
  })
})

test('a client secret goes into the body or the header of the token request, as the row says, and nowhere else (Core §9)', async () => {
  await comeBackFrom(suite, idMe, 'id.me', { fields: { leave: 'yes' } })
  const posted = idMe.tokenRequests.at(-1)
  assert.equal(posted?.body.get('client_secret'), SECRET)
  assert.equal(posted?.body.get('client_id'), 'gatehouse')
  assert.equal(posted?.authorization, undefined)

  await comeBackFrom(suite, plain, 'plain')
  const basic = plain.tokenRequests.at(-1)
  const header = Buffer.from(String(basic?.authorization).replace('Basic ', ''), 'base64').toString()
  assert.equal(header, `gatehouse:${encodeURIComponent(SECRET).replaceAll('-', '%2D')}`)
  assert.equal(basic?.body.has('client_secret'), false)

  await comeBackFrom(suite, loginGov, 'login.gov')
  const open = loginGov.tokenRequests.at(-1)
  assert.equal(open?.authorization, undefined)
  assert.equal(open?.body.get('client_id'), 'gatehouse')
  assert.equal(open?.body.has('client_secret'), false)
})

test('PKCE S256 is sent to providers that do not advertise it, and the provider gets the verifier (RFC 7636)', async () => {
  // The provider refuses a code whose verifier does not match.
  const { asked, hasArrived } = await comeBackFrom(suite, idMe, 'id.me', { fields: { leave: 'yes' } })
  assert.equal(asked.get('code_challenge_method'), 'S256')
  assert.ok(hasArrived)
})

test('a nonce may be missing only where the row says so (facts: id-me §2)', async () => {
  for (const provider of [idMe, plain]) Object.assign(provider.behaviour, { idToken: { nonce: undefined } })
  assert.ok((await comeBackFrom(suite, idMe, 'id.me', { fields: { leave: 'yes' } })).hasArrived)
  assert.equal((await comeBackFrom(suite, plain, 'plain')).answer.statusCode, 502)
})

test('userinfo inside an encrypted token is read with the key of the row (facts: id-me §5)', async () => {
  const { hasArrived, answer } = await comeBackFrom(suite, encrypting, 'encrypting')
  assert.ok(hasArrived, answer.body)
  assert.deepEqual(associated()?.person, {
    firstName: 'MARÍA',
    lastName: 'Example',
    dateOfBirth: '1984-03-12',
    ssn: '987654325',
  })
})

test('the token of userinfo is found as the body, as a JSON string, and whatever content type it has', async () => {
  for (const [type, wrap] of [
    ['application/jwt', String],
    ['text/plain; charset=utf-8', String],
    ['application/json', JSON.stringify],
  ] as const) {
    const token = await idMe.behaviour.signUserInfo({
      ...ID_ME_MARIA,
      iss: idMe.issuer,
      aud: 'gatehouse',
    })
    Object.assign(idMe.behaviour, { userinfoAnswer: { type, body: wrap(token) } })
    const { hasArrived } = await comeBackFrom(suite, idMe, 'id.me', { fields: { leave: 'yes' } })
    assert.ok(hasArrived, type)
  }
})

test('a provider without userinfo describes the person in the ID token', async () => {
  Object.assign(plain.behaviour, { idToken: LOGIN_GOV_LEVEL })
  assert.ok((await comeBackFrom(suite, plain, 'plain')).hasArrived)
  assert.deepEqual(associated()?.credential, { idp: 'plain', subject: LOGIN_GOV_MARIA.sub })
})

test('acr and amr are made by the first rule that fits, and stand in the tokens', async () => {
  const browser = suite.newBrowser()
  const { answer } = await comeBackFrom(suite, encrypting, 'encrypting', { browser })
  const { redirect } = await suite.walk(browser, String(answer.headers.location))
  const response = await suite.relying.redeem(String(redirect?.searchParams.get('code')))
  const { access_token } = response.json<{ access_token: string }>()
  const claims = JSON.parse(Buffer.from(access_token.split('.')[1] as string, 'base64url').toString())
  assert.equal(claims.idp, 'encrypting')
  assert.equal(claims.acr, IAL2)
  assert.deepEqual(claims.amr, ['mfa', 'pwd'])
})

test('where a provider names the methods itself, they count and not those of the row', async () => {
  Object.assign(plain.behaviour, { idToken: { ...LOGIN_GOV_LEVEL, amr: ['hwk'] } })
  const browser = suite.newBrowser()
  const { answer } = await comeBackFrom(suite, plain, 'plain', { browser })
  const { redirect } = await suite.walk(browser, String(answer.headers.location))
  const { access_token } = (await suite.relying.redeem(String(redirect?.searchParams.get('code')))).json()
  const claims = JSON.parse(Buffer.from(access_token.split('.')[1], 'base64url').toString())
  assert.deepEqual(claims.amr, ['hwk'])
})

test('at a level at which the provider has proofed nobody, names and SSN lead to no User ID (Core §5.7)', async () => {
  for (const acr of [undefined, 'http://idmanagement.gov/ns/assurance/ial/1', 'gold']) {
    Object.assign(plain.behaviour, { idToken: { acr, sub: `self-asserted-${acr}` } })
    const before = suite.answers.made.length
    assert.ok((await comeBackFrom(suite, plain, 'plain')).hasArrived)
    assert.equal(suite.answers.made.length, before)
  }
})

test('what is no SSN, no date and no name is not passed on as one', async () => {
  for (const social of [
    '000-12-3456',
    '666123456',
    '987004325',
    '987650000',
    '98765432',
    '9876543255',
    'N1234567',
  ]) {
    Object.assign(idMe.behaviour, { userinfo: { social } })
    assert.ok((await comeBackFrom(suite, idMe, 'id.me', { fields: { leave: 'yes' } })).hasArrived)
    assert.equal('ssn' in Object(associated()?.person), false, social)
  }
  const before = suite.answers.made.length
  for (const userinfo of [
    { birth_date: '1984-02-30' },
    { birth_date: '03/12/1984' },
    { birth_date: 446860800 },
    { fname: ' ' },
    { fname: null },
    { lname: 'x'.repeat(101) },
    { lname: ['Example'] },
  ]) {
    Object.assign(idMe.behaviour, { userinfo })
    assert.ok((await comeBackFrom(suite, idMe, 'id.me', { fields: { leave: 'yes' } })).hasArrived)
  }
  assert.equal(suite.answers.made.length, before)
})

test('the provider is asked with the parameters of its row, and for a sign-up with those as well', async () => {
  const asked = async (fields: Record<string, string>, parameters = {}, id = 'login.gov') => {
    const provider = id === 'login.gov' ? loginGov : idMe
    return (await comeBackFrom(suite, provider, id, { fields, parameters })).asked
  }
  const signIn = await asked({})
  assert.equal(signIn.get('locale'), 'es')
  assert.equal(signIn.get('acr_values'), 'http://idmanagement.gov/ns/assurance/ial/2')
  assert.equal(signIn.has('prompt'), false)
  assert.equal((await asked({ signUp: 'yes' })).get('prompt'), 'create')
  assert.equal((await asked({}, { prompt: 'login' })).get('prompt'), 'login')
  assert.deepEqual((await asked({ signUp: 'yes' }, { prompt: 'login' })).getAll('prompt'), ['create'])

  const atIdMe = await asked({ signUp: 'yes', leave: 'yes' }, {}, 'id.me')
  assert.equal(atIdMe.get('op'), 'signup')
  assert.equal(atIdMe.get('scope'), `openid ${IAL2}`)
  assert.equal(atIdMe.has('acr_values'), false)
  assert.equal((await asked({ leave: 'yes' }, {}, 'id.me')).has('op'), false)
})

test('the choice has a way to sign in and a way to an account with each provider, and the page about leaving keeps which', async () => {
  const browser = suite.newBrowser()
  const { interaction, answer } = await suite.walk(browser, suite.relying.authorizeUrl(), {
    stopAt: 'choice',
  })
  const [signIn = '', signUp = ''] = answer.body.split('No account yet?')
  for (const name of ['Login.gov', 'ID.me']) {
    assert.match(signIn, new RegExp(`Sign in with ${name}`))
    assert.match(signUp, new RegExp(`Create an account with ${name}`))
  }
  assert.doesNotMatch(signIn, /name="signUp"/)
  assert.match(signUp, /<input type="hidden" name="signUp" value="yes">/)

  const action = `${interaction}/provider`
  const forSignUp = await browser.submit(interaction, action, { provider: 'id.me', signUp: 'yes' })
  assert.match(forSignUp.body, /<h1>You are leaving Social Security’s website<\/h1>/)
  assert.match(forSignUp.body, /<input type="hidden" name="signUp" value="yes">/)
  const forSignIn = await browser.submit(interaction, action, { provider: 'id.me' })
  assert.match(forSignIn.body, /You are leaving/)
  assert.doesNotMatch(forSignIn.body, /name="signUp"/)
})

test('to a provider whose pages are at another origin the browser goes on from a page of its own', async () => {
  const browser = suite.newBrowser()
  const { interaction } = await suite.walk(browser, suite.relying.authorizeUrl(), { stopAt: 'choice' })
  const onward = await browser.submit(interaction, `${interaction}/provider`, { provider: 'elsewhere' })
  assert.equal(onward.statusCode, 200)
  const [, href = ''] = /^0; url=(.*)$/.exec(String(onward.headers.refresh)) ?? []
  assert.match(href, /^https:\/\/accounts\.example\/authorize\?/)
  assert.match(
    onward.body,
    /<a class="usa-button[^"]*" href="https:\/\/accounts\.example\/authorize\?[^"]*">Continue to Elsewhere<\/a>/,
  )
  const back = await browser.get(`/federation/elsewhere/callback?${elsewhere.authenticate(href)}`)
  assert.equal(back.headers.location, `${interaction}/terms`)
})
