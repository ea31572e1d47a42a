// A my Social Security account comes to be: by somebody on the way to the Ticket Portal, with the letter of extra
// security; and, without scripts, by somebody who only wants the account.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { follow, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import { linkInMail, openTray, tick } from '../src/login-gov-steps.ts'
import {
  chooseCredentials,
  NEW_PASSWORD,
  tellAboutYourself,
  thingsToFix,
} from '../src/my-ssa-account-steps.ts'
import { codeInLetter, expectWords, openLetter } from '../src/my-ssa-steps.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const { urls } = gatehouse
const HERE = 'my Social Security'
const CONFIRM = 'Confirm your e-mail address'
const ACKNOWLEDGED = 'I create this account for myself'

test('whoever is on the way to the Ticket Portal creates an account on it', options, async (t) => {
  const page = await openVisitor(t)
  const look = pageChecks({ javaScript: true })
  const nadia = gatehouse.persona('nadia')
  await page.goto(`${urls['ticket-portal']}/sign-in`)
  await follow(page, 'Create An Account')
  await look(page, 'ma-01-create', `Create An Account | ${HERE}`)
  await expectWords(
    page,
    'Be at least 18 years of age',
    'appointed representative',
    'criminal or civil penalties',
  )
  await press(page, 'Next')
  await look(page, 'ma-02-create-error', `Error: Create An Account | ${HERE}`)
  await tick(page, ACKNOWLEDGED)
  await press(page, 'Next')
  await look(page, 'ma-03-about-you', `Tell us about yourself | ${HERE}`)
  await press(page, 'Next')
  await look(page, 'ma-04-about-you-empty', `Error: Tell us about yourself | ${HERE}`)
  assert.equal((await thingsToFix(page)).length, 9)

  const oliver = gatehouse.persona('oliver')
  await tellAboutYourself(page, oliver)
  await look(page, 'ma-05-not-verified', `Error: We cannot create an account for you online | ${HERE}`)
  await follow(page, 'Correct my information')
  await tellAboutYourself(page, gatehouse.persona('maria'))
  await look(page, 'ma-06-has-account', `Error: You already have an account | ${HERE}`)
  await page.goBack()
  await tellAboutYourself(page, { ...nadia, dateOfBirth: '2015-07-04' })
  assert.deepEqual(await thingsToFix(page), ['You must be at least 18 years of age.'])
  await tellAboutYourself(page, nadia)
  await look(page, 'ma-07-check-e-mail', `Check your e-mail | ${HERE}`)
  const tray = await openTray(page.context(), urls.lab, nadia.email, CONFIRM)
  await look(tray, 'ma-08-mail-tray', `${nadia.email} | QA desk`)
  await tray.close()

  const link = await linkInMail(page.context(), urls.lab, nadia.email, { subject: CONFIRM })
  await page.goto(link)
  await look(page, 'ma-09-confirm', `${CONFIRM} | ${HERE}`)
  await press(page, 'Confirm my e-mail address')
  await look(page, 'ma-10-username', `Create a username and password | ${HERE}`)
  await press(page, 'Create my account')
  await look(page, 'ma-11-username-empty', `Error: Create a username and password | ${HERE}`)
  await chooseCredentials(page, { username: 'mariaEXAMPLE84', password: 'Specimen' })
  assert.deepEqual(await thingsToFix(page), [
    'Somebody has this username already. Choose another one.',
    'The password must have 15 characters or more.',
    'Say whether you would like to add extra security.',
  ])
  const username = 'NadiaSpecimen91'
  await chooseCredentials(page, { username, password: NEW_PASSWORD, extraSecurity: true })
  await look(page, 'ma-12-done', `Your account was created | ${HERE}`)
  assert.match(await textOf(page), new RegExp(`${username}.+We are mailing you a letter`, 's'))
  const letter = await openLetter(page.context(), urls.lab, nadia)
  assert.match(await codeInLetter(letter), /^\d{7}$/)
  await letter.close()
  await follow(page, 'Next')
  assert.equal(await page.title(), `Enable your Extra Security | ${HERE}`, 'the Ticket Portal asked for it')

  await page.goto(link)
  await look(page, 'ma-13-dead-link', `Error: Start again | ${HERE}`)
})

test(
  'somebody without scripts creates an account, corrects the address and sends the e-mail again',
  options,
  async (t) => {
    const page = await openVisitor(t, { javaScriptEnabled: false })
    const look = pageChecks({ javaScript: false })
    const person = {
      ...gatehouse.persona('nadia'),
      firstName: 'Nora',
      lastName: 'Newcomer',
      dateOfBirth: '1990-02-28',
      ssn: '900654399',
    }
    const [mistyped, email] = ['nora@example.net', 'nora@example.com']
    await page.goto(`${urls['my-ssa']}/`)
    await follow(page, 'Create An Account')
    await tick(page, ACKNOWLEDGED)
    await press(page, 'Next')
    await tellAboutYourself(page, { ...person, ssn: '123456789', email: mistyped })
    await look(page, 'ma-20-about-you', `Error: Tell us about yourself | ${HERE}`)
    assert.deepEqual(await thingsToFix(page), [
      'Use a number that begins with 9 or 666: real ones have no place here.',
    ])
    assert.equal(
      await page.getByLabel('Social Security number').inputValue(),
      '',
      'an SSN is not shown again',
    )
    await tellAboutYourself(page, { ...person, email: mistyped })
    await expectWords(page, mistyped)
    await follow(page, 'Correct my information')
    assert.equal(await page.getByLabel('Last name').inputValue(), person.lastName, 'the rest stays')
    await tellAboutYourself(page, { ...person, email })
    await look(page, 'ma-21-check-e-mail', `Check your e-mail | ${HERE}`)
    const stale = await linkInMail(page.context(), urls.lab, email, { subject: CONFIRM })
    gatehouse.advanceClock(61_000)
    await press(page, 'Send the e-mail again')
    const link = await linkInMail(page.context(), urls.lab, email, { subject: CONFIRM })
    assert.notEqual(link, stale)
    await page.goto(stale)
    assert.equal(await page.title(), `Error: Start again | ${HERE}`, 'a newer link ends the earlier one')
    await page.goto(link)
    await press(page, 'Confirm my e-mail address')
    await look(page, 'ma-22-username', `Create a username and password | ${HERE}`)
    const username = 'NoraNewcomer90'
    await chooseCredentials(page, { username, password: NEW_PASSWORD, extraSecurity: false })
    await look(page, 'ma-23-done', `Your account was created | ${HERE}`)
    assert.doesNotMatch(await textOf(page), /letter/)
    await follow(page, 'Next')
    await look(page, 'ma-24-settings', `Security Settings | ${HERE}`)
    await press(page, 'Sign out')
    await look(page, 'ma-25-signed-out', `Sign In or Create an Account | ${HERE}`)
    await expectWords(page, 'You are signed out.')
  },
)
