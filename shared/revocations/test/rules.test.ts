import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { epochSeconds, now } from '@gatehouse/clock/clock'
import type { RevocationRule } from '@gatehouse/contracts/revocations'
import type { AccessTokenClaims } from '@gatehouse/tokens/access-token'
import fc from 'fast-check'
import { createRules } from '../src/rules.ts'

let tokens = 0
const token = (claims: Partial<AccessTokenClaims> = {}): AccessTokenClaims =>
  Object.freeze({
    iss: 'http://sign-in.test',
    sub: 'somebody',
    aud: 'urn:gatehouse:cbsv',
    client_id: 'bso',
    iat: epochSeconds(),
    exp: epochSeconds() + 300,
    jti: `token-${++tokens}`,
    sid: 'session-1',
    idp: 'login.gov',
    bso_user_id: 'ABCD1234',
    ein: '960001012',
    ...claims,
  })

const rule = (matches: RevocationRule['matches'], instant = now()): RevocationRule => ({
  sequence: 1,
  revocationId: 'revocation',
  instant,
  matches,
})

/** The rule as the contract words it, over a list that is never cut. */
function isRevoked(claims: AccessTokenClaims, rules: RevocationRule[]): boolean {
  const value = {
    session: claims.sid,
    token: claims.jti,
    grant: claims.sid === undefined ? undefined : `${claims.client_id} ${claims.sid}`,
    bso_user_id: claims.bso_user_id,
    ein: claims.ein,
    client: claims.client_id,
    provider: claims.idp,
  }
  return rules.some(
    ({ instant, matches }) =>
      claims.iat <= Math.floor(instant / 1000) &&
      matches.some((match) => match.by === 'everything' || value[match.by] === match.value),
  )
}

