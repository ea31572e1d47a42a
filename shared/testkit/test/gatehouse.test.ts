import { clockOffset } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { startGatehouse } from '../src/gatehouse.ts'
import { pickUpPhone } from '../src/phone.ts'
import { commandLineClient, signInHeadless } from '../src/sign-in.ts'

// The cool-down before a call would be ten seconds of waiting.
const gatehouse = await startGatehouse({
  environment: { 'one-time-codes': { CODE_POLICIES: JSON.stringify({ 'login-gov': { coolDownMs: 0 } }) } },
})
after(() => gatehouse.close())
const { urls } = gatehouse

test('a sign-in by text gives tokens that say who signed in, and how', async () => {
  const { tokens, claims } = await signInHeadless({ urls, persona: gatehouse.persona('maria') })
  assert.equal(claims.iss, urls['sign-in'])
  assert.equal(claims.aud, 'urn:gatehouse:cbsv')
  assert.equal(claims.client_id, 'gatehouse-cli')
  assert.equal(claims.scope, 'cbsv.verify')
  assert.equal(claims.idp, 'login.gov')
  assert.equal(claims.bso_user_id, 'MARIA7K2')
  assert.equal(claims.ein, '960001012')
  assert.equal(tokens.expires_in, 300)
  assert.equal(tokens.claims()?.name, 'Maria Example')
})

test('a sign-in by call takes the code from the call', async () => {
  const phone = await pickUpPhone(urls, gatehouse.persona('maria').phoneNumber)
  const { claims } = await signInHeadless({ urls, persona: gatehouse.persona('maria'), channel: 'call' })
  assert.equal(claims.bso_user_id, 'MARIA7K2')
  assert.match(await phone.nextCode('call', 1), /^\d{6}$/)
})

test('a person with two employers signs in for the one that is named', async () => {
  const persona = gatehouse.persona('james')
  const { claims } = await signInHeadless({ urls, persona, ein: '960002037' })
  assert.equal(claims.bso_user_id, 'JAMES8W3')
})

test('a person without a User ID requests one on the way', async () => {
  const persona = gatehouse.persona('nadia')
  await assert.rejects(signInHeadless({ urls, persona }), /no User ID to choose at “BSO User ID”/)
  const { claims } = await signInHeadless({ urls, persona, ein: '960001012' })
  assert.match(String(claims.bso_user_id), /^[A-Z0-9]{8}$/)
})

test('a person whose identity is not verified yet is verified on the way', async () => {
  const { claims } = await signInHeadless({ urls, persona: gatehouse.persona('priya'), ein: '960001012' })
  assert.match(String(claims.acr), /ial\/2/)
  assert.match(String(claims.bso_user_id), /^[A-Z0-9]{8}$/)
})

test('by way of my Social Security a person skips extra security or enables it, whether the letter is there or not', async () => {
  const signIn = async (id: string, extraSecurity?: 'skip' | 'enable') => {
    const choice = extraSecurity ? { extraSecurity } : {}
    const persona = gatehouse.persona(id)
    const client = { ...commandLineClient, scope: 'openid profile' }
    return (await signInHeadless({ urls, persona, provider: 'my-ssa', client, ...choice })).claims
  }
  assert.deepEqual((await signIn('daniel')).amr, ['pwd', 'sms', 'mfa'])
  const skipped = await signIn('ruth')
  assert.deepEqual([skipped.idp, skipped.amr], ['my-ssa', ['pwd']])
  assert.deepEqual((await signIn('ruth', 'enable')).amr, ['pwd', 'sms', 'mfa'])
  assert.deepEqual((await signIn('maria', 'enable')).amr, ['pwd'], 'nobody has asked her')
  await assert.rejects(signIn('james'), /no username at “Sign In or Create an Account”/)
})

test('where a sign-in ends, the error names the page and what it says, and no secret', async () => {
  const persona = { ...gatehouse.persona('maria'), password: 'not the one she has' }
  await assert.rejects(signInHeadless({ urls, persona }), (error: Error) => {
    assert.match(error.message, /the password a second time at “Sign in for existing users”/)
    assert.match(error.message, /is wrong/)
    return !error.message.includes(persona.password)
  })
})

test('the clock moves for every service, and what expires obeys', async () => {
  const { tokens } = await signInHeadless({ urls, persona: gatehouse.persona('maria') })
  const verify = () =>
    fetch(`${urls.gateway}/cbsv/verifications`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ requests: [{ ssn: '987654320', firstName: 'Avery', lastName: 'Sample' }] }),
    })
  assert.equal((await verify()).status, 200)
  const before = { offset: clockOffset(), now: now() }
  gatehouse.advanceClock(301_000)
  assert.equal(clockOffset(), before.offset + 301_000)
  assert.ok(now() >= before.now + 301_000)
  assert.equal((await verify()).status, 401)
})

test('the log is kept, and holds no password, no number holder and no token', async () => {
  const text = (await gatehouse.logLines()).join('\n')
  for (const service of Object.keys(urls)) assert.ok(text.includes(`"name":"${service}"`), service)
  for (const { password, ssn, phoneNumber } of gatehouse.personas) {
    for (const secret of [password, ssn, phoneNumber]) assert.ok(!secret || !text.includes(secret))
  }
  assert.doesNotMatch(text, /eyJ[\w-]{10}/)
})

test('two suites share neither addresses nor personas’ passwords, and nothing is left of one that closed', async () => {
  const other = await startGatehouse({ logLevel: 'silent' })
  const used = new Set([...Object.values(urls), ...Object.values(other.urls)])
  assert.equal(used.size, 2 * Object.keys(urls).length)
  assert.notEqual(other.persona('maria').password, gatehouse.persona('maria').password)
  const files = readdirSync(other.dataDirectory, { recursive: true, encoding: 'utf8' })
  assert.deepEqual(
    files.filter((file) => file.includes('.sqlite')),
    [],
  )
  await other.close()
  assert.equal(existsSync(other.dataDirectory), false)
  await assert.rejects(fetch(other.urls.bso))
  assert.equal((await fetch(`${urls.bso}/health/live`)).status, 200)
})

test('a suite that closed gives back its data directory, and what was kept there is there for the next', async (t) => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'gatehouse-testkit-'))
  t.after(() => rmSync(dataDirectory, { recursive: true, force: true }))
  const first = await startGatehouse({ dataDirectory })
  await first.close()
  const second = await startGatehouse({ dataDirectory })
  await second.close()
  assert.equal(second.persona('maria').password, first.persona('maria').password)
})
