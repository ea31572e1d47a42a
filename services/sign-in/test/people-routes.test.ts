import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { PeopleFound, Person } from '@gatehouse/contracts/people'
import { Value } from 'typebox/value'
import { deviceOf } from '../src/people/devices.ts'
import { buildSignIn } from './signing-in.ts'

const suite = await buildSignIn()
const { app } = suite
after(() => app.close())

const headers = () => suite.as('admin', 'people.read')
const search = async (payload: object, authorization?: Record<string, string>) =>
  app.inject({
    method: 'POST',
    url: '/people/searches',
    headers: authorization ?? (await headers()),
    payload,
  })
const find = async (accountId: string, authorization?: Record<string, string>) =>
  app.inject({ url: `/people/${accountId}`, headers: authorization ?? (await headers()) })

async function theOnlyPerson() {
  const response = await search({ by: 'email', text: 'maria' })
  assert.equal(response.statusCode, 200, response.body)
  assert.ok(Value.Check(PeopleFound, response.json()))
  assert.equal(response.json().people.length, 1)
  return response.json().people[0] as PeopleFound['people'][number]
}

test('whoever has signed in is found, with credential, session, device, client and grant', async () => {
  const { claims } = await suite.signedIn()
  const found = await theOnlyPerson()
  assert.deepEqual(found.idps, ['login.gov'])
  assert.match(String(found.maskedSsn), /^XXX-XX-[0-9]{4}$/)
  const response = await find(found.accountId)
  const person: Person = response.json()
  assert.ok(Value.Check(Person, person), response.body)
  const [session] = person.sessions
  assert.ok(session)
  assert.equal(session.sid, claims.sid)
  assert.equal(session.device, 'lightMyRequest')
  assert.deepEqual(session.clients, [suite.relying.client_id])
  const [grant] = person.grants
  assert.deepEqual(
    [grant?.clientId, grant?.bsoUserId, grant?.sid, grant?.resources],
    [suite.relying.client_id, 'MARIA7K2', claims.sid, ['urn:gatehouse:cbsv']],
  )
  assert.ok(grant?.scopes.includes('cbsv.verify'))
  assert.equal(person.credentials[0]?.maskedSsn, found.maskedSsn)
})

test('a session that ended is gone from the person, and so are its grants', async () => {
  const { browser } = await suite.signedIn()
  const { accountId } = await theOnlyPerson()
  const sessions = async () => (await find(accountId)).json<Person>()
  const before = await sessions()
  const { body } = await browser.get('/logout')
  const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(body) ?? []
  assert.equal((await browser.post('/logout/confirm', { xsrf, logout: 'yes' })).statusCode, 303)
  const after = await sessions()
  assert.equal(after.sessions.length, before.sessions.length - 1)
  assert.equal(after.grants.length, before.grants.length - 1)
})

test('what is searched for, and what is found, is in no log line', async () => {
  const before = suite.logLines.length
  await search({ by: 'name', text: 'Example' })
  await search({ by: 'email', text: 'maria@example.com' })
  await search({ by: 'ssn-ending', text: 'nonsense' })
  const lines = suite.logLines.slice(before).join('\n')
  assert.ok(lines.includes('/people/searches'))
  assert.doesNotMatch(lines, /maria|Example|nonsense/i)
})

test('an account that nobody has is person_unknown, and what cannot be searched for is refused by its rule', async () => {
  const unknown = await find('nobody')
  assert.deepEqual([unknown.statusCode, unknown.json().code], [404, 'person_unknown'])
  const wrong = await search({ by: 'ssn-ending', text: '987654325' })
  assert.equal(wrong.json().detail, 'text must be four digits')
  assert.deepEqual([wrong.statusCode, wrong.json().code], [400, 'invalid_request'])
  for (const body of [
    { by: 'phone', text: '1' },
    { by: 'name', text: '' },
    { by: 'name', text: 'a', limit: 201 },
  ]) {
    assert.equal((await search(body)).statusCode, 400)
  }
})

test('people are for the console alone (RFC 6750 section 3.1)', async () => {
  for (const call of [
    (authorization: Record<string, string>) => search({ by: 'name', text: 'a' }, authorization),
    (authorization: Record<string, string>) => find('nobody', authorization),
  ]) {
    assert.equal((await call({ accept: 'application/json' })).statusCode, 401)
    for (const authorization of [
      await suite.as('bso', 'people.read'),
      await suite.as('admin', 'clients.write'),
    ]) {
      const refused = await call(authorization)
      assert.deepEqual([refused.statusCode, refused.json().code], [403, 'insufficient_scope'])
    }
  }
})

test('of a User-Agent header what can be printed is kept, 200 characters at most', () => {
  assert.equal(deviceOf('Firefox\u0000\r\n <b>\u202e'), 'Firefox <b>')
  assert.equal(deviceOf('x'.repeat(300))?.length, 200)
  assert.equal(deviceOf(undefined), null)
  assert.equal(deviceOf('\u00e9'), null)
})
