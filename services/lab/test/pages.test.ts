import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { PersonasFile } from '@gatehouse/contracts/personas'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { buildForTest } from '@gatehouse/http/testing'
import { html as escapeHtml } from 'ghtml'
import { service } from '../src/service.ts'
import { environment, messagesOf, SENDER, startLab } from './lab-fixture.ts'

const directory = mkdtempSync(join(tmpdir(), 'lab-pages-'))
after(() => rmSync(directory, { recursive: true }))
const file = join(directory, 'personas.json')
const people: PersonasFile = {
  companies: [
    {
      ein: '960001012',
      name: 'Example Payroll Company',
      address: { street: '1 Payroll Plaza', city: 'Baltimore', state: 'MD', zipCode: '21201' },
    },
  ],
  personas: [
    {
      id: 'maria',
      about: 'the plain path',
      firstName: 'Maria',
      lastName: 'Example',
      email: 'maria@example.com',
      password: 'made <for> this test',
      phoneNumber: '+12025550142',
      dateOfBirth: '1984-03-12',
      ssn: '987654325',
      address: { street: '100 Example Street', city: 'Baltimore', state: 'MD', zipCode: '21235' },
      proofing: 'proofed',
      providers: [],
      mySsa: { username: 'MariaExample84', extraSecurity: 'letter-sent' },
      ticketPortal: { organization: 'Example <Network>', kind: 'EN' },
      userIds: [{ bsoUserId: 'MARIA7K2', ein: '960001012', services: ['CBSV'] }],
    },
    {
      id: 'mateo',
      about: 'no SSN',
      firstName: 'Mateo',
      lastName: 'Example',
      email: 'Mateo@example.com',
      password: 'made for this test too',
      phoneNumber: '+12025550147',
      dateOfBirth: '1993-02-17',
      address: { street: '100 Example Street', city: 'Baltimore', state: 'MD', zipCode: '21235' },
      proofing: 'fails',
      providers: ['id.me'],
      affiliations: [
        { group: 'military', subgroups: ['Veteran', 'Retiree'] },
        { group: 'teacher', subgroups: [] },
      ],
      administrator: { roles: ['viewer'] },
      userIds: [],
    },
  ],
}
writeFileSync(file, JSON.stringify(people))

const lab = await startLab({ environment: { PERSONAS_FILE: file } })
after(() => lab.close())
const page = async (url: string) => (await lab.app.inject({ url, headers: { accept: 'text/html' } })).body

test('what a text says is shown as text, never as part of the page', async () => {
  const body = '<img src=x onerror=alert(1)> "quoted" & code 246810'
  await lab.client.messages.create({ to: '+12025550142', from: SENDER, body })
  await messagesOf(lab.url, '+12025550142', '?after=0&wait=5')
  for (const path of ['/phones', '/phones/+12025550142']) {
    const html = await page(path)
    assert.ok(!html.includes('<img'))
    assert.ok(html.includes(`<p class="lab-bubble">${escapeHtml`${body}`}</p>`))
    assert.match(html, /<strong>246810<\/strong>/)
    assert.match(html, /Maria Example/)
    assert.match(html, /delivered/)
  }
})

test('without JavaScript a call offers its keypad as a form, and the key goes through', async () => {
  const to = '+12025550130'
  await lab.client.calls.create({
    to,
    from: SENDER,
    twiml:
      '<Response><Gather numDigits="1" action="http://127.0.0.1:9/"><Say>Press 1</Say></Gather></Response>',
  })
  await messagesOf(lab.url, to, '?after=0&wait=5')
  const shown = await lab.app.inject({ url: `/phones/${to}` })
  const action = /action="([^"]+\/keys)"/.exec(shown.body)?.[1] ?? ''
  const csrf = /name="_csrf" value="([^"]+)"/.exec(shown.body)?.[1] ?? ''
  const post = (fields: Record<string, string>) =>
    lab.app.inject({
      method: 'POST',
      url: action,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: shown.cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
      },
      payload: new URLSearchParams(fields).toString(),
    })
  assert.equal((await post({ keys: '1' })).statusCode, 403)
  const pressed = await post({ keys: '1', _csrf: csrf })
  assert.equal(pressed.statusCode, 303)
  assert.equal(pressed.headers.location, `/phones/${to}`)
  assert.match(shown.body, /<noscript><a href="">Reload<\/a>/)
})

