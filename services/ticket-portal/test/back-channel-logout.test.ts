import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logoutToken } from '@gatehouse/relying-party/logout-tokens-for-tests'
import { EMPLOYMENT, RUTH, startPortal } from './portal.ts'

test('a logout token ends a session of the Ticket Portal at the next click, and a new sign-in opens it again', async () => {
  await using portal = await startPortal()
  await portal.operator('PUT', '/RuthTemplate79', EMPLOYMENT)
  portal.signIn.idToken = { sid: 'one' }
  const ruth = portal.browser()
  await ruth.signIn(portal.signIn)
  assert.equal((await ruth.get('/portal')).statusCode, 200)
  for (const [clientId, status, seen] of [
    ['bso', 400, 200],
    ['ticket-portal', 200, 303],
  ] as const) {
    const token = await logoutToken(
      portal.ground.serviceKey,
      { issuer: portal.signIn.url, clientId },
      { sub: RUTH.sub, sid: 'one' },
    )
    const answer = await portal.app.inject({
      method: 'POST',
      url: '/back-channel-logout',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: `logout_token=${token}`,
    })
    assert.equal(answer.statusCode, status, answer.body)
    assert.equal((await ruth.get('/portal')).statusCode, seen)
  }
  advanceClock(1_000)
  await ruth.signIn(portal.signIn)
  assert.equal((await ruth.get('/portal')).statusCode, 200)
})
