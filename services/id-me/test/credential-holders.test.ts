import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { credentialHolders } from '@gatehouse/contracts/credential-holders'
import { callsTo } from '@gatehouse/http/calls-for-tests'
import { startIdMe } from './support/id-me.ts'

test('a subject of ID.me leads to the account, and back, with the endings of its phones', async () => {
  const idMe = await startIdMe()
  const { bySubject, byOwner, byPhoneNumberEnding } = credentialHolders(callsTo(idMe, 'admin'), 'id-me')
  const owner = (await idMe.accounts.findByEmail('maria@example.com'))!.id
  const subject = owner.replaceAll('-', '')
  const holder = { subject, owner, codeOwners: [owner], phoneNumberEndings: ['0142'] }
  assert.deepEqual(await bySubject(subject), holder)
  assert.deepEqual(await byOwner(owner), holder)
  assert.ok((await byPhoneNumberEnding('0142')).some((found) => found.owner === owner))
  assert.deepEqual(await byPhoneNumberEnding('9999'), [])
  for (const nobody of [owner, 'somebody', '0'.repeat(32)]) assert.equal(await bySubject(nobody), undefined)
  assert.equal(await byOwner('somebody'), undefined)
  const headers = await idMe.as('sign-in', 'credentials.read')
  const refused = {
    method: 'POST',
    url: '/credential-holders/searches',
    headers,
    payload: { owner },
  } as const
  assert.equal((await idMe.app.inject(refused)).statusCode, 403)
  await idMe.app.close()
})