describe('the memory of rules', () => {
  for (const [by, value] of [
    ['session', 'session-1'],
    ['token', 'token-known'],
    ['grant', 'bso session-1'],
    ['bso_user_id', 'ABCD1234'],
    ['ein', '960001012'],
    ['client', 'bso'],
    ['provider', 'login.gov'],
    ['everything', '*'],
  ] as const) {
    test(`refuses by ${by} what was issued before, and in the same second (ASVS 7.4.1)`, () => {
      const rules = createRules()
      const instant = now()
      const second = Math.floor(instant / 1000)
      const [before, tie, afterwards] = [second - 1, second, second + 1].map((iat) =>
        token({ iat, jti: 'token-known' }),
      ) as [AccessTokenClaims, AccessTokenClaims, AccessTokenClaims]
      const other = token({
        client_id: 'other',
        sid: 'session-2',
        bso_user_id: 'OTHER999',
        ein: '960009999',
        idp: 'id.me',
      })
      for (const claims of [before, tie, afterwards, other]) assert.equal(rules.revokes(claims), false)
      rules.add(rule([{ by, value }], instant))
      assert.equal(rules.revokes(before), true)
      assert.equal(rules.revokes(tie), true)
      assert.equal(rules.revokes(tie), true, 'asked again')
      assert.equal(rules.revokes(afterwards), false)
      assert.equal(rules.revokes(other), by === 'everything')
    })
  }

  test('takes no claim for another one with the same value', () => {
    const rules = createRules()
    rules.add(
      rule([
        { by: 'token', value: 'session-1' },
        { by: 'ein', value: 'ABCD1234' },
        { by: 'client', value: 'login.gov' },
        { by: 'grant', value: 'session-1' },
      ]),
    )
    assert.equal(rules.revokes(token()), false)
  })

  const values = fc.constantFrom('a', 'b', 'a b', 'b a', '*', 'session', '')
  const matches = fc.array(
    fc.record({
      by: fc.constantFrom(
        'session',
        'token',
        'grant',
        'bso_user_id',
        'ein',
        'client',
        'provider',
        'everything',
      ),
      value: fc.oneof(
        values,
        fc.tuple(values, values).map(([client, sid]) => `${client} ${sid}`),
      ),
    }),
    { minLength: 1, maxLength: 3 },
  )
  const ago = fc.integer({ min: -2_000, max: 400_000 })
  const step = fc.oneof(
    fc.record({ step: fc.constant('rule' as const), ago, matches }),
    fc.record({ step: fc.constant('again' as const), which: fc.nat() }),
    fc.record({ step: fc.constant('time' as const), milliseconds: fc.integer({ min: 0, max: 200_000 }) }),
    fc.record({ step: fc.constant('tidy' as const) }),
    fc.record({
      step: fc.constant('token' as const),
      ago: fc.integer({ min: 0, max: 299 }),
      claims: fc.record(
        {
          sid: values,
          jti: values,
          client_id: values,
          bso_user_id: values,
          ein: values,
          idp: values,
        },
        { requiredKeys: ['jti', 'client_id'] },
      ),
    }),
  )
  test('refuses exactly the live tokens that a list of all rules ever refuses, whatever comes in whatever order', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const rules = createRules()
        const list: RevocationRule[] = []
        let alive: AccessTokenClaims[] = []
        for (const one of steps) {
          if (one.step === 'rule') {
            const made = rule(one.matches as RevocationRule['matches'], now() - one.ago)
            list.push(made)
            rules.add(made)
          } else if (one.step === 'again') {
            const known = list[one.which % Math.max(1, list.length)]
            if (known) rules.add(known)
          } else if (one.step === 'time') advanceClock(one.milliseconds)
          else if (one.step === 'tidy') rules.tidy()
          else {
            const iat = epochSeconds() - one.ago
            // Every token anew: no trace of an earlier one with the same name.
            const { sid, bso_user_id, ein, idp, ...rest } = token({ iat, exp: iat + 300 })
            alive.push(Object.freeze({ ...rest, ...one.claims }))
          }
          alive = alive.filter(({ exp }) => now() / 1000 < exp)
          for (const claims of alive) assert.equal(rules.revokes(claims), isRevoked(claims, list))
        }
      }),
      { numRuns: 400 },
    )
  })

  test('drops a rule once no token that it matches can be alive, and not before', () => {
    const rules = createRules()
    const claims = token()
    for (let count = 0; count < 5_000; count += 1) {
      rules.add(rule([{ by: 'session', value: `gone-${count}` }]))
    }
    rules.add(rule([{ by: 'session', value: 'session-1' }]))
    advanceClock(299_000)
    for (let count = 0; count < 20; count += 1) rules.tidy()
    assert.equal(rules.size, 5_001)
    assert.equal(rules.revokes(claims), true)
    advanceClock(32_000)
    for (let count = 0; count < 20 && rules.size > 0; count += 1) {
      const before = rules.size
      rules.tidy()
      assert.ok(before - rules.size <= 5_100, 'no call does all the work of a large memory')
    }
    assert.equal(rules.size, 0)
    rules.add(rule([{ by: 'session', value: 'long-ago' }], now() - 400_000))
    assert.equal(rules.size, 0, 'what comes too late is not taken in')
  })

  test('finds each of very many values that look alike, and no other, while they come and go', () => {
    const rules = createRules()
    const sid = (index: number) => `session-${index}`
    const [instant, iat] = [now(), epochSeconds()]
    const refused = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => sid(from + index)).filter((value) =>
        rules.revokes(token({ sid: value, iat })),
      ).length
    const COUNT = 50_000
    for (let index = 0; index < COUNT; index += 1)
      rules.add(rule([{ by: 'session', value: sid(index) }], instant))
    assert.deepEqual([rules.size, refused(0, COUNT), refused(COUNT, 2 * COUNT)], [COUNT, COUNT, 0])

    advanceClock(200_000)
    const later = now()
    for (let index = 0; index < 1_000; index += 1)
      rules.add(rule([{ by: 'session', value: sid(index) }], later))
    advanceClock(200_000)
    for (let time = 0; time < 100; time += 1) rules.tidy()
    assert.equal(rules.size, 1_000)
    const live = Array.from({ length: 2_000 }, (_, index) =>
      rules.revokes(token({ sid: sid(index), iat: Math.floor(later / 1000) })),
    )
    assert.deepEqual([live.lastIndexOf(true), live.indexOf(false)], [999, 1_000])
  })
})
