import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startDesk } from './desk.ts'
import { WHY } from './examples.ts'
import { ACCOUNT, EIN, USER_ID } from './owners.ts'

test('people are found by everything that is known of them', async () => {
  await using desk = await startDesk()
  const vera = await desk.administrator('vera', ['viewer'])
  for (const [by, text] of [
    ['name', 'Maria'],
    ['email', 'maria@'],
    ['ssn-ending', '4325'],
    ['account', ACCOUNT],
    ['credential', 'login.gov:subject-maria'],
    ['user-id', 'abcd'],
    ['ein', '12-3456789'],
    ['phone-ending', '0147'],
  ]) {
    const { people, unavailable } = (await vera.post('/people/searches', { by, text })).json()
    assert.deepEqual(
      people.map(({ accountId }: { accountId: string }) => accountId),
      [ACCOUNT],
      by,
    )
    assert.deepEqual(unavailable, [])
  }
  const { people } = (await vera.post('/people/searches', { by: 'ein', text: EIN })).json()
  assert.deepEqual(people[0].userIds, [{ bsoUserId: USER_ID, ein: EIN, companyName: '=Example, Inc.' }])
})

test('what people are searched by stands in no log line and no audit trail', async () => {
  await using desk = await startDesk()
  const vera = await desk.administrator('vera', ['viewer'])
  await vera.post('/people/searches', { by: 'phone-ending', text: '0147' })
  await vera.post('/people/searches', { by: 'email', text: 'maria@example.com' })
  assert.doesNotMatch(desk.logLines.join(''), /maria@example|"0147"/)
})

test('a search by phone goes on without a provider that does not answer, and says so', async () => {
  await using desk = await startDesk()
  const vera = await desk.administrator('vera', ['viewer'])
  desk.owners.down.add('my-ssa').add('one-time-codes')
  const answer = (await vera.post('/people/searches', { by: 'phone-ending', text: '0147' })).json()
  assert.equal(answer.people.length, 1)
  assert.deepEqual(answer.unavailable.sort(), ['my-ssa', 'one-time-codes'])
})

test('a person is put together out of what all services have', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  await rosa.post('/revocations', {
    target: { kind: 'account', value: ACCOUNT },
    ...WHY,
    lasting: true,
  })
  const person = (await rosa.get(`/people/${ACCOUNT}`)).json()
  assert.equal(person.person.credentials[0].subject, 'subject-maria')
  assert.deepEqual(person.phones.rows, [
    { idp: 'login.gov', subject: 'subject-maria', phoneNumberEndings: ['0147'] },
  ])
  assert.equal(person.userIds.rows[0].bsoUserId, USER_ID)
  assert.equal(person.codes.rows[0].challengeId, 'challenge-1')
  assert.equal(person.revocations.rows[0].target.value, ACCOUNT)
  for (const part of ['attestations', 'letters', 'verifications']) assert.deepEqual(person[part].rows, [])
  for (const part of Object.values<{ unavailable?: string[] }>(person))
    assert.deepEqual(part.unavailable ?? [], [])
})

test('a part whose owner does not answer is unavailable, and never an empty list', async () => {
  await using desk = await startDesk()
  const vera = await desk.administrator('vera', ['viewer'])
  for (const [down, parts] of [
    ['terms', ['attestations']],
    ['cbsv', ['verifications']],
    ['one-time-codes', ['codes']],
    ['login-gov', ['phones', 'codes']],
    ['upgrade-codes', ['letters']],
    ['bso-user-ids', ['userIds', 'verifications', 'letters']],
  ] as const) {
    desk.owners.down.clear()
    desk.owners.down.add(down)
    const answer = await vera.get(`/people/${ACCOUNT}`)
    assert.equal(answer.statusCode, 200, down)
    for (const part of parts) {
      const { rows, unavailable } = answer.json()[part]
      assert.equal(rows, undefined, `${part} without ${down}`)
      assert.deepEqual(unavailable, [down])
    }
  }
})

test('a real provider tells nobody whose credential it is: the part says so', async () => {
  await using desk = await startDesk({ environment: { PROFILE: 'live' } })
  const vera = await desk.administrator('vera', ['viewer'])
  const { phones, codes, letters } = (await vera.get(`/people/${ACCOUNT}`)).json()
  for (const part of [phones, codes]) assert.deepEqual(part, { more: false, unavailable: ['login.gov'] })
  assert.deepEqual(letters.rows, [])
  const search = await vera.post('/people/searches', { by: 'phone-ending', text: '0147' })
  assert.deepEqual(search.json(), { people: [], unavailable: ['providers'] })
})

test('who looked at a person is told', async () => {
  await using desk = await startDesk()
  const vera = await desk.administrator('vera', ['viewer'])
  await vera.get(`/people/${ACCOUNT}`)
  const [told] = await desk.told('person.seen')
  assert.equal(told?.actor, vera.administratorId)
  assert.equal(told?.subject, ACCOUNT)
})

test('without sign-in nobody can say who a person is', async () => {
  await using desk = await startDesk()
  const vera = await desk.administrator('vera', ['viewer'])
  desk.owners.down.add('sign-in')
  assert.equal((await vera.get(`/people/${ACCOUNT}`)).statusCode, 503)
  desk.owners.down.clear()
  const unknown = await vera.get('/people/nobody')
  assert.equal(unknown.statusCode, 404)
  assert.equal(unknown.json().code, 'person_unknown')
})
