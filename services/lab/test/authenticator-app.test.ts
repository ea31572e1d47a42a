import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { buildForTest } from '@gatehouse/http/testing'
import { generateURI, verifySync } from 'otplib'
import { service } from '../src/service.ts'
import { environment } from './lab-fixture.ts'

const lab = await buildForTest(service, { environment })
after(() => lab.app.close())

// RFC 6238 appendix B: the ASCII of 12345678901234567890.
const KEY = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const OTHER_KEY = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'

interface Shown {
  accounts: { id: string; issuer: string; account: string; code: string; secondsLeft: number }[]
}

const path = (number: string) => `/phones/${number}/authenticator-app`
const add = (number: string, payload: Record<string, unknown>) =>
  lab.app.inject({ method: 'POST', url: path(number), payload })
const shown = async (number: string): Promise<Shown> => (await lab.app.inject({ url: path(number) })).json()

/** Posts a form as a browser does after it has loaded `from`. */
async function postForm(from: string, action: string, fields: Record<string, string>) {
  const page = await lab.app.inject({ url: from, headers: { accept: 'text/html' } })
  const csrf = /name="_csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
  return lab.app.inject({
    method: 'POST',
    url: action,
    headers: {
      accept: 'text/html',
      'content-type': 'application/x-www-form-urlencoded',
      cookie: page.cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
    },
    payload: new URLSearchParams({ ...fields, _csrf: csrf }).toString(),
  })
}

test("an account that is added by its setup key shows the code of RFC 6238, by the suite's clock", async () => {
  const added = await add('+12025550101', {
    setupKey: KEY,
    issuer: 'Login.gov',
    account: 'maria@example.com',
  })
  assert.equal(added.statusCode, 201)
  const { id, ...names } = added.json()
  assert.deepEqual(names, { issuer: 'Login.gov', account: 'maria@example.com' })
  const [first] = (await shown('+12025550101')).accounts
  assert.equal(first?.id, id)
  const isRight = (code = '') =>
    verifySync({ secret: KEY, token: code, epoch: Math.floor(now() / 1_000), epochTolerance: 1 }).valid
  assert.ok(isRight(first?.code))
  assert.ok(first && first.secondsLeft >= 1 && first.secondsLeft <= 30)
  advanceClock(10 * 60_000)
  const [later] = (await shown('+12025550101')).accounts
  assert.ok(isRight(later?.code))
  assert.ok(!isRight(first.code))
})

test('a setup key is read as people type it: lower case, blanks, hyphens', async () => {
  const typed = 'gezd gnbv-gy3t qojq gezd gnbv gy3t qojq'
  assert.equal((await add('2025550102', { setupKey: typed })).statusCode, 201)
  assert.equal((await add('+12025550102', { setupKey: KEY })).statusCode, 201)
  const { accounts } = await shown('12025550102')
  assert.equal(accounts.length, 2)
  assert.equal(accounts[0]?.code, accounts[1]?.code)
})

test('an otpauth address brings issuer, account, digits, period and algorithm with it', async () => {
  const number = '+12025550103'
  const uri = generateURI({
    issuer: 'ID.me',
    label: 'maria@example.com',
    secret: KEY,
    digits: 8,
    period: 60,
    algorithm: 'sha256',
  })
  assert.deepEqual((({ issuer, account }) => ({ issuer, account }))((await add(number, { uri })).json()), {
    issuer: 'ID.me',
    account: 'maria@example.com',
  })
  const [one] = (await shown(number)).accounts
  const epoch = Math.floor(now() / 1_000)
  const options = { secret: KEY, digits: 8, period: 60, algorithm: 'sha256' } as const
  assert.ok(verifySync({ ...options, token: one?.code ?? '', epoch, epochTolerance: 1 }).valid)
  // Where no parameter names the issuer, the label's prefix does.
  const plain = await add(number, { uri: `otpauth://totp/Example%20Co:joe?secret=${KEY}` })
  assert.equal(plain.json().issuer, 'Example Co')
  assert.equal(plain.json().account, 'joe')
})

