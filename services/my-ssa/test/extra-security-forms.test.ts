// Whatever a form of extra security is sent with, the page answers: never a status of 500 or more, no stack trace, nothing
// of what was typed run as markup (OWASP ASVS 5.0 1.2.1, 16.5.1), and nothing turned on.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { postAnything } from '@gatehouse/provider/for-tests/any-form'
import type { Browser } from '@gatehouse/provider/for-tests/browser'
import fc from 'fast-check'
import { PASSWORD } from './support/my-ssa.ts'
import { type People, signIn, startWithPeople } from './support/people.ts'

let mySsa: People
before(async () => {
  mySsa = await startWithPeople()
})
after(() => mySsa.app.close())
beforeEach(() => advanceClock(86_400_000))

// Numbers that are sent a text, so that the pages after it are met too.
const GOOD = fc.oneof(
  fc.constant('yes'),
  fc.integer({ min: 10, max: 93 }).map((ending) => `(408) 555-01${ending}`),
)
const FIELDS = ['choice', 'number', 'code', 'password', 'terms', 'address']

/** @param from the page whose token goes along */
const postTo = (browser: Browser, place: string, from: string) =>
  postAnything(mySsa.app, browser, place, { names: FIELDS, runs: 25, from, good: GOOD })

test('while extra security is enabled', async () => {
  for (const place of ['/phone', '/security-code', '/texts', '/upgrade-code', '/letter', '/needed', '']) {
    const person = await mySsa.person('requested')
    const browser = mySsa.browser()
    await signIn(browser, person)
    if (place !== '/phone') {
      await browser.submit('/extra-security', { choice: 'enable' })
      await browser.submit('/extra-security/phone', { number: person.phone })
    }
    if (place === '/upgrade-code') {
      await browser.submit('/extra-security/security-code', { code: mySsa.services.newestCode })
    }
    await postTo(browser, `/extra-security${place}`, '/extra-security')
    assert.notEqual((await mySsa.store.find(person.accountId)).state, 'on')
  }
})

test('at the text, with a lost phone, and during a reset', async () => {
  for (const place of ['/security-code', '/security-code/texts', '/lost-phone']) {
    const person = await mySsa.person('on')
    const browser = mySsa.browser()
    await signIn(browser, person)
    await postTo(browser, place, '/lost-phone')
    assert.equal((await mySsa.store.find(person.accountId)).phone, person.phone)
  }
  for (const place of ['', '/phone', '/security-code', '/texts', '/old-phone', '/letter']) {
    const person = await mySsa.person('on')
    const browser = mySsa.browser()
    await signIn(browser, person)
    await browser.open('/lost-phone')
    await browser.submit('/lost-phone', { terms: 'yes', address: 'yes', number: '(408) 555-0161' })
    await signIn(browser, person)
    await browser.open('/reset-code')
    await browser.submit('/reset-code/phone', { number: '(408) 555-0161' })
    await postTo(browser, `/reset-code${place}`, '/reset-code')
    assert.equal((await mySsa.store.find(person.accountId)).phone, person.phone)
  }
})

test('in the security settings', async () => {
  for (const place of ['/remove', '/phone', '/phone/security-code', '/phone/texts', '/add']) {
    const person = await mySsa.person('on')
    const browser = mySsa.browser()
    await signIn(browser, person)
    await browser.submit('/security-code', { code: mySsa.services.newestCode })
    await browser.open('/security-settings/phone')
    await browser.submit('/security-settings/phone', { number: '(408) 555-0161', password: PASSWORD })
    await postTo(browser, `/security-settings${place}`, '/security-settings/remove')
    assert.equal((await mySsa.store.find(person.accountId)).phone, person.phone)
  }
})
