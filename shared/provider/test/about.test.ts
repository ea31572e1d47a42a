import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { defineService } from '@gatehouse/http/service'
import { buildForTest } from '@gatehouse/http/testing'
import { registerPages } from '@gatehouse/pages/register-pages'
import { Type } from 'typebox'
import { addAbout, type Departure } from '../src/about/about.ts'

async function aboutPage(departures: readonly Departure[]): Promise<string> {
  const service = defineService({
    name: 'login-gov',
    summary: 'A provider with nothing but this page',
    configuration: Type.Object({}),
    async build(app, { publicUrl, secrets }) {
      await registerPages(app, { service: 'login-gov', publicUrl, cookieSecret: secrets.key('cookies') })
      addAbout(app, {
        site: { service: 'login-gov', name: 'Login.gov' },
        wire: 'OpenID <Connect>',
        departures,
      })
    },
  })
  const { app } = await buildForTest(service)
  after(() => app.close())
  const answer = await app.inject({ url: '/about', headers: { accept: 'text/html' } })
  assert.equal(answer.statusCode, 200)
  assert.match(String(answer.headers['content-type']), /^text\/html/)
  return answer.body
}

test('the page tells every departure with its source and its probe, escaped', async () => {
  const page = await aboutPage([
    {
      kind: 'missing',
      what: 'No <b>SAML</b>.',
      source: 'fact sheet 1',
      probe: { method: 'GET', path: '/a?b&c', status: 404 },
    },
    { kind: 'assumed', what: 'Codes last 5 minutes.', source: 'fact sheet 2' },
  ])
  assert.ok(page.includes('OpenID &#60;Connect&#62;') || page.includes('OpenID &lt;Connect&gt;'))
  assert.ok(!page.includes('<b>SAML</b>'))
  assert.match(
    page,
    /<td[^>]*>No [^<]*SAML[^<]*<br><code>GET \/a\?b&[^<]*c<\/code>: 404<\/td><td[^>]*>fact sheet 1<\/td>/,
  )
  assert.match(page, /<td[^>]*>Codes last 5 minutes\.<\/td><td[^>]*>fact sheet 2<\/td>/)
  // What is missing stands before what is assumed.
  assert.ok(page.indexOf('SAML') < page.indexOf('What is assumed'))
  assert.ok(page.indexOf('What is assumed') < page.indexOf('Codes last'))
  assert.equal(page.match(/<h1/g)?.length, 1)
})

test('where nothing is missing or assumed the page says so', async () => {
  const page = await aboutPage([])
  assert.ok(page.includes('Nothing that we know of is missing.'))
  assert.ok(page.includes('Nothing is assumed.'))
  assert.ok(!page.includes('<table'))
})
