// Signing in to BSO by way of ID.me: the same person as by way of Login.gov, with all that hangs on the person.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { startGatehouse } from '@gatehouse/testkit/gatehouse'
import { openBrowser } from '@gatehouse/testkit/headless-browser'
import { StuckAt } from '@gatehouse/testkit/page'
import { signInHeadless } from '@gatehouse/testkit/sign-in'
import { completeSignIn } from '@gatehouse/testkit/sign-in-steps'

const gatehouse = await startGatehouse()
after(() => gatehouse.close())
const { urls } = gatehouse
const maria = gatehouse.persona('maria')
const bounded = { timeout: 180_000 }
const POLICY = 'http://idmanagement.gov/ns/assurance/ial/2/aal/2'

describe('by way of ID.me', () => {
  test('the tokens say which provider, level and methods it was', bounded, async () => {
    const { claims } = await signInHeadless({ urls, persona: maria, provider: 'id.me' })
    assert.equal(claims.idp, 'id.me')
    assert.equal(claims.acr, POLICY)
    assert.deepEqual(claims.amr, ['mfa'])
    assert.equal(claims.bso_user_id, 'MARIA7K2')
  })

  test('a person is the same as by way of Login.gov: one account, one subject', bounded, async () => {
    const james = gatehouse.persona('james')
    const ein = '960001012'
    const first = await signInHeadless({ urls, persona: james, ein, channel: 'call' })
    const second = await signInHeadless({ urls, persona: james, ein, provider: 'id.me', channel: 'call' })
    assert.equal(first.claims.idp, 'login.gov')
    assert.equal(second.claims.idp, 'id.me')
    assert.equal(second.claims.sub, first.claims.sub)
    assert.equal(second.claims.bso_user_id, first.claims.bso_user_id)
  })

  test('somebody without an SSN signs in, and has no User ID at an employer', bounded, async (t) => {
    const browser = openBrowser()
    t.after(() => browser.close())
    await browser.open(urls.bso)
    await browser.follow('Sign in')
    const mateo = gatehouse.persona('mateo')
    const arrival = completeSignIn(browser, { urls, persona: mateo, provider: 'id.me' })
    await assert.rejects(arrival, (error) => {
      assert.ok(error instanceof StuckAt)
      assert.equal(new URL(error.page.url).origin, urls['sign-in'])
      assert.match(error.page.heading, /User ID/)
      return true
    })
  })

  test('Cancel on the page about leaving goes back to the choice', bounded, async (t) => {
    const browser = openBrowser()
    t.after(() => browser.close())
    await browser.open(urls.bso)
    await browser.follow('Sign in')
    await browser.submit(browser.page.form({ button: 'Sign in with ID.me' }), {}, 'Sign in with ID.me')
    assert.equal(browser.page.heading, 'You are leaving Social Security’s website')
    await browser.follow('Cancel')
    assert.equal(browser.page.heading, 'Sign In or Create an Account')
  })
})
