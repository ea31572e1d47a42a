// For tests of pages: administrators at the console in a browser, and what every page must hold.

import assert from 'node:assert/strict'
import { epochSeconds } from '@gatehouse/clock/clock'
import { location } from '@gatehouse/relying-party/browser-for-tests'
import type { Role } from '../src/access/roles.ts'
import type { Desk } from './desk.ts'

export const REASON = 'Because a test says so'

/** A browser in which an administrator is signed in. */
export async function atConsole(desk: Desk, name: string, roles: Role[], amr = ['mfa', 'phr']) {
  const email = `${name}@example.com`
  await desk.operator('PUT', `/${email}`, { roles })
  if (!amr.includes('phr')) await desk.administrator(name, roles)
  desk.signIn.claims = {
    ...desk.signIn.claims,
    sub: `subject-${name}`,
    name: `${name} Example`,
    email,
    amr,
    auth_time: epochSeconds(),
  }
  const browser = desk.browser()
  const answer = await browser.signIn(desk.signIn)
  assert.equal(location(answer), '/people')
  await browser.get('/people')
  return browser
}

export type Console = Awaited<ReturnType<typeof atConsole>>

/** What a page must hold that no stylesheet can give it: WCAG 2.1 1.3.1, 2.4.2, 3.3.2, 4.1.1, 4.1.2. */
export function expectPage(body: string, where: string): void {
  assert.match(body, /<html lang="en">/, where)
  assert.match(body, /<title>[^<]+ \| Gatehouse administration<\/title>/, where)
  assert.equal(body.match(/<h1[ >]/g)?.length, 1, `${where} has one h1`)
  const ids = [...body.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
  assert.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
    `${where}: every id once`,
  )
  for (const [tag, , type] of body.matchAll(/<(input|select|textarea)\b[^>]*?(?: type="(\w+)")?[^>]*>/g)) {
    if (type === 'hidden' || tag.includes('type="hidden"')) continue
    const id = / id="([^"]+)"/.exec(tag)?.[1]
    assert.ok(id && body.includes(` for="${id}"`), `${where}: a label for ${tag}`)
  }
  for (const [, form] of body.matchAll(/<form([^>]*)>/g)) {
    if (form?.includes('method="post"')) assert.match(body, /name="_csrf" value="[^"]+"/, where)
  }
  for (const [, table] of body.matchAll(/<table[^>]*>([\s\S]*?)<\/table>/g)) {
    assert.match(table ?? '', /<caption[^>]*>[^<]+<\/caption>/, `${where}: a caption`)
    assert.match(table ?? '', /<th scope="col"/, `${where}: heads of columns`)
  }
  // A random value may spell any of these words: a token against forgery did.
  const written = body.replaceAll(/name="_csrf" value="[^"]*"/g, '')
  assert.doesNotMatch(
    written,
    /\b(?:undefined|NaN)\b|\[object Object\]/,
    `${where}: only words meant for people`,
  )
  assert.doesNotMatch(body, /<script(?! src="\/assets\/)/, `${where}: no inline script`)
  assert.doesNotMatch(body, / (?:style|on\w+)="/, `${where}: no inline style or handler`)
}

/** The path of the form on a page with this field or words. */
export function hiddenValue(body: string, name: string): string {
  const value = new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1]
  assert.ok(value, `a hidden field ${name}`)
  return value
}
