import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addSecurityKey, giveReason, openPerson, signInAtConsole } from '../src/administrator-steps.ts'
import {
  agreeToTerms,
  beginSignIn,
  copiedCode,
  enterCode,
  enterPassword,
  follow,
  openPhone,
  press,
  selectUserId,
} from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import { choose } from '../src/login-gov-steps.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const { urls } = gatehouse
const [maria, rosa, amir] = ['maria', 'rosa', 'amir'].map((id) => gatehouse.persona(id)) as [
  ReturnType<typeof gatehouse.persona>,
  ReturnType<typeof gatehouse.persona>,
  ReturnType<typeof gatehouse.persona>,
]
const title = (words: string) => `${words} | Gatehouse administration`
const JAVASCRIPT = { javaScript: true }

test(
  'a person loses access in the middle of a verification, and the console tells who ended it and how fast',
  options,
  async (t) => {
    const look = pageChecks(JAVASCRIPT)
    const person = await openVisitor(t)
    await beginSignIn(person, urls.bso)
    await press(person, 'Sign in with Login.gov')
    const phone = await openPhone(person.context(), urls.lab, maria)
    await enterPassword(person, maria)
    await enterCode(person, await copiedCode(phone))
    await press(person, 'Agree and continue')
    await agreeToTerms(person)
    await selectUserId(person, 'MARIA7K2')
    await person.goto(`${urls.bso}/cbsv/online-verification`)

    await addSecurityKey(gatehouse, rosa)
    const page = await openVisitor(t)
    await page.goto(urls.admin)
    await look(page, 'ad-01-welcome', title('Sign in'))
    await signInAtConsole(page, gatehouse, rosa, JAVASCRIPT)
    await look(page, 'ad-02-people', title('People'))
    await openPerson(page, urls.admin, 'Maria Example')
    await look(page, 'ad-03-person', title('Maria Example'))
    await follow(page, 'Revoke all of this person’s access')
    await look(page, 'ad-04-revoke', title('Revoke access'))
    await press(page, 'Continue')
    await look(page, 'ad-05-revoke-mistakes', `Error: ${title('Revoke access')}`)
    await choose(page, 'Until somebody reinstates it')
    await giveReason(page, 'Laptop was stolen', 'Continue')
    await look(page, 'ad-06-preview', title('What it would end'))
    assert.match(await textOf(page), /1 session/)
    await press(page, 'Revoke now')
    assert.match(await textOf(page), /In force on 1 of 1 gateway and at the console/)
    const [row] = await page
      .locator('h2', { hasText: 'Gateways' })
      .locator('+ table tbody tr')
      .allInnerTexts()
    assert.match(row ?? '', /In force\s+[\d.]+/)
    await look(page, 'ad-07-order', await page.title())

    await person.locator('#ssn-1').fill('123456789')
    await person.locator('#firstName-1').fill('Maria')
    await person.locator('#lastName-1').fill('Example')
    await person.locator('#dateOfBirth-1').fill('03121984')
    await press(person, 'Submit')
    assert.doesNotMatch(await textOf(person), /Yes|Deceased/)
    await look(person, 'ad-08-ended-at-bso', await person.title())

    await page.goto(`${urls.admin}/revocations`)
    await look(page, 'ad-09-revocations', title('Revocations'))
    await follow(page, /^Person/)
    await look(page, 'ad-10-revocation', await page.title())
    await follow(page, 'Reinstate')
    await look(page, 'ad-11-reinstate', title('Reinstate'))
    await giveReason(page, 'Laptop was found', 'Reinstate')
    assert.match(await textOf(page), /Reinstatement/)
    await look(page, 'ad-12-reinstated', await page.title())
    await page.goto(`${urls.admin}/audit`)
    assert.match(await textOf(page), /Rosa Exemplar/)
    assert.match(await textOf(page), /Laptop was stolen/)
    await look(page, 'ad-13-audit', title('Audit'))
  },
)

test('two administrators end the access of a company, and neither does it alone', options, async (t) => {
  const look = pageChecks(JAVASCRIPT)
  await addSecurityKey(gatehouse, rosa)
  await addSecurityKey(gatehouse, amir)
  const [asking, deciding] = [await openVisitor(t), await openVisitor(t)]
  await signInAtConsole(asking, gatehouse, rosa, JAVASCRIPT)
  await asking.goto(`${urls.admin}/companies`)
  await look(asking, 'ad-20-companies', title('Companies'))
  await follow(asking, 'Example Mortgage Company')
  await look(asking, 'ad-21-company', title('Example Mortgage Company'))
  await follow(asking, 'Disable, or end what is open')
  await choose(asking, 'Until somebody reinstates it')
  await giveReason(asking, 'The company was dissolved', 'Continue')
  await look(asking, 'ad-22-company-preview', title('What it would end'))
  await press(asking, 'Ask for approval')
  assert.match(await textOf(asking), /Awaiting approval/)
  await look(asking, 'ad-23-request', await asking.title())

  await signInAtConsole(deciding, gatehouse, amir, JAVASCRIPT)
  await deciding.goto(`${urls.admin}/approvals`)
  await look(deciding, 'ad-24-approvals', title('Approvals'))
  await follow(deciding, /^Revocation$/)
  await look(deciding, 'ad-25-decide', await deciding.title())
  await giveReason(deciding, 'The register says so too', 'Approve and carry out')
  assert.match(await textOf(deciding), /Done/)
  await look(deciding, 'ad-26-approved', await deciding.title())
  await deciding.goto(`${urls.admin}/companies/960002037`)
  assert.match(await textOf(deciding), /Disabled.*Rosa Exemplar/s)
  await look(deciding, 'ad-27-disabled', title('Example Mortgage Company'))
  await asking.goto(`${urls.admin}/audit?event=access.ended`)
  assert.match(await textOf(asking), /Rosa Exemplar/)
  await look(asking, 'ad-28-who', title('Audit'))
})
