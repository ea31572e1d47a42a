// Several processes of sign-in have clocks of their own, and one may be set back: whatever was issued before a revocation, it
// ends.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { epochSeconds, now } from '@gatehouse/clock/clock'
import type { RevocationKind } from '@gatehouse/contracts/revocations'
import { MARIA } from './answering-calls.ts'
import { createConsole } from './revoking.ts'
import { buildSignIn } from './signing-in.ts'

const BEHIND_MS = 5_000

/** The clock of the tests only moves forwards; one that does not is what this is about. */
function setClockBack(milliseconds: number): void {
  const clock = (globalThis as Record<symbol, unknown>)[Symbol.for('gatehouse.shifted-date')]
  ;(clock as { offset: number }).offset -= milliseconds
}

const KINDS: RevocationKind[] = [
  'session',
  'account',
  'credential',
  'bso_user_id',
  'ein',
  'client',
  'provider',
  'everything',
]

for (const kind of KINDS) {
  test(`revoking by ${kind} with a clock that is behind ends what another process has issued (ASVS 7.4.1)`, async (t) => {
    const suite = await buildSignIn()
    t.after(() => suite.app.close())
    const console = createConsole(suite)
    const { access_token, refresh_token, claims, client } = await suite.signedIn({ userId: MARIA })
    const value = {
      session: String(claims.sid),
      account: await console.accountOf(access_token),
      credential: 'login.gov:person-1',
      bso_user_id: String(claims.bso_user_id),
      ein: String(claims.ein),
      client: client.client_id,
      provider: 'login.gov',
      everything: '*',
    }[kind]
    setClockBack(BEHIND_MS)
    assert.ok(Number(claims.iat) > epochSeconds())
    const behind = now()

    const answer = await console.revoke(kind, value as string)
    assert.equal(answer.statusCode, 201, answer.body)
    assert.ok(answer.json().instant > behind + BEHIND_MS / 2)
    assert.equal(await console.isRefused(access_token), true)
    assert.equal((await client.refresh(refresh_token)).statusCode, 400)
  })
}
