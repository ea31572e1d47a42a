// Whoever is let in anew in the very second of a revocation: gateways refuse a tie, and `iat` counts seconds.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { epochSeconds, now } from '@gatehouse/clock/clock'
import type { Accounts } from '../src/accounts/accounts.ts'
import { createEndedAccess } from '../src/openid-provider/ended-access.ts'
import { createAccess } from '../src/revocations/access.ts'
import { createConsole } from './revoking.ts'
import { buildSignIn } from './signing-in.ts'

const suite = await buildSignIn()
const console = createConsole(suite)
const { database } = suite.ground
after(() => suite.app.close())

/** The clock at the beginning of a second. */
function beginSecond(): number {
  advanceClock(1_000 - (now() % 1_000))
  return epochSeconds()
}

let people = 0

/** A token that is about to be signed, of a grant for a User ID that was chosen at `grantedAt`. */
function aboutToSign(iat: number, grantedAt: number) {
  people += 1
  const facts = {
    accountId: `account-${people}`,
    idp: 'login.gov',
    subject: `subject-${people}`,
    authenticatedAt: grantedAt - 60_000,
    sessionUid: `session-${people}`,
    clientId: 'bso',
    bsoUserId: `USER${people}`,
    ein: null,
    grantedAt,
  }
  const access = createAccess(database as never)
  const { checkBeforeSigning } = createEndedAccess(
    { findGrantFacts: async () => facts } as unknown as Accounts,
    { ...access, note: async (instant: number) => instant } as never,
  )
  const claims = { sid: facts.sessionUid, iat, exp: iat + 300 }
  let isSettled = false
  const sign = async () => {
    await checkBeforeSigning({ kind: 'AccessToken', grantId: 'grant' } as never, claims).finally(() => {
      isSettled = true
    })
    return claims
  }
  return { facts, claims, sign, isSettled: () => isSettled }
}

const revokeUserId = ({ bsoUserId }: { bsoUserId: string }, instant: number | null) =>
  database
    .insertInto('revocations')
    .values({
      revocationId: crypto.randomUUID(),
      kind: 'bso_user_id',
      value: bsoUserId,
      origin: 'order',
      reason: 'reported',
      orderedBy: 'administrator-1',
      orderedAt: now(),
      lasting: 0,
      instant,
      endedSessions: 0,
      endedGrants: 0,
      endedRefreshTokens: 0,
    })
    .execute()

test('a token of the second of a revocation is signed in the next one, and lives as long as any', async () => {
  const second = beginSecond()
  const { facts, sign, isSettled } = aboutToSign(second, second * 1_000 + 6)
  await revokeUserId(facts, second * 1_000 + 5)
  const signing = sign()
  for (let turns = 0; turns < 20; turns += 1) await turn()
  assert.equal(isSettled() && epochSeconds() === second, false, 'signed in that very second')
  const { iat, exp } = await signing
  assert.ok(iat > second && iat <= epochSeconds())
  assert.equal(exp - iat, 300)
})

test('a token whose second knows no revocation of what it names waits for nothing', async () => {
  const second = beginSecond()
  const { facts, claims, sign } = aboutToSign(second, second * 1_000 + 6)
  await revokeUserId(facts, second * 1_000 - 1)
  await revokeUserId({ bsoUserId: 'OTHER' }, second * 1_000 + 5)
  await sign()
  assert.deepEqual([claims.iat, claims.exp], [second, second + 300])
})

test('a revocation that is stored while the token waits for its second is found: nothing is signed', async () => {
  for (const milliseconds of [900, null]) {
    const second = beginSecond()
    const { facts, sign, isSettled } = aboutToSign(second, second * 1_000 + 6)
    await revokeUserId(facts, second * 1_000 + 5)
    const signing = sign()
    signing.catch(() => {})
    for (let turns = 0; turns < 20; turns += 1) await turn()
    assert.equal(isSettled(), false)
    await revokeUserId(facts, milliseconds && second * 1_000 + milliseconds)
    await assert.rejects(signing, { error: 'invalid_grant' })
  }
})

test('whose client was revoked a moment ago, and who chooses it again, gets a token that gateways accept', async () => {
  const client = await suite.relyingService({ redirect_uris: ['https://reinstated.example/callback'] })
  const { browser } = await suite.signedIn({ client })
  advanceClock(1_000)
  assert.equal((await console.revoke('client', client.client_id)).statusCode, 201)
  advanceClock(1_000)
  const { redirect } = await suite.walk(browser, client.authorizeUrl())
  // As if all of this had come about at the beginning of the second in which the code is redeemed.
  const instant = beginSecond() * 1_000
  const { revocationId } = await database
    .updateTable('revocations')
    .set({ instant })
    .where('value', '=', client.client_id)
    .returning('revocationId')
    .executeTakeFirstOrThrow()
  await database
    .updateTable('revocationRules')
    .set({ instant })
    .where('revocationId', '=', revocationId)
    .execute()
  await database
    .updateTable('grantFacts')
    .set({ grantedAt: instant + 1 })
    .where('clientId', '=', client.client_id)
    .execute()
  const answer = await client.redeem(String(redirect?.searchParams.get('code')))
  assert.equal(answer.statusCode, 200, answer.body)
  assert.equal(await console.isRefused(answer.json().access_token), false)
})
