import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { credentialHolders } from '@gatehouse/contracts/credential-holders'
import { callsTo } from '@gatehouse/http/calls-for-tests'
import { pairwiseSubject } from '../src/openid-provider/subjects.ts'
import { startMySsa } from './support/my-ssa.ts'

test('a subject that my Social Security tells sign-in leads to the account, and back', async () => {
  const mySsa = await startMySsa()
  const { bySubject, byOwner, byPhoneNumberEnding } = credentialHolders(callsTo(mySsa, 'admin'), 'my-ssa')
  const { secrets } = mySsa.ground
  const daniel = (await mySsa.accountOf('daniel')).id
  const subject = pairwiseSubject(secrets, 'localhost:4000', daniel)
  const holder = {
    subject,
    owner: daniel,
    codeOwners: [daniel, `${daniel}:reset`],
    phoneNumberEndings: ['0149'],
  }
  assert.deepEqual(await bySubject(subject), holder)
  assert.deepEqual(await byOwner(daniel), holder)
  assert.deepEqual(await byOwner(`${daniel}:reset`), holder)
  assert.deepEqual(await byPhoneNumberEnding('0149'), [holder])
  assert.deepEqual(await byPhoneNumberEnding('9999'), [])
  const maria = (await mySsa.accountOf('maria')).id
  assert.deepEqual((await byOwner(maria))?.phoneNumberEndings, [], 'without extra security nothing is texted')
  assert.equal(await bySubject(pairwiseSubject(secrets, 'localhost:4100', daniel)), undefined)
  assert.equal(await byOwner('somebody'), undefined)
  const headers = await mySsa.as('sign-in', 'credentials.read')
  const refused = {
    method: 'POST',
    url: '/credential-holders/searches',
    headers,
    payload: { owner: daniel },
  } as const
  assert.equal((await mySsa.app.inject(refused)).statusCode, 403)
  await mySsa.app.close()
})
