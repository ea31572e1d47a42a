import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { startService } from './service-fixture.ts'

const service = await startService({
  LETTER_POLICIES: '{"default":{"upgrade-code":{"letters":1000,"wrongTries":100}}}',
})
after(() => service.close())
const { mySsa, lab } = service

const kind = fc.oneof(
  fc.constantFrom('upgrade-code', 'reset-code', 'activation-code', 'temporary-password'),
  fc.string(),
)
const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.integer(), fc.constant(null))

test('whatever is asked, in whatever form, is answered and never fails here', async () => {
  const address = fc.record(
    {
      name: anything,
      company: anything,
      street: anything,
      city: anything,
      state: fc.constant('MD'),
      zipCode: fc.constant('21235'),
    },
    { requiredKeys: ['state', 'zipCode'] },
  )
  const asked = fc.record(
    { owner: anything, kind, recipient: address, subject: anything },
    { requiredKeys: [] },
  )
  const tried = fc.record({ kind, code: anything, reference: anything }, { requiredKeys: [] })
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1 }), asked, tried, async (owner, letter, redemption) => {
      const at = `/owners/${encodeURIComponent(owner)}`
      const answers = [
        await mySsa.send('POST', '/letters', letter),
        await mySsa.send('POST', `${at}/redemptions`, redemption),
        await mySsa.send('GET', `${at}/letters?kind=${encodeURIComponent(String(redemption.kind))}`),
        await mySsa.send('POST', `/letters/${encodeURIComponent(owner)}/resends`, letter),
        await lab.send('POST', `/letters/${encodeURIComponent(owner)}/returns`, {}),
      ]
      for (const { status } of answers) assert.ok(status < 500, String(status))
    }),
    { numRuns: 60 },
  )
})

test('every code that a person may type for an open letter is judged, whatever it holds', async () => {
  const { owner, code } = await mySsa.letter()
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), async (typed) => {
      fc.pre(typed.replace(/[\s-]/g, '') !== code)
      const { status } = await mySsa.redeem(owner, typed)
      assert.equal(status, 409)
    }),
    { numRuns: 50 },
  )
  assert.equal((await mySsa.redeem(owner, code)).status, 200)
})

test('an address with anything that the contract allows is mailed', async () => {
  const line = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    .filter((text) => /^[^\p{Cc}\p{Cs}]+$/u.test(text) && [...text].length <= 40)
  await fc.assert(
    fc.asyncProperty(line, line, line, async (name, street, city) => {
      const recipient = { name, street, city, state: 'MD', zipCode: '21235-0001' }
      const { status, body } = await mySsa.request({ recipient })
      assert.deepEqual([status, body.state], [201, 'delivered'])
    }),
    { numRuns: 40 },
  )
})
