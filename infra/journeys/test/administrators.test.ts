import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startGatehouse } from '@gatehouse/testkit/gatehouse'
import { StuckAt } from '@gatehouse/testkit/page'
import { administratorClient, signInHeadless } from '@gatehouse/testkit/sign-in'

const gatehouse = await startGatehouse()
after(() => gatehouse.close())
const { urls } = gatehouse
const rosa = gatehouse.persona('rosa')
const bounded = { timeout: 180_000 }
const { acrValues: _, ...withoutLevel } = administratorClient

test(
  'an administrator adds a security key at the first sign-in, and the token says phr (NIST 800-63B-4 §3.2.5)',
  bounded,
  async () => {
    const first = await signInHeadless({
      urls,
      persona: rosa,
      client: administratorClient,
      securityKey: true,
    })
    const { aud, scope, acr, amr, email, name, sub } = first.claims
    assert.deepEqual(
      { aud, scope, acr, amr, email, name },
      {
        aud: 'urn:gatehouse:admin',
        scope: 'admin',
        acr: 'http://idmanagement.gov/ns/assurance/ial/2',
        amr: ['mfa', 'phr'],
        email: 'rosa@example.com',
        name: 'Rosa Exemplar',
      },
    )
    const again = await signInHeadless({
      urls,
      persona: rosa,
      client: administratorClient,
      securityKey: true,
    })
    assert.equal(again.claims.sub, sub)
    assert.deepEqual(again.claims.amr, ['mfa', 'phr'])
  },
)

test(
  'without the key nobody comes back from a sign-in that asks for it, and one that does not has no phr',
  bounded,
  async () => {
    const amir = gatehouse.persona('amir')
    await assert.rejects(signInHeadless({ urls, persona: amir, client: administratorClient }), StuckAt)
    const { claims } = await signInHeadless({ urls, persona: amir, client: withoutLevel })
    assert.deepEqual(claims.amr, ['mfa'])
    assert.equal(claims.scope, 'admin')
  },
)
