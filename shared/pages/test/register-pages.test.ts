import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uswdsCss, uswdsPrefix } from '@gatehouse/pages/assets'
import { type RegisterPagesOptions, registerPages } from '@gatehouse/pages/register-pages'
import Fastify, { type FastifyInstance } from 'fastify'

const cookieSecret = 'a secret of the tests, long enough'

async function build(options: Partial<RegisterPagesOptions> = {}, app: FastifyInstance = Fastify()) {
  await registerPages(app, {
    service: 'bso',
    publicUrl: 'http://localhost:4010',
    cookieSecret,
    ...options,
  })
  app.get('/page', async (_request, reply) => reply.page('<!doctype html><title>T</title>'))
  app.get('/token', async (_request, reply) => [reply.csrfToken(), reply.csrfToken()])
  app.post('/echo', async (request) => ({ fields: { ...(request.body as object) } }))
  app.post('/api', { config: { csrf: false } }, async (request) => ({
    fields: { ...(request.body as object) },
  }))
  return app
}

type App = Awaited<ReturnType<typeof build>>

async function visit(app: App, headers: Record<string, string> = {}) {
  const answer = await app.inject({ url: '/token', headers })
  const cookie = answer.cookies[0]
  return {
    cookie: cookie ? `${cookie.name}=${encodeURIComponent(cookie.value)}` : '',
    setCookie: answer.headers['set-cookie'],
    tokens: answer.json<string[]>(),
  }
}

function post(app: App, payload: string, headers: Record<string, string> = {}, url = '/echo') {
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  return app.inject({ method: 'POST', url, payload, headers: { ...type, ...headers } })
}

function formOf(fields: Record<string, string>) {
  return new URLSearchParams(fields).toString()
}

test('a form posted with the token of its page is taken, and the handler sees its own fields only', async () => {
  const app = await build()
  const { cookie, tokens } = await visit(app)
  for (const token of tokens) {
    const answer = await post(app, formOf({ name: 'Ana', _csrf: token }), { cookie })
    assert.equal(answer.statusCode, 200)
    assert.deepEqual(answer.json(), { fields: { name: 'Ana' } })
  }
})

test('a form without a token, with a foreign one or without its cookie is refused (ASVS 3.5.1)', async () => {
  const app = await build()
  const mine = await visit(app)
  const theirs = await visit(app)
  const token = mine.tokens[0] ?? ''
  const tries = [
    await post(app, 'name=Ana', { cookie: mine.cookie }),
    await post(app, formOf({ _csrf: theirs.tokens[0] ?? '' }), { cookie: mine.cookie }),
    await post(app, formOf({ _csrf: token }), { cookie: theirs.cookie }),
    await post(app, formOf({ _csrf: token })),
    await post(app, formOf({ _csrf: token }), { cookie: 'bso-csrf=chosen-by-someone' }),
    await post(app, formOf({ _csrf: `${token}x` }), { cookie: mine.cookie }),
  ]
  for (const answer of tries) {
    assert.equal(answer.statusCode, 403)
    assert.equal(answer.json().code, 'csrf')
  }
})

test('a token of another service with another secret is refused, though localhost shares its cookies', async () => {
  const [bso, signIn] = [
    await build(),
    await build({ service: 'sign-in', cookieSecret: 'another secret of the tests, as long' }),
  ]
  const [here, there] = [await visit(bso), await visit(signIn)]
  assert.notEqual(here.cookie.split('=')[0], there.cookie.split('=')[0])
  const cookie = `${here.cookie}; ${there.cookie}`
  assert.equal((await post(bso, formOf({ _csrf: there.tokens[0] ?? '' }), { cookie })).statusCode, 403)
  assert.equal((await post(bso, formOf({ _csrf: here.tokens[0] ?? '' }), { cookie })).statusCode, 200)
})

test('where tokens belong to a session, one from before or from another session is refused', async () => {
  const app = await build({ sessionOf: (request) => request.headers['x-session'] as string | undefined })
  const { cookie, tokens } = await visit(app, { 'x-session': 'one' })
  const payload = formOf({ _csrf: tokens[0] ?? '' })
  assert.equal((await post(app, payload, { cookie, 'x-session': 'one' })).statusCode, 200)
  assert.equal((await post(app, payload, { cookie, 'x-session': 'two' })).statusCode, 403)
  assert.equal((await post(app, payload, { cookie })).statusCode, 403)
})

test('whatever a foreign page can send without a preflight needs a token, and nothing else does', async () => {
  const app = await build()
  const send = (headers: Record<string, string>, payload?: string, url = '/echo') =>
    app.inject({ method: 'POST', url, headers, payload })
  assert.equal((await send({})).statusCode, 403)
  assert.equal((await send({ 'content-type': 'text/plain' }, '{}')).statusCode, 403)
  assert.equal((await send({ authorization: 'Basic eDp5' })).statusCode, 403)
  assert.equal((await send({ authorization: 'Bearer x' })).statusCode, 200)
  assert.equal((await send({ 'content-type': 'application/json' }, '{"a":1}')).statusCode, 200)
  assert.equal((await post(app, 'To=1', {}, '/api')).statusCode, 200)
  assert.equal((await post(app, 'a=1', {}, '/nowhere')).statusCode, 404)
})

test('a repeated field and __proto__ are refused before a handler sees them (ASVS 15.3.6, 15.3.7)', async () => {
  const app = await build()
  for (const [payload, code] of [
    ['a=1&a=2', 'repeated_field'],
    ['__proto__=x', 'field_not_allowed'],
    ['%5F_proto__=x', 'field_not_allowed'],
  ] as const) {
    const answer = await post(app, payload, {}, '/api')
    assert.equal(answer.statusCode, 400)
    assert.equal(answer.json().code, code)
  }
  const odd = await post(app, 'constructor=x&a[b]=c&toString=y', {}, '/api')
  assert.deepEqual(odd.json(), { fields: { constructor: 'x', 'a[b]': 'c', toString: 'y' } })
})