test('the personas are shown with what is needed to sign in, and given as JSON', async () => {
  const html = await page('/personas')
  assert.match(html, /made &#60;for&#62; this test/)
  assert.match(html, /href="\/phones\/\+12025550142"/)
  assert.match(html, /href="\/mail\/maria%40example\.com"/)
  assert.ok(!html.includes('987654325'))
  for (const fact of [
    '<dt>Identity</dt><dd>verified</dd>',
    '<dt>Identity</dt><dd>not verified; fails when asked to verify; has no SSN</dd>',
    '<dt>Accounts</dt><dd>only at ID.me</dd>',
    '<dt>Accounts</dt><dd>only at my Social Security</dd>',
    '<code class="lab-copyable">MariaExample84</code>',
    'my Social Security, extra security asked for',
    '<dt>Ticket Portal</dt><dd>enrolled for Example &#60;Network&#62; (EN)</dd>',
    'href="/post/100-example-street-21235"',
    '<dt>Administrator</dt><dd>viewer</dd>',
    '<dt>ID.me groups</dt><dd>military (Veteran, Retiree), teacher</dd>',
    'href="/mail/mateo%40example.com"',
  ])
    assert.ok(html.includes(fact), fact)
  const answer = await lab.app.inject({ url: '/personas.json' })
  assert.deepEqual(answer.json(), people)
  assert.equal(answer.headers['access-control-allow-origin'], undefined)
})

test('the first page leads to everything and shows how a test waits', async () => {
  const html = await page('/')
  for (const link of ['/phones', '/mail', '/post', '/personas', '/clock'])
    assert.ok(html.includes(`href="${link}"`))
  assert.match(html, /curl .*wait=30/)
  assert.match(html, /curl .*\/post\/100-example-street-21235\/letters/)
})

test('every script and stylesheet that the pages name is served', async () => {
  const html = (await page('/phones')) + (await page('/personas'))
  const names = new Set(
    [...html.matchAll(/(?:src|href)="(\/assets\/lab\/[^"]+)"/g)].map(([, name]) => String(name)),
  )
  assert.deepEqual([...names].sort(), ['/assets/lab/copy.js', '/assets/lab/lab.css', '/assets/lab/live.js'])
  for (const url of names) assert.equal((await lab.app.inject({ url })).statusCode, 200)
})

test('pages with copy buttons have a place where a screen reader hears that it was copied (WCAG 4.1.3)', async () => {
  for (const path of ['/phones', '/phones/+12025550142', '/personas']) {
    const html = await page(path)
    assert.match(html, /<button class="lab-copy"/)
    // There and empty before anything is copied: what is put in later is announced.
    assert.match(html, /<p class="usa-sr-only" role="status" data-copy-status><\/p>/)
  }
})

test('a browser that asks for a phone that cannot exist gets a page that says so', async () => {
  const answer = await lab.app.inject({ url: '/phones/+18005551234', headers: { accept: 'text/html' } })
  assert.equal(answer.statusCode, 400)
  assert.match(String(answer.headers['content-type']), /text\/html/)
})

test('the letter boxes of personas and companies are there before anything comes, one for each address', async () => {
  const html = await page('/post')
  const boxes = [...html.matchAll(/<a class="lab-phone" href="([^"]+)"><span>([^<]*)/g)].map(
    ([, ...box]) => box,
  )
  assert.deepEqual(boxes, [
    ['/post/100-example-street-21235', 'Maria Example, Mateo Example'],
    ['/post/1-payroll-plaza-21201', 'Example Payroll Company'],
  ])
  const box = await page('/post/100-example-street-21235')
  assert.match(box, /The letter box of Maria Example, Mateo Example\./)
  assert.match(box, /Nothing yet in this letter box/)
  assert.match(await page('/post/9-nobody-street-99999'), /No persona has this address/)
})

test('a persona file that is none keeps the lab from starting', async () => {
  writeFileSync(file, '{"personas":[{"password":"secret"}]}')
  await assert.rejects(
    buildForTest(service, { environment: { ...environment, PERSONAS_FILE: file } }),
    (error) => error instanceof ConfigurationError && !error.message.includes('secret'),
  )
})
