import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import fc from 'fast-check'
import type { AccessTokenClaims } from '../src/access-token.ts'
import { KeysUnavailable, localKeySource } from '../src/key-source.ts'
import { createTokenVerifier, TokenRefusal, type TokenVerifier } from '../src/verifier.ts'
import { AUDIENCE, ISSUER, issue, makeKey, type SigningKey } from './issuing.ts'

// A remembered token is accepted at an instant if and only if a fresh check at that instant would accept it.

const START = Date.UTC(2026, 0, 1) / 1000
const signers = [
  makeKey('a'),
  makeKey('b'),
  { ...makeKey('a'), alg: 'ES256' as const },
  makeKey('r', 'RS256'),
]
const jwks = signers.map((signer) => signer.jwk)

/** Tokens over the span that the histories move in, sound and unsound ones, signed once. */
const tokens = signers.flatMap((signer: SigningKey) =>
  [0, 40, 100].flatMap((iat) => [
    issue(signer, { iat: START + iat, exp: START + iat + 60 }),
    issue(signer, { iat: START + iat, exp: START + iat + 90, nbf: START + iat + 30 }),
    issue(signer, { iat: START + iat, exp: START + iat + 200, aud: ['urn:other', AUDIENCE] }),
    issue(signer, { iat: START + iat, exp: START + iat + 200, aud: 'urn:other' }),
    issue(signer, { iat: START + iat, exp: START + iat + 301 }),
    issue(signer, { iat: START + iat, exp: START + iat + 100 }, { typ: 'JWT' }),
    `${issue(signer, { iat: START + iat, exp: START + iat + 100 }).slice(0, -4)}AAAA`,
  ]),
)

type Step =
  /** One of the history's four tokens, so that the same come again and again. */
  | { present: number }
  /** Seconds since START; backwards too, as when a machine's clock is corrected. */
  | { clock: number }
  | { publish: number[] }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ present: fc.nat(3) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      clock: fc.oneof(fc.integer({ min: -100, max: 320 }), fc.constantFrom(60, 90, 99.999, 100, 30)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ publish: fc.uniqueArray(fc.nat(jwks.length - 1)) }) },
)

const fourTokens = fc.array(fc.constantFrom(...tokens), { minLength: 4, maxLength: 4 })

async function outcome(verifier: TokenVerifier, token: string): Promise<AccessTokenClaims | string> {
  try {
    return await verifier.verify(token)
  } catch (error) {
    if (error instanceof TokenRefusal) return error.reason
    if (error instanceof KeysUnavailable) return error.name
    throw error
  }
}

test('over any history of tokens, clocks and key sets, memory changes no answer', async () => {
  mock.timers.enable({ apis: ['Date'], now: START * 1000 })
  let accepted = 0
  let remembered = 0
  try {
    await fc.assert(
      fc.asyncProperty(
        fourTokens,
        fc.array(step, { minLength: 20, maxLength: 60 }),
        async (chosen, history) => {
          mock.timers.setTime(START * 1000)
          const keys = localKeySource({ keys: jwks.slice(0, 2) })
          const options = {
            issuer: ISSUER,
            keys,
            audience: AUDIENCE,
            algorithms: ['ES256' as const, 'RS256' as const],
          }
          // Small enough that tokens are also forgotten.
          const subject = createTokenVerifier({
            ...options,
            maximumRemembered: 4,
            maximumLifetimeSeconds: 300,
          })
          for (const move of history) {
            if ('clock' in move) mock.timers.setTime((START + move.clock) * 1000)
            else if ('publish' in move)
              keys.replace({ keys: move.publish.map((index) => jwks[index] as object) })
            else {
              const token = chosen[move.present] as string
              const fresh = await outcome(
                createTokenVerifier({ ...options, maximumLifetimeSeconds: 300 }),
                token,
              )
              const fromMemory = subject.remembered(token)
              if (fromMemory) {
                assert.deepEqual(fromMemory, fresh)
                remembered++
              }
              assert.deepEqual(await outcome(subject, token), fresh)
              // And it is remembered from then on, exactly when it was accepted.
              assert.equal(subject.remembered(token) !== undefined, typeof fresh === 'object')
              if (typeof fresh === 'object') accepted++
            }
          }
        },
      ),
      { numRuns: 150 },
    )
  } finally {
    mock.timers.reset()
  }
  // The histories must have met both sides of the rule for the above to say anything.
  assert.ok(accepted > 100 && remembered > 100, `${accepted} accepted, ${remembered} out of memory`)
})
