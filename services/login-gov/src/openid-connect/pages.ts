import { alert, form, submitButton } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'

const words = {
  en: {
    errors: 'We cannot go on with this request',
    errorsIntro: 'The service that sent you here made a request that is not valid:',
    inactive: 'This service is not available',
    inactiveWhy: 'The service that sent you here does not use Login.gov at this time.',
    bounced: 'There was a problem connecting to the service',
    bouncedWhy: (name: string | undefined) =>
      `${name ?? 'The service'} asked you to sign in again right after you had signed in. Close this window, open the service again, and tell it if the problem stays.`,
    redirecting: 'Redirecting',
    submit: 'Submit',
    logoutTitle: 'Sign out',
    logout: (name: string) => `Do you want to sign out of Login.gov and return to ${name}?`,
    yes: 'Yes, sign out of Login.gov',
    no: 'No, go to my account page',
  },
  es: {
    errors: 'No podemos continuar con esta solicitud',
    errorsIntro: 'El servicio que le envió aquí hizo una solicitud que no es válida:',
    inactive: 'Este servicio no está disponible',
    inactiveWhy: 'El servicio que le envió aquí no usa Login.gov en este momento.',
    bounced: 'Hubo un problema al conectar con el servicio',
    bouncedWhy: (name: string | undefined) =>
      `${name ?? 'El servicio'} le pidió iniciar sesión de nuevo justo después de haberla iniciado. Cierre esta ventana, abra el servicio otra vez y avísele si el problema continúa.`,
    redirecting: 'Redirigiendo',
    submit: 'Enviar',
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

export function inactivePage(lang: Lang): Page {
  const say = words[lang]
  return {
    title: say.inactive,
    main: html`<h1>${say.inactive}</h1>!${alert({ kind: 'error', body: say.inactiveWhy })}`,
    error: true,
  }
}

/** A relying service asks for a new sign-in over and over: the person would never get through (fact sheet 2.4). */
export function bouncedPage(name: string | undefined, lang: Lang): Page {
  const say = words[lang]
  return {
    title: say.bounced,
    main: html`<h1>${say.bounced}</h1>!${alert({ kind: 'error', body: say.bouncedWhy(name) })}`,
    error: true,
  }
}

/** Leads on by itself where scripts run, and by its link where they do not. */
export function redirectPage(address: string, lang: Lang): Page {
  const say = words[lang]
  return {
    title: say.redirecting,
    main: html`<h1>${say.redirecting}</h1>
<p><a id="openid-connect-redirect" href="${address}">${say.submit}</a></p>`,
    scripts: ['/assets/login-gov/redirect.js'],
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
