import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Persona, startGatehouse } from '@gatehouse/testkit/gatehouse'
import { openBrowser } from '@gatehouse/testkit/headless-browser'
import { pickUpPhone } from '@gatehouse/testkit/phone'
import { signInHeadless } from '@gatehouse/testkit/sign-in'
import { documented, verify } from '../src/gateway-requests.ts'
import {
  agreeToTerms,
  consent,
  enterCode,
  enterPassword,
  selectUserId,
  toPassword,
} from '../src/headless-steps.ts'

const gatehouse = await startGatehouse()
after(() => gatehouse.close())
const { urls } = gatehouse
const bounded = { timeout: 180_000 }

test('ten sign-ins of two people, interleaved, end with the right person each', bounded, async (t) => {
  const people = [gatehouse.persona('maria'), gatehouse.persona('james')]
  const visitors = people.flatMap((persona) =>
    Array.from({ length: 5 }, () => {
      const browser = openBrowser()
      t.after(() => browser.close())
      return { persona, browser }
    }),
  )
  await Promise.all(visitors.map(({ browser }) => toPassword(browser, urls)))
  // At Login.gov the people are there at once, and each of them in one browser after the other: an account is signed in
  // in one browser at a time there, and of several codes to one phone the newest counts.
  await Promise.all(
    people.map(async (person) => {
      const phone = await pickUpPhone(urls, person.phoneNumber)
      for (const { browser, persona } of visitors) {
        if (persona !== person) continue
        await enterPassword(browser, persona)
        await enterCode(browser, await phone.nextCode())
        await consent(browser)
      }
    }),
  )
  await Promise.all(visitors.map(({ browser }) => agreeToTerms(browser)))
  await Promise.all(visitors.map(({ browser, persona }) => selectUserId(browser, userIdOf(persona))))
  for (const { browser, persona } of visitors) {
    assert.equal(browser.page.heading, 'BSO Main Menu')
    assert.match(browser.page.text, new RegExp(`${persona.firstName} ${persona.lastName}`))
    assert.ok(browser.page.text.includes(userIdOf(persona).bsoUserId))
  }
})

function userIdOf({ userIds }: Persona): Persona['userIds'][number] {
  const [first] = userIds
  assert.ok(first)
  return first
}

test('twenty verifications at once with one token are all answered', bounded, async () => {
  gatehouse.advanceClock(5 * 60_000)
  const { tokens } = await signInHeadless({ urls, persona: gatehouse.persona('maria') })
  const [{ ssn, ...row }] = documented as [(typeof documented)[number]]
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => {
      // The same number or name more than five times would be misuse.
      const name = String.fromCharCode(65 + index)
      const request = {
        ...row,
        ssn: String(Number(ssn) - index),
        firstName: index === 0 ? row.firstName : name,
      }
      return verify(urls, { token: tokens.access_token, body: { requests: [request] } })
    }),
  )
  assert.deepEqual(
    answers.map(({ status }) => status),
    Array(20).fill(200),
  )
  assert.deepEqual(
    answers.map(({ results }) => results.length),
    Array(20).fill(1),
  )
  assert.deepEqual(answers[0]?.results, ['Yes'])
  assert.ok(answers.slice(1).every(({ results }) => results[0] === 'No'))
})

test(
  'of requests at once for one number, as many are counted as the misuse rule allows',
  bounded,
  async () => {
    gatehouse.advanceClock(5 * 60_000)
    const { tokens } = await signInHeadless({ urls, persona: gatehouse.persona('maria') })
    const body = { requests: [{ ssn: '987654329', firstName: 'Same', lastName: 'Number' }] }
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => verify(urls, { token: tokens.access_token, body })),
    )
    const statuses = answers.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [...Array(5).fill(200), ...Array(15).fill(422)])
  },
)
