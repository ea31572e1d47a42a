import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { openBrowser } from '../src/headless-browser.ts'
import { StuckAt } from '../src/page.ts'

type Answer = (request: IncomingMessage & { text: string }, response: ServerResponse) => void

/** A site that answers by path, and remembers what it was asked. */
async function site(t: TestContext, answers: Record<string, Answer>) {
  const asked: (IncomingMessage & { text: string })[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const whole = Object.assign(request, { text })
    asked.push(whole)
    const answer = answers[new URL(request.url ?? '/', 'http://x').pathname]
    if (answer) answer(whole, response)
    else response.writeHead(404).end('<h1>Nothing here</h1>')
  }).listen(0, 'localhost')
  await once(server, 'listening')
  t.after(() => server.close())
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, asked }
}

function browser(t: TestContext, options?: { stopAt?: string }) {
  const opened = openBrowser(options)
  t.after(() => opened.close())
  return opened
}

const page =
  (html: string, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html', ...headers }).end(html)
const redirect =
  (status: number, location: string, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    response.writeHead(status, { location, ...headers }).end()

const FORM = `<title>Order</title><main><h1>What do you want?</h1><form method="post" action="/order">
  <input type="hidden" name="_csrf" value="a &amp; b"><input name="name" value="old">
  <input type="checkbox" name="agree"><input type="checkbox" name="news" value="yes" checked>
  <input type="radio" name="size" value="s" checked><input type="radio" name="size" value="m">
  <select name="colour"><option value="">Select one</option><option value="red">Red</option></select>
  <input name="off" value="x" disabled><textarea name="note">Hi</textarea>
  <button>Send</button><button name="exit" value="yes">Leave</button><button type="button" name="no">Nothing</button>
</form></main>`

test('a cookie of one port is sent to another port of the same host, as browsers do', async (t) => {
  const other = await site(t, { '/': page('<h1>Other</h1>') })
  const first = await site(t, { '/': redirect(302, other.url, { 'set-cookie': 'a=1; Path=/; HttpOnly' }) })
  await browser(t).open(first.url)
  assert.equal(other.asked[0]?.headers.cookie, 'a=1')
})

test('a cookie stays below its path, and goes when it expires', async (t) => {
  const { url, asked } = await site(t, {
    '/': page('', { 'set-cookie': 'a=1; Path=/deep' }),
    '/deep': page('', { 'set-cookie': 'a=; Path=/deep; Max-Age=0' }),
  })
  const visitor = browser(t)
  for (const path of ['/', '/', '/deep', '/deep']) await visitor.open(url + path)
  assert.deepEqual(
    asked.map(({ headers }) => headers.cookie),
    [undefined, undefined, 'a=1', undefined],
  )
})

test('a form sends what stands in it, what was entered, and the button that was pressed', async (t) => {
  const { url, asked } = await site(t, { '/': page(FORM), '/order': page('<h1>Thanks</h1>') })
  const visitor = browser(t)
  const { heading, title, form } = await visitor.open(url)
  assert.equal(heading, 'What do you want?')
  assert.equal(title, 'Order')
  const entries = { name: 'Ann & Co', agree: true, news: false, size: 'm', colour: 'red' }
  assert.equal((await visitor.submit(form(), entries, 'Leave')).heading, 'Thanks')
  assert.deepEqual(Object.fromEntries(new URLSearchParams(asked[1]?.text)), {
    _csrf: 'a & b',
    name: 'Ann & Co',
    agree: 'on',
    size: 'm',
    colour: 'red',
    note: 'Hi',
    exit: 'yes',
  })
  await visitor.open(url)
  await visitor.submit(visitor.page.form())
  assert.deepEqual(Object.fromEntries(new URLSearchParams(asked[3]?.text)), {
    _csrf: 'a & b',
    name: 'old',
    news: 'yes',
    size: 's',
    colour: '',
    note: 'Hi',
  })
})

test('what a person could not do on the page is refused, without saying what was to be entered', async (t) => {
  const { url } = await site(t, { '/': page(FORM) })
  const visitor = browser(t)
  const { form } = await visitor.open(`${url}/?code=hidden`)
  const wrong: [Record<string, string | boolean>, string?][] = [
    [{ password: 'hunter2' }],
    [{ colour: 'hunter2' }],
    [{ size: 'hunter2' }],
    [{ name: true }],
    [{}, 'Buy'],
  ]
  for (const [entries, button] of wrong) {
    await assert.rejects(visitor.submit(form(), entries, button), (error: Error) => {
      assert.ok(error instanceof StuckAt)
      assert.match(error.message, /“What do you want\?” \(http:\/\/localhost:\d+\/\)/)
      return !/hunter2|hidden/.test(error.message)
    })
  }
  assert.throws(() => form({ fields: ['card'] }), /no form with card/)
  assert.throws(() => visitor.page.link('Imprint'), StuckAt)
})

test('303 and 302 go on with GET, and 307 sends the form again', async (t) => {
  const { url, asked } = await site(t, {
    '/': page(FORM.replace('/order', '/307')),
    '/307': redirect(307, '/302'),
    '/302': redirect(302, '/303'),
    '/303': redirect(303, '/end?x=1'),
    '/end': page('<h1>End</h1>'),
  })
  const visitor = browser(t)
  await visitor.open(url)
  const { heading } = await visitor.submit(visitor.page.form())
  assert.equal(heading, 'End')
  assert.equal(visitor.page.url, `${url}/end?x=1`)
  assert.deepEqual(
    asked.map(({ method, url, text }) => [method, url, text !== '']),
    [
      ['GET', '/', false],
      ['POST', '/307', true],
      ['POST', '/302', true],
      ['GET', '/303', false],
      ['GET', '/end?x=1', false],
    ],
  )
})

test('endless redirects end', async (t) => {
  const { url } = await site(t, { '/': redirect(302, '/') })
  await assert.rejects(browser(t).open(url), /Too many redirects/)
})

test('an address to stop at is reached with its query and never fetched', async (t) => {
  const { url } = await site(t, { '/': redirect(303, 'http://127.0.0.1/callback?code=1&state=2') })
  const { stopped, url: at } = await browser(t, { stopAt: 'http://127.0.0.1/callback' }).open(url)
  assert.ok(stopped)
  assert.equal(at, 'http://127.0.0.1/callback?code=1&state=2')
})

test('a form tells where it comes from as far as the referrer policy of its page lets it', async (t) => {
  const policies = ['', 'no-referrer', 'same-origin', 'strict-origin']
  const other = await site(t, { '/order': page('') })
  for (const policy of policies) {
    const headers: Record<string, string> = policy ? { 'referrer-policy': policy } : {}
    const own = await site(t, {
      '/': page(FORM, headers),
      '/away': page(FORM.replace('/order', `${other.url}/order`), headers),
      '/order': page(''),
    })
    const visitor = browser(t)
    for (const path of ['/', '/away']) {
      await visitor.open(own.url + path)
      await visitor.submit(visitor.page.form())
    }
    const sent = [own.asked.find(({ method }) => method === 'POST'), other.asked.at(-1)].map((request) => [
      request?.headers.origin,
      request?.headers.referer,
      request?.headers['sec-fetch-site'],
    ])
    const expected = {
      '': [
        [own.url, `${own.url}/`, 'same-origin'],
        [own.url, `${own.url}/`, 'same-site'],
      ],
      'no-referrer': [
        ['null', undefined, 'same-origin'],
        ['null', undefined, 'same-site'],
      ],
      'same-origin': [
        [own.url, `${own.url}/`, 'same-origin'],
        ['null', undefined, 'same-site'],
      ],
      'strict-origin': [
        [own.url, `${own.url}/`, 'same-origin'],
        [own.url, `${own.url}/`, 'same-site'],
      ],
    }[policy]
    assert.deepEqual(sent, expected, policy)
  }
})

test('an address that was opened by itself comes from nowhere', async (t) => {
  const { url, asked } = await site(t, { '/': page('<a href="/next">Go  on</a>'), '/next': page('') })
  const visitor = browser(t)
  await visitor.open(url)
  await visitor.follow('Go on')
  assert.equal(asked[0]?.headers.referer, undefined)
  assert.equal(asked[0]?.headers['sec-fetch-site'], 'none')
  assert.equal(asked[1]?.headers.referer, `${url}/`)
  assert.equal(asked[1]?.headers.origin, undefined)
})

test('a page says what is wrong on it', async (t) => {
  const { url } = await site(t, {
    '/': page('<h1>Sign in</h1><div class="usa-alert" role="alert"><p>Wrong\n password</p></div>'),
  })
  const { alerts } = await browser(t).open(url)
  assert.deepEqual(alerts, ['Wrong password'])
})

test('a form that is redirected through another origin has the origin null from then on (Fetch §3.2.5)', async (t) => {
  const own = await site(t, { '/back': page('<h1>Back</h1>') })
  const other = await site(t, { '/on': redirect(307, `${own.url}/back`) })
  const start = await site(t, {
    '/': page(`<h1>Start</h1><form method="post" action="${other.url}/on"><button>Go</button></form>`),
  })
  const opened = browser(t)
  await opened.open(start.url)
  await opened.submit(opened.page.form())
  assert.equal(opened.page.heading, 'Back')
  assert.deepEqual([other.asked[0]?.headers.origin, own.asked[0]?.headers.origin], [start.url, 'null'])
})
