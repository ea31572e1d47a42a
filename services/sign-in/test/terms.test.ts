import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { buildSignIn } from './signing-in.ts'

const suite = await buildSignIn()
const { answers } = suite
after(() => suite.app.close())
afterEach(() => void answers.heal())

async function atTerms() {
  const browser = suite.newBrowser()
  const { path, answer } = await suite.walk(browser, suite.relying.authorizeUrl(), { stopAt: 'terms' })
  return { browser, path, answer }
}

test('the terms are shown with their conditions and the checkbox, unticked', async () => {
  const { answer } = await atTerms()
  assert.match(answer.body, /<li>Social Security may:<ul><li>monitor and record what you do<\/li>/)
  assert.match(answer.body, /I agree to the Terms of Service\./)
  assert.doesNotMatch(answer.body, /<input[^>]*\schecked/)
})

test('without the tick the page comes again with an error that leads to the checkbox, and nothing is attested', async () => {
  const { browser, path } = await atTerms()
  const before = answers.attestations()
  const { statusCode, body } = await browser.submit(path, path, {})
  assert.equal(statusCode, 422)
  assert.match(body, /<title>Error: Terms of Service/)
  assert.match(body, /<a class="usa-link" href="#agree">Select the checkbox to agree/)
  assert.equal(answers.attestations(), before)
  // Still at the terms: nothing behind them is open.
  const interaction = path.replace('/terms', '')
  assert.equal((await browser.get(`${interaction}/user-id`)).statusCode, 400)
})

test('terms that changed meanwhile are shown again before they can be agreed to', async () => {
  const { browser, path } = await atTerms()
  const old = await browser.get(path)
  const [, csrf] = /name="_csrf" value="([^"]+)"/.exec(old.body) ?? []
  answers.state.terms = { ...answers.state.terms, version: '2026-02', textHash: 'b'.repeat(64) }
  const agreed = await browser.post(path, {
    _csrf: csrf as string,
    version: '2026-01',
    textHash: 'a'.repeat(64),
    agree: 'yes',
  })
  assert.equal(agreed.statusCode, 422)
  assert.match(agreed.body, /The terms have changed\. Read them again/)
  assert.match(agreed.body, /name="version" value="2026-02"/)
  assert.equal((await browser.submit(path, path, { agree: 'yes' })).statusCode, 303)
})

test('Exit ends the sign-in: the relying service hears access_denied with its state (RFC 6749 §4.1.2.1)', async () => {
  const { browser, path } = await atTerms()
  const before = answers.attestations()
  const left = await browser.submit(path, path, { exit: 'yes' })
  assert.equal(left.statusCode, 303)
  const back = await browser.get(String(left.headers.location))
  const url = new URL(String(back.headers.location))
  assert.equal(url.origin, 'https://relying.example')
  assert.equal(url.searchParams.get('error'), 'access_denied')
  assert.equal(url.searchParams.get('state'), 'state-of-the-relying-service')
  assert.equal(url.searchParams.get('iss'), 'http://localhost:4000')
  assert.equal(url.searchParams.get('code'), null)
  assert.equal(answers.attestations(), before)
  // Nobody is signed in by it.
  const { redirect } = await suite.walk(browser, suite.relying.authorizeUrl({ prompt: 'none' }))
  assert.equal(redirect?.searchParams.get('error'), 'login_required')
})

test('Exit leads to the relying service, so the page allows forms to go there', async () => {
  const { answer, browser, path } = await atTerms()
  assert.match(
    String(answer.headers['content-security-policy']),
    /form-action 'self' https:\/\/relying\.example/,
  )
  const again = await browser.submit(path, path, {})
  assert.match(
    String(again.headers['content-security-policy']),
    /form-action 'self' https:\/\/relying\.example/,
  )
})

test('while the terms cannot be had nobody signs in (ASVS 16.5.3)', async () => {
  const { browser, path } = await atTerms()
  const form = await browser.get(path)
  const [, csrf] = /name="_csrf" value="([^"]+)"/.exec(form.body) ?? []
  answers.state.down = ['terms']
  const shown = await browser.get(path)
  assert.equal(shown.statusCode, 503)
  assert.match(String(shown.headers['content-type']), /text\/html/)
  const posted = await browser.post(path, {
    _csrf: csrf as string,
    version: '2026-01',
    textHash: 'a'.repeat(64),
    agree: 'yes',
  })
  assert.equal(posted.statusCode, 503)
  const { redirect } = await suite.walk(browser, suite.relying.authorizeUrl({ prompt: 'none' }))
  assert.equal(redirect?.searchParams.get('error'), 'login_required')
  // Once they are back, so is the person.
  answers.heal()
  assert.equal((await browser.submit(path, path, { agree: 'yes' })).statusCode, 303)
})

test('whoever has not come back from a provider cannot attest (ASVS 2.3.1)', async () => {
  const browser = suite.newBrowser()
  const { interaction } = await suite.walk(browser, suite.relying.authorizeUrl(), { stopAt: 'choice' })
  const before = answers.attestations()
  assert.equal((await browser.get(`${interaction}/terms`)).statusCode, 400)
  const { body } = await browser.get(interaction)
  const [, csrf] = /name="_csrf" value="([^"]+)"/.exec(body) ?? []
  const fields = { _csrf: csrf as string, version: '2026-01', textHash: 'a'.repeat(64), agree: 'yes' }
  assert.equal((await browser.post(`${interaction}/terms`, fields)).statusCode, 400)
  assert.equal(answers.attestations(), before)
})
