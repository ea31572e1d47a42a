import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { decodeJwt } from 'jose'
import { MARIA, MARIA_WITHOUT_CBSV } from './answering-calls.ts'
import { buildSignIn } from './signing-in.ts'

const suite = await buildSignIn()
const { answers } = suite
after(() => suite.app.close())
afterEach(() => void answers.heal())

async function atUserIds(parameters: Record<string, string> = {}) {
  const browser = suite.newBrowser()
  const { path, answer } = await suite.walk(browser, suite.relying.authorizeUrl(parameters), {
    stopAt: 'user-id',
  })
  return { browser, path, answer }
}

test('the page lists the User IDs of the person with EIN and company', async () => {
  const { answer } = await atUserIds()
  assert.match(answer.body, /Please select a User ID and EIN/)
  assert.match(
    answer.body,
    new RegExp(`<option value="${MARIA}">MARIA7K2 – EIN 96-0001012, Example Payroll Company</option>`),
  )
  assert.match(answer.body, new RegExp(`<option value="${MARIA_WITHOUT_CBSV}">`))
})

for (const [what, userId] of [
  ['nothing', ''],
  ['one that is not linked to the person', 'OTHER123:960001012'],
  ['a User ID with the EIN of another', 'MARIA7K2:960002037'],
  ['what is no User ID', 'Select one'],
] as const) {
  test(`choosing ${what} brings the page again with an error (ASVS 8.2.2)`, async () => {
    const { browser, path } = await atUserIds()
    const { statusCode, body, headers } = await browser.submit(path, path, { userId })
    assert.equal(statusCode, 422)
    assert.match(body, /<a class="usa-link" href="#userId">Select a User ID and EIN from the list/)
    assert.equal(headers.location, undefined)
  })
}

test('a User ID without CBSV gives tokens that do not open CBSV, and the answer says so (RFC 6749 §5.1)', async () => {
  const tokens = await suite.signedIn({ userId: MARIA_WITHOUT_CBSV })
  assert.equal(tokens.scope ?? '', '')
  assert.doesNotMatch(String(tokens.claims.scope ?? ''), /cbsv/)
  assert.equal(tokens.claims.bso_user_id, 'MARIA9Z9')
  assert.deepEqual(tokens.person.bso_services, [])
  // A refresh does not bring it back.
  const asked = await suite.relying.token({
    grant_type: 'refresh_token',
    refresh_token: tokens.refresh_token,
    scope: 'openid cbsv.verify',
  })
  assert.equal(asked.json().error, 'invalid_scope')
  const refreshed = await suite.relying.refresh(tokens.refresh_token)
  assert.equal(refreshed.statusCode, 200)
  assert.equal(refreshed.json().scope ?? '', '')
})

test('a User ID without CBSV gives no CBSV scope without a resource either (RFC 6749 §5.1)', async () => {
  const { answer, redirect } = await suite.walk(
    suite.newBrowser(),
    suite.relying.authorizeUrl({ resource: '' }),
    { userId: MARIA_WITHOUT_CBSV },
  )
  assert.ok(redirect?.searchParams.has('code'), answer.body)
  const tokens = await suite.relying.redeem(String(redirect?.searchParams.get('code')))
  assert.deepEqual(tokens.json().scope.split(' ').sort(), ['bso', 'openid', 'profile'])
})

test('without a resource indicator no token opens CBSV, whatever scope was asked for (RFC 8707)', async () => {
  const tokens = await suite.relying.redeem(
    String(
      (
        await suite.walk(suite.newBrowser(), suite.relying.authorizeUrl({ resource: '' }))
      ).redirect?.searchParams.get('code'),
    ),
  )
  // No JWT: the gateway has nothing to verify.
  assert.doesNotMatch(tokens.json().access_token, /\./)
})

test('a relying service that asks for neither BSO nor CBSV skips the page', async () => {
  const plain = await suite.relyingService({ scope: 'openid profile' })
  const authorize = plain.authorizeUrl({ scope: 'openid profile', resource: '' })
  const { steps, redirect } = await suite.walk(suite.newBrowser(), authorize)
  assert.deepEqual(steps, ['choice', 'provider', 'terms'])
  const { id_token } = (await plain.redeem(String(redirect?.searchParams.get('code')))).json()
  const person = decodeJwt(id_token)
  assert.equal(person.name, 'Maria Example')
  assert.equal(person.idp, 'login.gov')
  assert.equal(person.bso_user_id, undefined)
})