test('the CSRF cookie is HttpOnly, SameSite=Lax and named for its service, Secure and __Host- over https (ASVS 3.3)', async () => {
  const plain = String((await visit(await build())).setCookie)
  assert.match(plain, /^bso-csrf=/)
  assert.match(plain, /HttpOnly/)
  assert.match(plain, /SameSite=Lax/)
  assert.match(plain, /Path=\//)
  assert.doesNotMatch(plain, /Secure|Domain/)
  const behindTls = String((await visit(await build({ publicUrl: 'https://bso.example' }))).setCookie)
  assert.match(behindTls, /^__Host-bso-csrf=/)
  assert.match(behindTls, /Secure/)
})

test('a page carries the headers that keep it out of caches, frames and foreign hands (ASVS 3.4)', async () => {
  const { headers } = await (await build()).inject('/page')
  assert.equal(headers['content-type'], 'text/html; charset=utf-8')
  assert.equal(headers['cache-control'], 'no-store')
  assert.equal(headers['referrer-policy'], 'same-origin')
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.equal(headers['x-frame-options'], 'DENY')
  assert.equal(
    headers['content-security-policy'],
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; " +
      "frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
  )
})

test('an error page sent by the error handler has the same headers, whatever stood there before', async () => {
  const bare = Fastify()
  bare.addHook('onRequest', async (_request, reply) => {
    reply.header('content-security-policy', "default-src 'none'")
  })
  bare.setErrorHandler(async (_error, _request, reply) =>
    reply.code(403).type('text/html').send('<p>Expired</p>'),
  )
  bare.setNotFoundHandler(async (_request, reply) => reply.code(404).type('text/html').send('<p>Gone</p>'))
  const app = await build({}, bare)
  for (const answer of [await post(app, 'name=Ana'), await app.inject('/nowhere')]) {
    assert.match(String(answer.headers['content-security-policy']), /style-src 'self'/)
    assert.equal(answer.headers['cache-control'], 'no-store')
  }
  const api = await app.inject('/token')
  assert.equal(api.headers['content-security-policy'], "default-src 'none'")
})

test('form-action lists the given origins, cut down so that no address can add to the policy', async () => {
  const app = await build({ formAction: ['http://localhost:4000/auth?x=1'] })
  app.get('/more', async (_request, reply) =>
    reply.page('', { status: 422, formAction: ["https://a.example/;script-src 'unsafe-inline'"] }),
  )
  app.get('/bad', async (_request, reply) => reply.page('', { formAction: ['javascript:alert(1)'] }))
  const answer = await app.inject('/more')
  assert.equal(answer.statusCode, 422)
  const policy = String(answer.headers['content-security-policy'])
  assert.match(policy, /form-action 'self' http:\/\/localhost:4000 https:\/\/a\.example; /)
  assert.doesNotMatch(policy, /unsafe-inline/)
  assert.equal((await app.inject('/bad')).statusCode, 500)
})

test('the stylesheet, its fonts and icons are served for good under an address with the version', async () => {
  const app = await build()
  const css = await app.inject(uswdsCss)
  assert.equal(css.statusCode, 200)
  assert.equal(css.headers['cache-control'], 'public, max-age=31536000, immutable')
  assert.match(uswdsCss, /uswds-\d+\.\d+\.\d+\//)
  for (const needed of ['source-sans-pro/sourcesanspro-regular-webfont.woff2', 'usa-icons/error.svg']) {
    const folder = needed.endsWith('svg') ? 'img' : 'fonts'
    assert.ok(css.body.includes(`../${folder}/${needed}`), 'the stylesheet names it')
    assert.equal((await app.inject(`${uswdsPrefix}${folder}/${needed}`)).statusCode, 200)
  }
})

test('nothing of the packages beside the needed files is served', async () => {
  const app = await build({ assets: import.meta.dirname })
  for (const path of [
    `${uswdsPrefix}css/uswds.css`,
    `${uswdsPrefix}js/uswds.min.js`,
    `${uswdsPrefix}scss/uswds.scss`,
    `${uswdsPrefix}..%2fpackage.json`,
    `${uswdsPrefix}fonts/..%2f..%2fpackage.json`,
    '/assets/..%2fregister-pages.ts',
    '/assets/bso/..%2fpackage.json',
    '/assets/',
  ]) {
    const { statusCode } = await app.inject(path)
    assert.ok(statusCode === 403 || statusCode === 404, `${path} answers ${statusCode}`)
  }
})

test('our own files are asked for again before each use, and a service can add its own folder', async () => {
  const app = await build({ assets: import.meta.dirname })
  const own = await app.inject('/assets/gatehouse.css')
  assert.equal(own.statusCode, 200)
  assert.equal(own.headers['cache-control'], 'public, max-age=0')
  const again = await app.inject({
    url: '/assets/gatehouse.css',
    headers: { 'if-none-match': String(own.headers.etag) },
  })
  assert.equal(again.statusCode, 304)
  assert.equal((await app.inject('/assets/bso/forms.test.ts')).statusCode, 200)
})

test('a short cookie secret is refused at start', async () => {
  await assert.rejects(build({ cookieSecret: 'short' }), /at least 32/)
})

test('registered as a plugin it still belongs to the app that registers it', async () => {
  const app = Fastify()
  const options = { service: 'lab', publicUrl: 'http://localhost:4012', cookieSecret }
  await app.register(registerPages, options)
  app.get('/', async (_request, reply) => reply.page('ok'))
  assert.equal((await app.inject('/')).body, 'ok')
})