const refused = [
  { what: 'nothing', body: {}, field: 'body.setupKey' },
  { what: 'a key with other characters', body: { setupKey: `${KEY}01` }, field: 'body.setupKey' },
  { what: 'a short key', body: { setupKey: 'GEZDGNBV' }, field: 'body.setupKey' },
  { what: 'a key that breaks off', body: { setupKey: `${KEY}A` }, field: 'body.setupKey' },
  { what: 'a key beyond every size', body: { setupKey: KEY.repeat(10) }, field: 'body.setupKey' },
  {
    what: 'key and address',
    body: { setupKey: KEY, uri: `otpauth://totp/x?secret=${KEY}` },
    field: 'body.uri',
  },
  { what: 'an address that is none', body: { uri: KEY }, field: 'body.uri' },
  { what: 'counted codes', body: { uri: `otpauth://hotp/x?secret=${KEY}&counter=1` }, field: 'body.uri' },
  { what: 'an address without secret', body: { uri: 'otpauth://totp/x?issuer=y' }, field: 'body.uri' },
  { what: 'a short secret', body: { uri: 'otpauth://totp/x?secret=GEZDGNBV' }, field: 'body.uri' },
  { what: 'nine digits', body: { uri: `otpauth://totp/x?secret=${KEY}&digits=9` }, field: 'body.uri' },
  { what: 'another hash', body: { uri: `otpauth://totp/x?secret=${KEY}&algorithm=MD5` }, field: 'body.uri' },
  {
    what: 'a period of nothing',
    body: { uri: `otpauth://totp/x?secret=${KEY}&period=0` },
    field: 'body.uri',
  },
  {
    what: 'a period of days',
    body: { uri: `otpauth://totp/x?secret=${KEY}&period=99999` },
    field: 'body.uri',
  },
  {
    what: 'an address that cannot be decoded',
    body: { uri: `otpauth://totp/%E0%A4%A?secret=${KEY}` },
    field: 'body.uri',
  },
  { what: 'another field', body: { setupKey: KEY, digits: 6 }, field: 'body.digits' },
]
for (const { what, body, field } of refused) {
  test(`${what} is refused by field and rule, and the key is not repeated`, async () => {
    const answer = await add('+12025550104', body)
    assert.equal(answer.statusCode, 400)
    assert.deepEqual(
      answer.json().errors.map((error: { field: string }) => error.field),
      [field],
    )
    assert.ok(!answer.body.includes('GEZDGNBV'))
    assert.deepEqual((await shown('+12025550104')).accounts, [])
  })
}

test("an account is removed from its own phone only, and is gone from its phone's page", async () => {
  const { id } = (await add('+12025550105', { setupKey: KEY })).json()
  const remove = (number: string) => lab.app.inject({ method: 'DELETE', url: `${path(number)}/${id}` })
  assert.equal((await remove('+12025550106')).statusCode, 404)
  assert.equal((await shown('+12025550105')).accounts.length, 1)
  assert.equal((await remove('+12025550105')).statusCode, 204)
  assert.equal((await remove('+12025550105')).statusCode, 404)
  assert.deepEqual((await shown('+12025550105')).accounts, [])
})

test('without JavaScript an account is added, shown and removed by forms of the phone page', async () => {
  const phone = '/phones/+12025550107'
  const wrong = await postForm(phone, `${phone}/authenticator-app`, {
    setupKey: `${KEY}!`,
    issuer: '<b>',
    account: '',
  })
  assert.equal(wrong.statusCode, 422)
  assert.match(wrong.body, /href="#setupKey"/)
  assert.match(wrong.body, /value="&#60;b&#62;"/)
  assert.ok(!wrong.body.includes(KEY))
  const fields = { setupKey: `otpauth://totp/Login.gov:joe?secret=${OTHER_KEY}`, issuer: '', account: '' }
  const added = await postForm(phone, `${phone}/authenticator-app`, fields)
  assert.equal(added.statusCode, 303)
  assert.equal(added.headers.location, `${phone}#authenticator-app`)
  const [one] = (await shown('+12025550107')).accounts
  const page = (await lab.app.inject({ url: phone })).body
  assert.ok(page.includes(`<strong>${one?.code}</strong>`))
  assert.match(page, /<strong>Login.gov, joe<\/strong>/)
  assert.ok(!page.includes(OTHER_KEY))
  const removal = `${phone}/authenticator-app/${one?.id}/removal`
  assert.ok(page.includes(`action="${removal}"`))
  assert.equal((await postForm(phone, removal, {})).statusCode, 303)
  assert.deepEqual((await shown('+12025550107')).accounts, [])
})

test('a form of another site adds nothing', async () => {
  const answer = await lab.app.inject({
    method: 'POST',
    url: path('+12025550108'),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: `setupKey=${KEY}`,
  })
  assert.equal(answer.statusCode, 403)
  assert.deepEqual((await shown('+12025550108')).accounts, [])
})

test('of one phone the fifty newest accounts stay', async () => {
  for (let count = 0; count < 52; count++) {
    advanceClock(1)
    await add('+12025550109', { setupKey: KEY, account: String(count) })
  }
  const { accounts } = await shown('+12025550109')
  assert.equal(accounts.length, 50)
  assert.equal(accounts[0]?.account, '51')
})

test('setup keys are sealed at rest and stay out of the log (ASVS 16.2.5)', async () => {
  await add('+12025550110', { setupKey: OTHER_KEY, issuer: 'kept' })
  const rows = await lab.ground.database.selectFrom('authenticatorAppAccounts').selectAll().execute()
  assert.ok(rows.some(({ issuer }) => issuer === 'kept'))
  const text = JSON.stringify(rows) + lab.logLines.join('')
  for (const secret of [KEY, OTHER_KEY]) assert.ok(!text.includes(secret))
  assert.ok(!lab.logLines.join('').includes('2025550110'))
})
