// No token slips through: tokens are asked for over HTTP, as fast as they come, while access is revoked. The clock stands
// just before a full second when that happens: `iat` counts seconds, and a token of the next one would be accepted. Another
// process of sign-in revokes, and clears nothing away until all is over: what refuses is the revocation alone.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { now } from '@gatehouse/clock/clock'
import type { RevocationKind } from '@gatehouse/contracts/revocations'
import { localBroadcast } from '@gatehouse/storage/broadcast'
import { decodeJwt } from 'jose'
import { sql } from 'kysely'
import { createRuleLog } from '../src/revocation-stream/rule-log.ts'
import { createRevocations } from '../src/revocations/revocations.ts'
import { createConsole } from './revoking.ts'
import { buildSignIn } from './signing-in.ts'

const suite = await buildSignIn()
const console = createConsole(suite)
const { database, log, audit } = suite.ground
const ruleLog = await createRuleLog({ database, broadcast: localBroadcast(), log })
let over: Promise<unknown> = Promise.resolve()
const otherProcess = createRevocations({
  database,
  ruleLog,
  directory: { clientName: async (id) => id, providerName: (idp) => idp },
  audit,
  log,
})
otherProcess.onRevoked(async () => void (await over))
after(async () => {
  await otherProcess.close()
  ruleLog.close()
  await suite.app.close()
})
await suite.app.listen({ host: '127.0.0.1', port: 0 })
const { port } = suite.app.server.address() as { port: number }
const others = [
  await suite.relyingService({ redirect_uris: ['https://one.example/callback'] }),
  await suite.relyingService({ redirect_uris: ['https://two.example/callback'] }),
  await suite.relyingService({ redirect_uris: ['https://three.example/callback'] }),
]

type SignedIn = Awaited<ReturnType<typeof suite.signedIn>>

async function refresh(client: SignedIn['client'], refreshToken: string) {
  const secret = Buffer.from(`${client.client_id}:${client.client_secret}`).toString('base64')
  const response = await fetch(`http://127.0.0.1:${port}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${secret}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    signal: AbortSignal.timeout(10_000),
  })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

/** Refreshes until it is refused; answers with every access token that it got. */
async function refreshOn({ client, refresh_token, access_token }: SignedIn, until: AbortSignal) {
  const tokens = [access_token]
  let next = refresh_token
  while (!until.aborted) {
    const { status, body } = await refresh(client, next)
    if (status !== 200) {
      assert.deepEqual([status, body.error], [400, 'invalid_grant'])
      return { tokens, isEnded: true }
    }
    tokens.push(String(body.access_token))
    next = String(body.refresh_token)
  }
  return { tokens, isEnded: false }
}

const ROUNDS: [RevocationKind, (one: SignedIn) => string | Promise<string>][] = [
  ['session', ({ claims }) => String(claims.sid)],
  ['account', ({ access_token }) => console.accountOf(access_token)],
  ['credential', () => 'login.gov:person-1'],
  ['ein', () => '960001012'],
  ['provider', () => 'login.gov'],
  ['everything', () => '*'],
]

for (const [kind, value] of ROUNDS) {
  test(`a token that is asked for while access is revoked by ${kind} is refused, or is not issued`, async () => {
    for (let round = 0; round < 6; round += 1) {
      advanceClock(1_000)
      const first = await suite.signedIn()
      const grants = [first]
      for (const client of others) grants.push(await suite.signedIn({ browser: first.browser, client }))
      const target = await value(first)

      const deadline = new AbortController()
      const running = grants.map((grant) => refreshOn(grant, deadline.signal))
      await pause(20)
      // Five to forty milliseconds are left of this second.
      advanceClock(1_000 - (now() % 1_000) + 1_000 - 5 - round * 7)
      const stop = setTimeout(() => deadline.abort(), 1_500)
      const ending = Promise.all(running)
      over = ending.catch(() => {})
      const { instant = 0 } = await otherProcess.revoke(console.order(kind, target))
      const ended = await ending
      clearTimeout(stop)

      for (const { tokens, isEnded } of ended) {
        assert.ok(isEnded, 'more than a second later tokens are still issued')
        for (const token of tokens) {
          const { iat } = decodeJwt(token)
          assert.ok(
            Number(iat) <= Math.floor(instant / 1_000),
            `issued in second ${iat}, revoked at ${instant}`,
          )
          assert.ok(await console.isRefused(token))
        }
      }
    }
  })
}

test('a revocation that is stored after the refresh token was found good, and before signing, is found all the same', async () => {
  advanceClock(1_000)
  const one = await suite.signedIn()
  // The new refresh token is stored between the two: the library asks for the person before, and signs after it.
  await sql`create trigger in_between after insert on oidc_models when new.model = 'RefreshToken' begin
    insert into revocations (revocation_id, kind, value, origin, reason, ordered_by, ordered_at, lasting)
    values ('in-between', 'session', ${sql.lit(String(one.claims.sid))}, 'order', 'reported', 'administrator-1',
      ${sql.lit(now())}, 0);
    end`.execute(database)
  try {
    const { status, body } = await refresh(one.client, one.refresh_token)
    assert.deepEqual([status, body.error, body.access_token], [400, 'invalid_grant', undefined])
  } finally {
    await sql`drop trigger in_between`.execute(database)
  }
})
