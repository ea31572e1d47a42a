import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { type Call, CallFailed, CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import type { LetterDelivery } from '@gatehouse/contracts/lab'
import { html as escapeHtml } from 'ghtml'
import type { TSchema } from 'typebox'
import { startLab } from './lab-fixture.ts'
import { letterTo } from './letters.ts'

const DAY = 86_400_000

/** What upgrade-codes answers to a return: nothing wrong, the code of a refusal, or no answer at all. */
let trouble: { code: string; status: number } | 'down' | undefined
const returned: { scope: string; request: string }[] = []
const calls = {
  async call(name: string, { scope, method, path }: Call<TSchema>) {
    assert.equal(name, 'upgrade-codes')
    if (trouble === 'down') throw new CallFailed('upgrade-codes', 'no answer')
    if (trouble) throw new CallRefused('upgrade-codes', { type: 'about:blank', title: 'No', ...trouble })
    returned.push({ scope, request: `${method} ${path}` })
    return { letterId: 'x', kind: 'upgrade-code', state: 'returned', at: {} }
  },
} as unknown as ServiceCalls
beforeEach(() => {
  trouble = undefined
  returned.length = 0
})

const lab = await startLab({ calls })
after(() => lab.close())
const page = (path: string) => lab.app.inject({ url: path, headers: { accept: 'text/html' } })

async function handIn(id: string, letter: LetterDelivery): Promise<void> {
  const answer = await lab.app.inject({
    method: 'PUT',
    url: `/post/letters/${id}`,
    headers: await lab.as('upgrade-codes', 'letters.write'),
    payload: letter,
  })
  assert.equal(answer.statusCode, 204)
}

/** Presses the button of the letter's page. */
async function pressReturn(id: string) {
  const shown = await page(`/post/letters/${id}`)
  const action = /action="([^"]+\/return)"/.exec(shown.body)?.[1] ?? ''
  const csrf = /name="_csrf" value="([^"]+)"/.exec(shown.body)?.[1] ?? ''
  assert.ok(action && csrf)
  return lab.app.inject({
    method: 'POST',
    url: action,
    headers: {
      accept: 'text/html',
      'content-type': 'application/x-www-form-urlencoded',
      cookie: shown.cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
    },
    payload: new URLSearchParams({ _csrf: csrf }).toString(),
  })
}

const asProgram = (id: string) =>
  lab.app.inject({
    method: 'POST',
    url: `/post/letters/${id}/return`,
    headers: { 'content-type': 'application/json' },
    payload: '{}',
  })

const lettersIn = async (box: string) =>
  (await lab.app.inject({ url: `/post/${box}/letters` })).json().letters as { code: string }[]

test('a letter is a page with its address, date, subject, steps in order and the code in bold', async () => {
  await handIn('whole', letterTo('1 Page Street'))
  const { body, statusCode } = await page('/post/letters/whole')
  assert.equal(statusCode, 200)
  const article = /<article class="lab-letter">.*<\/article>/s.exec(body)?.[0] ?? ''
  for (const part of [
    '<p class="lab-letter__from">Social Security</p>',
    '<time datetime="2026-08-18">August 18, 2026</time>',
    '<span>Ruth Template</span><br><span>1 Page Street</span><br><span>Baltimore, MD 21235</span>',
    '<h1 class="lab-letter__subject">Your account upgrade code</h1>',
    '<h2 class="lab-letter__heading">Please take these steps</h2>',
    '<ol><li>Visit <a href="http://localhost:4003">http://localhost:4003</a>.</li><li>Enter your upgrade code: <strong class="lab-letter__code">0642030</strong>.</li></ol>',
    '<ul><li>A phone</li></ul>',
  ])
    assert.ok(article.includes(part), part)
  assert.equal(body.match(/<h1/g)?.length, 1)
  assert.ok(body.includes('href="/post/letters/whole.pdf"'))
  assert.ok(body.includes('data-copy="0642030"'))
})

test('the style sheet of a letter is served, and takes everything but the letter off the paper', async () => {
  await handIn('printed', letterTo('1 Page Street'))
  const { body } = await page('/post/letters/printed')
  assert.ok(body.includes('<link rel="stylesheet" href="/assets/lab/letter.css">'))
  const { statusCode, body: css } = await lab.app.inject({ url: '/assets/lab/letter.css' })
  assert.equal(statusCode, 200)
  assert.match(css, /@page/)
  const print = css.slice(css.indexOf('@media print'))
  for (const hidden of ['.gh-banner', '.gh-header', '.gh-footer', '.lab-tools', '.usa-skipnav'])
    assert.ok(print.includes(hidden), hidden)
  // Whatever is on the page beside the letter is in what is hidden.
  const main = body.slice(body.indexOf('<div class="gh-content">'))
  assert.match(main, /^<div class="gh-content">(<link[^>]*>)+<div class="lab-tools">/)
  assert.match(main, /<\/div>\s*<article class="lab-letter">/)
})