test('Exit ends the sign-in: the relying service hears access_denied with its state (RFC 6749 §4.1.2.1)', async () => {
  const { browser, path } = await atUserIds()
  const left = await browser.submit(path, path, { userId: MARIA, exit: 'yes' })
  const back = await browser.get(String(left.headers.location))
  const url = new URL(String(back.headers.location))
  assert.equal(url.searchParams.get('error'), 'access_denied')
  assert.equal(url.searchParams.get('state'), 'state-of-the-relying-service')
})

test('the page allows forms to lead to the relying service', async () => {
  const { answer, browser, path } = await atUserIds()
  const again = await browser.submit(path, path, { userId: '' })
  for (const { headers } of [answer, again]) {
    assert.match(String(headers['content-security-policy']), /form-action 'self' https:\/\/relying\.example/)
  }
})

for (const [what, ein, message] of [
  ['that is too short', '96-000305', /Enter the nine digits of the EIN/],
  ['with letters', '96000305X', /Enter the nine digits of the EIN/],
  ['with a hyphen in the wrong place', '960-003055', /Enter the nine digits of the EIN/],
  ['of an unknown company', '960009999', /No employer with this EIN is registered/],
  ['of a company that is disabled', '960004068', /No User ID is issued for this employer at present/],
  ['for which there is a User ID', '96-0001012', /You have a User ID for this EIN already/],
] as const) {
  test(`a new User ID for an EIN ${what} is not issued, and the page says why`, async () => {
    const { browser, path } = await atUserIds()
    const { statusCode, body } = await browser.submit(`${path}/new`, `${path}/new`, { ein })
    assert.equal(statusCode, 422)
    assert.match(body, message)
    assert.match(body, /<a class="usa-link" href="#ein">/)
    assert.match(body, new RegExp(`value="${ein}"`))
  })
}

test('a new User ID is shown, selected, and opens everything but CBSV', async () => {
  const { browser, path } = await atUserIds()
  const issued = await browser.submit(`${path}/new`, `${path}/new`, { ein: ' 96-0003055 ' })
  assert.equal(issued.statusCode, 200)
  assert.match(issued.body, /Your new User ID is NEWUSER2/)
  assert.match(issued.body, /<option value="NEWUSER2:960003055" selected>/)
  const chosen = await browser.submit(path, path, { userId: 'NEWUSER2:960003055' })
  const back = await browser.get(String(chosen.headers.location))
  const code = new URL(String(back.headers.location)).searchParams.get('code')
  const { id_token, scope } = (await suite.relying.redeem(String(code))).json()
  const person = decodeJwt(id_token)
  assert.equal(person.bso_user_id, 'NEWUSER2')
  assert.deepEqual(person.bso_services, [])
  assert.equal(scope ?? '', '')
})

test('a person without User IDs is asked to request one', async () => {
  answers.state.userIds = []
  const { answer, browser, path } = await atUserIds()
  assert.match(answer.body, /No BSO User ID is linked to you yet/)
  assert.match(answer.body, new RegExp(`href="${path}/new">Request a new User ID</a>`))
  assert.doesNotMatch(answer.body, /<select|>Next</)
  assert.equal((await browser.submit(path, path, {})).statusCode, 422)
  assert.equal((await browser.submit(path, path, { exit: 'yes' })).statusCode, 303)
})

test('while bso-user-ids is down no User ID is chosen and no code issued (ASVS 16.5.3)', async () => {
  const { browser, path } = await atUserIds()
  const form = await browser.get(path)
  const [, csrf] = /name="_csrf" value="([^"]+)"/.exec(form.body) ?? []
  answers.state.down = ['bso-user-ids']
  assert.equal((await browser.get(path)).statusCode, 503)
  assert.equal((await browser.post(path, { _csrf: csrf as string, userId: MARIA })).statusCode, 503)
})
