import { alert, form, submitButton } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'

const words = {
  en: {
    errors: 'We cannot go on with this request',
    errorsIntro: 'The service that sent you here made a request that is not valid:',
    unverified: 'We could not verify your identity',
    unverifiedWhy: (name: string) =>
      `${name} asks for an identity that Login.gov has verified. Your account has none, and this test system does not verify identities.`,
    exit: (name: string) => `Exit Login.gov and return to ${name}`,
    account: 'Go to your account page',
    inactive: 'This service is not available',
    inactiveWhy: 'The service that sent you here does not use Login.gov at this time.',
    logoutTitle: 'Sign out',
    logout: (name: string) => `Do you want to sign out of Login.gov and return to ${name}?`,
    yes: 'Yes, sign out of Login.gov',
    no: 'No, go to my account page',
  },
  es: {
    errors: 'No podemos continuar con esta solicitud',
    errorsIntro: 'El servicio que le envió aquí hizo una solicitud que no es válida:',
    unverified: 'No pudimos verificar su identidad',
    unverifiedWhy: (name: string) =>
      `${name} pide una identidad verificada por Login.gov. Su cuenta no la tiene, y este sistema de prueba no verifica identidades.`,
    exit: (name: string) => `Salir de Login.gov y volver a ${name}`,
    account: 'Ir a la página de su cuenta',
    inactive: 'Este servicio no está disponible',
    inactiveWhy: 'El servicio que le envió aquí no usa Login.gov en este momento.',
    logoutTitle: 'Cerrar sesión',
    logout: (name: string) => `¿Quiere cerrar la sesión de Login.gov y volver a ${name}?`,
    yes: 'Sí, cerrar la sesión de Login.gov',
    no: 'No, ir a la página de mi cuenta',
  },
}

/** Errors that must not be sent to the relying service; the status is 200 all the same (fact sheet 2.6). */
export function errorListPage(title: string, messages: string[], lang: Lang): Page {
  const say = words[lang]
  const items = messages.map((message) => html`<li>${message}</li>`)
  const main = html`<h1>${say.errors}</h1><p>${say.errorsIntro}</p><ul>!${items}</ul>`
  return { title, main }
}

export function unverifiedPage(name: string, base: string, lang: Lang): Page {
  const say = words[lang]
  const main = html`<h1>${say.unverified}</h1>
!${alert({ kind: 'warning', body: say.unverifiedWhy(name) })}
<p><a href="${base}/redirect/return_to_sp/failure_to_proof">${say.exit(name)}</a></p>
<p><a href="${base}/account">${say.account}</a></p>`
  return { title: say.unverified, main }
}

export function inactivePage(lang: Lang): Page {
  const say = words[lang]
  return {
    title: say.inactive,
    main: html`<h1>${say.inactive}</h1>!${alert({ kind: 'error', body: say.inactiveWhy })}`,
    error: true,
  }
}

/** @param fields the request as it came, to be posted again with the confirmation */
export function logoutPage(given: {
  lang: Lang
  base: string
  name: string
  confirmation: string
  fields: Record<string, string>
}): Page {
  const { lang, base, name, confirmation, fields } = given
  const say = words[lang]
  const hidden = Object.entries({ _method: 'delete', ...fields }).map(
    ([field, value]) => html`<input type="hidden" name="${field}" value="${value}">`,
  )
  const main = html`<h1>${say.logout(name)}</h1>
!${form({
    action: `${base}/openid_connect/logout`,
    csrf: confirmation,
    body: html`!${hidden}!${submitButton(say.yes)}`,
  })}
<p><a href="${base}/account">${say.no}</a></p>`
  return { title: say.logoutTitle, main }
}
