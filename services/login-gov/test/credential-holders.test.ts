import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { credentialHolders } from '@gatehouse/contracts/credential-holders'
import { callsTo } from '@gatehouse/http/calls-for-tests'
import { buildForTest } from '@gatehouse/http/testing'
import { createAccounts } from '@gatehouse/provider/accounts/accounts'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import { sqlSubjects } from '../src/openid-connect/subjects.ts'
import { service } from '../src/service.ts'
import { configurationFiles } from './support/login-gov.ts'

let loginGov: Awaited<ReturnType<typeof start>>
before(async () => {
  loginGov = await start()
})
after(() => loginGov.app.close())

async function start() {
  const { environment, remove } = configurationFiles()
  // Read at start only.
  return buildForTest(service, { environment }).finally(remove)
}

test('a subject that Login.gov told sign-in leads to the account, and back, with the endings of its phones', async () => {
  const { database, secrets } = loginGov.ground
  const accounts = createAccounts(sqlAccountStore(database, secrets))
  const subjects = sqlSubjects(database)
  const maria = (await accounts.findByEmail('maria@example.com'))!.id
  const { bySubject, byOwner, byPhoneNumberEnding } = credentialHolders(
    callsTo(loginGov, 'admin'),
    'login-gov',
  )

  assert.equal(await byOwner(maria), undefined, 'who never signed in there has no subject')
  assert.deepEqual(await byPhoneNumberEnding('0142'), [])
  const subject = await subjects.of(maria, '1')
  const elsewhere = await subjects.of(maria, '2')
  const holder = { subject, owner: maria, codeOwners: [maria], phoneNumberEndings: ['0142'] }
  assert.deepEqual(await bySubject(subject), holder)
  assert.deepEqual(await byOwner(maria), holder)
  assert.deepEqual(await byPhoneNumberEnding('0142'), [holder])
  assert.deepEqual(await byPhoneNumberEnding('9999'), [])
  assert.equal(await bySubject(elsewhere), undefined, 'the subject of another agency is nobody here')
  assert.equal(await bySubject('somebody'), undefined)
})

test('nobody but the administrators’ console asks whose credential it is, and the answer holds no number', async () => {
  const search = (payload: object, headers: Record<string, string>) =>
    loginGov.app.inject({ method: 'POST', url: '/credential-holders/searches', headers, payload })
  const asked = { phoneNumberEnding: '0142' }
  assert.equal((await search(asked, {})).statusCode, 401)
  for (const headers of [
    await loginGov.as('sign-in', 'credentials.read'),
    await loginGov.as('admin', 'audit.read'),
  ]) {
    assert.equal((await search(asked, headers)).statusCode, 403)
  }
  const headers = await loginGov.as('admin', 'credentials.read')
  assert.doesNotMatch((await search(asked, headers)).body, /\+?1?2025550142/)
  for (const payload of [{}, { phoneNumberEnding: '12025550142' }, { owner: 'a', subject: 'b' }]) {
    const answer = await search(payload, headers)
    assert.equal(answer.statusCode, 400)
    assert.doesNotMatch(answer.body, /2025550142/)
  }
})
