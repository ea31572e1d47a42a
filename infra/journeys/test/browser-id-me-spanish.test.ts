import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { follow, press } from '../src/browser-steps.ts'
import { leaveForIdMe } from '../src/id-me-steps.ts'
import { openJourney } from '../src/journey.ts'
import { choose, codeOnPhone, linkInMail } from '../src/login-gov-steps.ts'
import { pageChecks } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const { urls } = gatehouse
const looked = pageChecks({ javaScript: true })
const COMPLETE = 'Complete su inicio de sesión'

/** Words that no page in Spanish has. */
const ENGLISH = /\b(the|your|you|with|and|this|that|from|enter|choose|cancel|continue)\b/i

/** What every page holds, and that it is in Spanish as a whole. */
async function look(page: Page, name: string, title: string): Promise<void> {
  await looked(page, name, `${title} | ID.me`)
  assert.equal(await page.locator('html').getAttribute('lang'), 'es')
  assert.doesNotMatch((await page.locator('body').textContent()) ?? '', ENGLISH, `words on ${name}`)
}

const SET_UPS = {
  'code-generator': 'Generador de códigos',
  push: 'Notificación push',
  passkey: 'Llave de acceso',
  'recovery-code': 'Código de recuperación',
}

async function givePassword(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('Correo electrónico').fill(email)
  await page.getByLabel('Contraseña', { exact: true }).fill(password)
  await press(page, 'Iniciar sesión')
}

async function giveCode(page: Page, code: string): Promise<void> {
  await page.getByLabel('Introduzca el código de 6 dígitos').fill(code)
  await press(page, 'Continuar')
}

test('a person signs in to BSO and looks at the settings in Spanish', options, async (t) => {
  const page = await openVisitor(t)
  const { email, password, phoneNumber } = gatehouse.persona('maria')
  await leaveForIdMe(page, urls.bso)
  await follow(page, 'Español')
  await look(page, 'im-100-es-sign-in', 'Iniciar sesión')
  await givePassword(page, email, password)
  await look(page, 'im-101-es-text-or-call', COMPLETE)
  await choose(page, 'Envíenme un mensaje de texto')
  await press(page, 'Continuar')
  await giveCode(page, '000000')
  await look(page, 'im-102-es-wrong-code', `Error: ${COMPLETE}`)
  await giveCode(page, await codeOnPhone(page.context(), urls.lab, phoneNumber))
  await look(page, 'im-103-es-consent', 'Comparta su información')
  await press(page, 'Permitir')
  assert.equal(await page.title(), 'Terms of Service | Social Security')

  await page.goto(`${urls['id-me']}/es/settings`)
  await look(page, 'im-104-es-settings', 'Su configuración')
  await follow(page, 'Configurar otro método')
  await look(page, 'im-105-es-set-up', 'Proteja su cuenta')
  for (const [path, title] of Object.entries(SET_UPS)) {
    await page.goto(`${urls['id-me']}/es/second-factor/new/${path}`)
    await look(page, `im-106-es-${path}`, title)
  }
})

test('a locked account, its mail and the verification are in Spanish', options, async (t) => {
  const page = await openVisitor(t)
  const { email, password } = gatehouse.persona('nadia')
  await page.goto(`${urls['id-me']}/es/sign-up`)
  await press(page, 'Crear cuenta')
  await look(page, 'im-110-es-sign-up', 'Error: Cree una cuenta de ID.me')
  await page.goto(`${urls['id-me']}/es/password`)
  await look(page, 'im-111-es-forgot', 'Olvidé mi contraseña')
  await page.goto(`${urls['id-me']}/es/sign-in`)
  await press(page, 'Iniciar sesión')
  await look(page, 'im-112-es-blank', 'Error: Iniciar sesión')
  await givePassword(page, email, password)
  await choose(page, 'Llámenme')
  await press(page, 'Continuar')
  await look(page, 'im-113-es-call', COMPLETE)
  for (let tries = 0; tries < 3; tries++) await giveCode(page, '000000')
  await look(page, 'im-114-es-locked', 'Error: Su cuenta está bloqueada')
  const subject = 'Su cuenta está bloqueada'
  await page.goto(await linkInMail(page.context(), urls.lab, email, { subject }))
  await look(page, 'im-115-es-recover', 'Recupere su cuenta')
  await press(page, 'Confirmar mi correo electrónico')
  await look(page, 'im-116-es-recovered', 'Iniciar sesión')

  const other = await openVisitor(t)
  const oliver = gatehouse.persona('oliver')
  await leaveForIdMe(other, urls.bso)
  await follow(other, 'Español')
  await givePassword(other, oliver.email, oliver.password)
  await choose(other, 'Envíenme un mensaje de texto')
  await press(other, 'Continuar')
  await giveCode(other, await codeOnPhone(other.context(), urls.lab, oliver.phoneNumber))
  await look(other, 'im-117-es-verify', 'Verifique su identidad')
  await press(other, 'Verificar mi identidad')
  await look(other, 'im-118-es-not-verified', 'Error: No pudimos verificar su identidad')
})