test('nothing of a letter becomes markup, on its own page and in a box', async () => {
  const evil = '<img src=x onerror=alert(1)> & "0642030"'
  await handIn(
    'evil',
    letterTo('2 <b>Evil</b> Street', {
      from: 'A <b>sender</b>',
      to: {
        ...letterTo('').to,
        street: '2 <b>Evil</b> Street',
        name: '<i>Ruth</i>',
        company: '"><script>1</script>',
      },
      subject: evil,
      code: '"><b>1',
      blocks: [
        { kind: 'heading', text: evil },
        { kind: 'paragraph', text: `${evil} "><b>1` },
        { kind: 'steps', items: [evil] },
        { kind: 'list', items: [evil] },
      ],
    }),
  )
  for (const path of ['/post', '/post/2-b-evil-b-street-21235', '/post/letters/evil']) {
    const { body, statusCode } = await page(path)
    assert.equal(statusCode, 200)
    assert.ok(!/<img|<b>|<i>|<script>1/.test(body), path)
    assert.ok(body.includes(escapeHtml`${evil}`), path)
  }
})

test('without JavaScript a box has a link to reload, and the letters in it to read', async () => {
  await handIn('plain', letterTo('3 Plain Street'))
  const { body } = await page('/post/3-plain-street-21235')
  assert.match(body, /<noscript><a href="">Reload<\/a>/)
  assert.match(body, /<strong>0642030<\/strong>/)
  assert.ok(body.includes('href="/post/letters/plain"'))
})

test('all boxes that got letters are listed, the one with the newest first, and a box shows its fifty newest', async () => {
  for (let count = 1; count <= 52; count += 1)
    await handIn(`busy-${count}`, letterTo('4 Busy Street', { subject: `number ${count}.` }))
  const { body: all } = await page('/post')
  const list = /<ul class="lab-phones"[^>]*>(.*?)<\/ul>/s.exec(all)?.[1] ?? ''
  assert.match(
    list,
    /^<li><a class="lab-phone" href="\/post\/4-busy-street-21235"><span>4-busy-street-21235<\/span>\s*<span class="lab-quiet">52 letters/,
  )
  const { body } = await page('/post/4-busy-street-21235')
  assert.equal(body.match(/<article /g)?.length, 50)
  assert.match(body, /number 52\./)
  assert.doesNotMatch(body, /number 2\./)
})

test('a returned letter ends its code at upgrade-codes, leaves its box and says so', async () => {
  const id = 'to-return'
  const box = '5-return-street-21235'
  await handIn(id, letterTo('5 Return Street', { code: '5555555' }))
  assert.equal((await lettersIn(box)).length, 1)
  const answer = await pressReturn(id)
  assert.equal(answer.statusCode, 303)
  assert.equal(answer.headers.location, `/post/letters/${id}`)
  assert.deepEqual(returned, [{ scope: 'letters.return', request: `POST /letters/${id}/returns` }])
  assert.deepEqual(await lettersIn(box), [])
  assert.equal((await lab.app.inject({ url: `/post/letters/${id}.pdf` })).statusCode, 404)
  for (const path of [`/post/letters/${id}`, `/post/${box}`, '/post']) {
    const { body } = await page(path)
    assert.match(body, /Returned as undeliverable/, path)
    assert.doesNotMatch(body, /5555555/, path)
  }
  // Pressed again in another tab: it is returned, and nobody is told twice.
  assert.equal((await asProgram(id)).statusCode, 204)
  assert.equal(returned.length, 1)
})

test('a letter that is still in the mail can be returned, and never arrives', async () => {
  await handIn('lost', letterTo('6 Lost Street', { deliverAt: now() + DAY }))
  assert.equal((await pressReturn('lost')).statusCode, 303)
  assert.match((await page('/post/letters/lost')).body, /Returned as undeliverable/)
})

for (const code of ['letter_not_open', 'not_found']) {
  test(`when upgrade-codes refuses a return with ${code} the page says why and the letter stays`, async () => {
    trouble = { code, status: code === 'not_found' ? 404 : 409 }
    const id = `refused-${code.replace('_', '-')}`
    await handIn(id, letterTo('7 Used Street'))
    const answer = await pressReturn(id)
    assert.equal(answer.statusCode, 409)
    assert.match(answer.body, /role="alert"/)
    assert.match(answer.body, /used, cancelled or replaced/)
    assert.match(answer.body, /<article class="lab-letter">/)
    const program = await asProgram(id)
    assert.equal(program.statusCode, 409)
    assert.equal(program.json().code, 'letter_not_open')
    assert.equal((await lab.app.inject({ url: `/post/letters/${id}.pdf` })).statusCode, 200)
  })
}

test('while upgrade-codes is down nothing is returned, and the page says so; later it can be', async () => {
  trouble = 'down'
  await handIn('later', letterTo('8 Later Street'))
  const answer = await pressReturn('later')
  assert.equal(answer.statusCode, 503)
  assert.match(answer.body, /does not answer\. Nothing has changed/)
  assert.equal((await asProgram('later')).statusCode, 503)
  assert.equal((await lettersIn('8-later-street-21235')).length, 1)
  trouble = undefined
  assert.equal((await pressReturn('later')).statusCode, 303)
})

test('a letter is not returned without the token of its page (ASVS 3.5.1), nor one that is none', async () => {
  await handIn('guarded', letterTo('9 Guarded Street'))
  const answer = await lab.app.inject({
    method: 'POST',
    url: '/post/letters/guarded/return',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: '',
  })
  assert.equal(answer.statusCode, 403)
  assert.equal((await asProgram('nowhere')).statusCode, 404)
  assert.deepEqual(returned, [])
})
