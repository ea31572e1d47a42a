import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { openLetterBox } from '../src/letter-box.ts'
import { openMailTray } from '../src/mail-tray.ts'
import { pickUpPhone } from '../src/phone.ts'

// Answers as the lab does: what came after the cursor, at once, for there is nothing to wait for.
const mails: { cursor: number; subject: string; links: string[] }[] = []
const letters: { cursor: number; id: string; subject: string; code: string }[] = []
const approvals: { cursor: number; id: string; state: string }[] = []
const answered: { path: string | undefined; body: string }[] = []
const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://lab')
  const after = Number(searchParams.get('after') ?? -1)
  let body = ''
  for await (const chunk of request) body += chunk
  response.setHeader('connection', 'close')
  if (request.method === 'POST') {
    answered.push({ path: decodeURIComponent(pathname), body })
    response.writeHead(/late(\/return)?$/.test(decodeURIComponent(pathname)) ? 409 : 204).end()
    return
  }
  const newer = <Item extends { cursor: number }>(items: Item[]) =>
    items.filter(({ cursor }) => cursor > after)
  const cursor = (items: { cursor: number }[]) => newer(items).at(-1)?.cursor ?? Math.max(after, 0)
  const answer = pathname.endsWith('/approvals')
    ? { approvals: newer(approvals), cursor: cursor(approvals) }
    : pathname.startsWith('/mail/')
      ? { messages: newer(mails), cursor: cursor(mails) }
      : pathname === '/post/700-example-street-21235/letters'
        ? { letters: newer(letters), cursor: cursor(letters) }
        : { messages: [], cursor: 0 }
  response.end(JSON.stringify(answer))
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
after(() => server.close())
const urls = { lab: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
const mail = (cursor: number, subject: string) => ({ cursor, subject, links: [`http://x.example/${cursor}`] })

test('a mail tray gives one mail after the other, and none from before it was opened', async () => {
  mails.splice(0, mails.length, mail(3, 'Old'))
  const tray = await openMailTray(urls, 'a@example.com')
  mails.push(mail(4, 'Confirm your email'), mail(6, 'New sign-in'))
  assert.deepEqual((await tray.nextMail()).links, ['http://x.example/4'])
  assert.equal((await tray.nextMail()).subject, 'New sign-in')
})

test('a mail tray passes over mail with another subject, and says when the one that is meant does not come', async () => {
  mails.length = 0
  const tray = await openMailTray(urls, 'a@example.com')
  mails.push(mail(1, 'New sign-in'), mail(2, 'Reset your password'))
  assert.equal((await tray.nextMail(/password/)).subject, 'Reset your password')
  await assert.rejects(
    tray.nextMail(/Confirm/, 0.05),
    /no mail with the subject \/Confirm\/ came within 0.05 s/,
  )
})

test('a phone answers the next question that waits, and passes over what has been answered or expired', async () => {
  approvals.splice(0, approvals.length, { cursor: 2, id: 'before', state: 'pending' })
  answered.length = 0
  const phone = await pickUpPhone(urls, '+12025550142')
  approvals.push({ cursor: 3, id: 'over', state: 'expired' }, { cursor: 4, id: 'one', state: 'pending' })
  await phone.approve()
  approvals.push({ cursor: 5, id: 'two', state: 'pending' })
  await phone.approve('deny')
  assert.deepEqual(answered, [
    { path: '/phones/+12025550142/approvals/one', body: '{"decision":"approve"}' },
    { path: '/phones/+12025550142/approvals/two', body: '{"decision":"deny"}' },
  ])
})

test('a phone says when no question comes, and when the lab does not take the answer', async () => {
  approvals.length = 0
  const phone = await pickUpPhone(urls, '+12025550142')
  await assert.rejects(phone.approve('approve', 0.05), /no question came within 0.05 s/)
  approvals.push({ cursor: 9, id: 'late', state: 'pending' })
  await assert.rejects(phone.approve(), /the lab answered 409/)
})

const ADDRESS = { street: '700 Example Street', zipCode: '21235-0001' }
const letter = (cursor: number, subject: string) => ({
  cursor,
  id: `l${cursor}`,
  subject,
  code: `code ${cursor}`,
})

test('a letter box gives one letter after the other, none from before it was opened, and passes over others', async () => {
  letters.splice(0, letters.length, letter(3, 'Your reset code'))
  const box = await openLetterBox(urls, ADDRESS)
  letters.push(
    letter(4, 'Your reset code'),
    letter(6, 'Your account upgrade code'),
    letter(7, 'Your reset code'),
  )
  assert.equal((await box.nextLetter(/upgrade/)).code, 'code 6')
  assert.equal((await box.nextLetter()).code, 'code 7')
  await assert.rejects(box.nextLetter(/./, 0.05), /no letter with the subject \/\.\/ came within 0.05 s/)
})

test('a letter box tells what is in it, and takes the newest of a kind whether it came before or comes yet', async () => {
  letters.splice(0, letters.length, letter(3, 'Your account upgrade code'), letter(4, 'Your reset code'))
  const box = await openLetterBox(urls, ADDRESS)
  letters.push(letter(5, 'Your account upgrade code'))
  const subjects = (await box.letters()).map(({ subject }) => subject)
  assert.deepEqual(subjects, ['Your account upgrade code', 'Your reset code', 'Your account upgrade code'])
  assert.equal((await box.newestLetter(/upgrade/)).code, 'code 5')
  assert.equal((await box.newestLetter(/reset/)).code, 'code 4')
  await assert.rejects(
    box.newestLetter(/activation/, 0.05),
    /no letter with the subject .* came within 0.05 s/,
  )
})

test('a letter box returns a letter, and says when the lab does not take it back', async () => {
  answered.length = 0
  const box = await openLetterBox(urls, ADDRESS)
  await box.giveBack({ id: 'one' })
  assert.deepEqual(answered, [{ path: '/post/letters/one/return', body: '{}' }])
  await assert.rejects(box.giveBack({ id: 'late' }), /the lab answered 409/)
})
