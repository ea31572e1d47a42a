// Each kind of revocation ends what it names and nothing else: tokens in flight, refresh tokens, grants, sessions.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MY_SSA_ACR } from '@gatehouse/contracts/my-ssa'
import type { RevocationKind } from '@gatehouse/contracts/revocations'
import { MARIA, MARIA_WITHOUT_CBSV } from './answering-calls.ts'
import { createConsole } from './revoking.ts'
import { buildSignIn } from './signing-in.ts'

const NAMES = ['maria', 'mariaElsewhere', 'mariaAgain', 'mariaByPassword', 'marius'] as const
type Name = (typeof NAMES)[number]

/** Five grants of two people, in four sessions, at two relying services, by two providers. */
async function people() {
  const suite = await buildSignIn()
  const identity_providers = ['login.gov', 'my-ssa']
  const client = await suite.relyingService({ identity_providers })
  const elsewhere = await suite.relyingService({
    identity_providers,
    redirect_uris: ['https://another.example/callback'],
  })
  const maria = await suite.signedIn({ userId: MARIA, client })
  const mariaElsewhere = await suite.signedIn({ userId: MARIA, browser: maria.browser, client: elsewhere })
  const mariaAgain = await suite.signedIn({ userId: MARIA_WITHOUT_CBSV, client })
  suite.stub.state.idToken = { acr: MY_SSA_ACR.withExtraSecurity, amr: ['pwd', 'sms', 'mfa'] }
  const mariaByPassword = await suite.signedIn({ userId: MARIA, client, idp: 'my-ssa' })
  suite.stub.heal()
  suite.stub.state.claims = {
    ...suite.stub.state.claims,
    sub: 'person-2',
    given_name: 'Marius',
    social_security_number: '987-65-4326',
  }
  const marius = await suite.signedIn({ userId: MARIA_WITHOUT_CBSV, client })
  const grants: Record<Name, typeof maria> = { maria, mariaElsewhere, mariaAgain, mariaByPassword, marius }
  return { suite, grants, console: createConsole(suite), clientId: client.client_id }
}

type Setting = Awaited<ReturnType<typeof people>>

interface Expected {
  kind: RevocationKind
  value: (setting: Setting) => string | Promise<string>
  ends: readonly Name[]
  /** Sessions that end, and people that it concerns. */
  sessions: number
  people: number
}

const TABLE: Expected[] = [
  {
    kind: 'session',
    value: ({ grants }) => String(grants.maria.claims.sid),
    ends: ['maria', 'mariaElsewhere'],
    sessions: 1,
    people: 1,
  },
  {
    kind: 'account',
    value: ({ console, grants }) => console.accountOf(grants.maria.access_token),
    ends: ['maria', 'mariaElsewhere', 'mariaAgain', 'mariaByPassword'],
    sessions: 3,
    people: 1,
  },
  {
    kind: 'credential',
    value: () => 'login.gov:person-1',
    ends: ['maria', 'mariaElsewhere', 'mariaAgain'],
    sessions: 2,
    people: 1,
  },
  {
    kind: 'bso_user_id',
    value: () => 'MARIA7K2',
    ends: ['maria', 'mariaElsewhere', 'mariaByPassword'],
    sessions: 0,
    people: 1,
  },
  { kind: 'ein', value: () => '960002037', ends: ['mariaAgain', 'marius'], sessions: 0, people: 2 },
  {
    kind: 'client',
    value: ({ clientId }) => clientId,
    ends: ['maria', 'mariaAgain', 'marius', 'mariaByPassword'],
    sessions: 0,
    people: 2,
  },
  {
    kind: 'provider',
    value: () => 'login.gov',
    ends: ['maria', 'mariaElsewhere', 'mariaAgain', 'marius'],
    sessions: 3,
    people: 2,
  },
  { kind: 'everything', value: () => '*', ends: NAMES, sessions: 4, people: 2 },
]

for (const { kind, value, ends, sessions, people: persons } of TABLE) {
  test(`revoking by ${kind} ends what it names, at once and nothing else (ASVS 7.4.1, ASVS 8.3.2)`, async () => {
    const setting = await people()
    const { suite, grants, console } = setting
    const target = await value(setting)

    const preview = (await console.preview(kind, target)).json()
    assert.deepEqual(
      [preview.sessions, preview.people, preview.grants, preview.refreshTokens, preview.tokensInFlight],
      [sessions, persons, ends.length, ends.length, ends.length],
    )
    const clients = new Set(ends.map((name) => grants[name].client.client_id))
    assert.deepEqual(preview.clients, [...clients].sort())
    for (const name of NAMES) assert.equal(await console.isRefused(grants[name].access_token), false)

    const response = await console.revoke(kind, target)
    assert.equal(response.statusCode, 201, response.body)
    const revocation = response.json()
    assert.deepEqual(revocation.ended, { sessions, grants: ends.length, refreshTokens: ends.length })
    assert.equal(revocation.standing, false)

    for (const name of NAMES) {
      const ended = ends.includes(name)
      const { access_token, refresh_token, client } = grants[name]
      assert.equal(await console.isRefused(access_token), ended, `access token of ${name}`)
      const refreshed = await client.refresh(refresh_token)
      assert.equal(refreshed.statusCode, ended ? 400 : 200, `refresh token of ${name}`)
      if (ended) assert.equal(refreshed.json().error, 'invalid_grant')
    }
    for (const name of NAMES) {
      const { browser, client } = grants[name]
      const { redirect } = await suite.walk(browser, client.authorizeUrl({ prompt: 'none' }))
      const error = redirect?.searchParams.get('error')
      // The other relying service of Maria's session has lost its session with hers.
      const isOver = sessions > 0 && ends.includes(name)
      const expected = isOver ? 'login_required' : ends.includes(name) ? 'consent_required' : null
      assert.equal(error, expected, `session of ${name}`)
    }

    // Whoever may sign in again gets tokens that count.
    advanceClock(1_000)
    suite.stub.heal()
    const { browser, client } = grants.maria
    const again = await suite.signedIn({ userId: MARIA, browser, client })
    assert.equal(await console.isRefused(again.access_token), false)
    assert.equal((await again.client.refresh(again.refresh_token)).statusCode, 200)
    await suite.app.close()
  })
}
