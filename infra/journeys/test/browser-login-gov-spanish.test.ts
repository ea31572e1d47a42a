import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { follow, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import { codeOnPhone, linkInMail, NEW_PASSWORD, tick } from '../src/login-gov-steps.ts'
import { pageChecks } from '../src/page-checks.ts'
import { OPERATOR_TOKEN, SERVICE_NAME, startRelyingService } from '../src/relying-service.ts'

const { gatehouse, options, openVisitor } = await openJourney({
  environment: { 'login-gov': { OPERATOR_TOKEN } },
})
const { urls } = gatehouse
const service = await startRelyingService(urls, { ial: 2 })
after(() => service.close())
const looked = pageChecks({ javaScript: true })
const VERIFIED = {
  acrValues: 'urn:acr.login.gov:verified',
  scope: 'openid email profile:name profile:birthdate locale',
}

/** Words that no page in Spanish has. */
const ENGLISH = /\b(the|your|you|with|and|this|that|from|enter|choose|cancel|continue)\b/i

/** What every page holds, and that it is in Spanish as a whole. */
async function look(page: Page, name: string, title: string): Promise<void> {
  await looked(page, name, `${title} | Login.gov`)
  assert.equal(await page.locator('html').getAttribute('lang'), 'es')
  assert.doesNotMatch((await page.locator('body').textContent()) ?? '', ENGLISH, `words on ${name}`)
}

const SET_UPS = {
  authenticator_setup: 'Añada una aplicación de autenticación',
  phone_setup: 'Reciba su código de un solo uso',
  webauthn_setup: 'Añada su llave de seguridad',
  piv_cac_setup: 'Añada su identificación de empleado del Gobierno',
}

const enterCode = async (page: Page, code: string) => {
  await page.getByLabel('Código de un solo uso').fill(code)
  await press(page, 'Enviar')
}

test('a person creates an account in Spanish', options, async (t) => {
  const page = await openVisitor(t)
  const email = 'persona.nueva@example.com'
  await page.goto(service.signInAt({ acrValues: 'urn:acr.login.gov:auth-only' }))
  await follow(page, 'Español')
  await look(page, 'lg-120-es-sign-in', 'Iniciar sesión')
  await follow(page, 'Crear una cuenta')
  await look(page, 'lg-121-es-create', 'Crear una cuenta')
  await page.getByLabel('Correo electrónico').fill(email)
  await tick(page, 'Leí y acepto las reglas de uso')
  await press(page, 'Enviar')
  await look(page, 'lg-122-es-check-email', 'Consulte su correo electrónico')
  const subject = 'Confirme su correo electrónico'
  await page.goto(await linkInMail(page.context(), urls.lab, email, { subject }))
  await look(page, 'lg-123-es-password', 'Cree una contraseña')
  await page.getByLabel('Contraseña', { exact: true }).fill(NEW_PASSWORD)
  await press(page, 'Continuar')
  await look(page, 'lg-124-es-set-up', 'Configuración del método de autenticación')
  for (const [place, title] of Object.entries(SET_UPS)) {
    await page.goto(`${urls['login-gov']}/es/${place}`)
    await look(page, `lg-125-es-${place}`, title)
  }
  await page.goto(`${urls['login-gov']}/es/backup_code_setup`)
  await press(page, 'Continuar')
  await look(page, 'lg-126-es-codes', 'Guarde estos códigos de respaldo')
  await follow(page, 'Continuar')
  await look(page, 'lg-127-es-consent', 'Comparta su información')
  await press(page, 'Aceptar y continuar')
  assert.equal(await page.title(), `Signed in | ${SERVICE_NAME}`)
  assert.equal(service.told().email, email)
})

test('a person is verified in Spanish', options, async (t) => {
  const page = await openVisitor(t)
  const { email, password, phoneNumber, ssn = '' } = gatehouse.persona('priya')
  await page.goto(service.signInAt(VERIFIED))
  await follow(page, 'Español')
  await page.getByLabel('Correo electrónico').fill(email)
  await page.getByLabel('Contraseña', { exact: true }).fill(password)
  await press(page, 'Enviar')
  await look(page, 'lg-128-es-code', 'Introduzca su código de un solo uso')
  await follow(page, 'Elegir otro método de autenticación')
  await look(page, 'lg-129-es-methods', 'Seleccione su método de autenticación')
  await page.goBack()
  await enterCode(page, await codeOnPhone(page.context(), urls.lab, phoneNumber))
  await look(page, 'lg-130-es-welcome', 'Verifique su identidad')
  await tick(page, 'Acepto que Login.gov')
  await press(page, 'Continuar')
  await looked(page, 'lg-131-es-document', 'Agregue su documento | Login.gov')
  await press(page, 'Continuar')
  await look(page, 'lg-132-es-ssn', 'Introduzca su número de Seguro Social')
  await page.getByLabel('Número de Seguro Social').fill(ssn)
  await press(page, 'Continuar')
  await look(page, 'lg-133-es-review', 'Verifique su información')
  await press(page, 'Enviar')
  await look(page, 'lg-134-es-phone', 'Verifique su número de teléfono')
  gatehouse.advanceClock(11_000)
  await press(page, 'Enviar código')
  await enterCode(page, await codeOnPhone(page.context(), urls.lab, phoneNumber))
  await look(page, 'lg-135-es-finish', 'Introduzca su contraseña para terminar')
  await page.getByLabel('Contraseña', { exact: true }).fill(password)
  await press(page, 'Continuar')
  await look(page, 'lg-136-es-personal-key', 'Guarde su clave personal')
  await tick(page, 'Guardé mi clave personal')
  await press(page, 'Continuar')
  await press(page, 'Aceptar y continuar')
  assert.equal(service.told().locale, 'es')
  await page.goto(`${urls['login-gov']}/es/account`)
  await look(page, 'lg-137-es-account', 'Su cuenta')
  await page.goto(`${urls['login-gov']}/es/account/two_factor_authentication`)
  await look(page, 'lg-138-es-account-methods', 'Sus métodos de autenticación')
})
