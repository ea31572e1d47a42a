import { alert, buttonLink, form, submitButton } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import { html } from 'ghtml'
import { type Page, timeLeft } from '../browser/frame.ts'
import { DELETION, PENDING } from './paths.ts'

const words = {
  en: {
    optionsTitle: 'Are you sure you want to delete your account?',
    optionsIntro: 'Delete your account only if you have lost every authentication method. First try these:',
    options: [
      'Use another authentication method that you have set up.',
      'Sign in on a browser that you asked us to remember.',
    ],
    otherMethod: 'Choose another authentication method',
    goOn: 'Yes, continue to deletion',
    requestTitle: 'Delete your account',
    requestIntro: (wait: string) =>
      `We will send you an email now and another one after ${wait}. Only the link in the second one deletes the account. Until then you can cancel.`,
    consequences: [
      'Your verified information and your connections to services are deleted.',
      'With a new account you will be a new person to those services.',
    ],
    request: 'Request to delete my account',
    cancel: 'Cancel',
    requestedTitle: 'You have requested to delete your account',
    requested: (wait: string) =>
      `We sent you an email. After ${wait} we will send another one with a link to delete the account.`,
    pendingTitle: 'You requested to delete your account',
    pending: (left: string) =>
      `You can delete your account in ${left}, by the link in the email that we will send you then. Cancel the request if you want to keep your account and sign in.`,
    cancelRequest: 'Cancel request',
    confirmCancel: 'Do you want to cancel the request to delete your account?',
    keepWaiting: 'Leave it and sign out',
    deleteTitle: 'Delete your account now?',
    delete: 'The account and everything in it will be gone for good.',
    deleteButton: 'Delete my account',
    expiredTitle: 'This link cannot be used',
    expired: 'It is too old, or the request was cancelled. Sign in to make a new request.',
    signIn: 'Sign in',
  },
  es: {
    optionsTitle: '¿Está seguro de que quiere eliminar su cuenta?',
    optionsIntro: 'Elimine su cuenta solo si perdió todos sus métodos de autenticación. Antes pruebe esto:',
    options: [
      'Use otro método de autenticación que haya configurado.',
      'Inicie sesión en un navegador que nos pidió recordar.',
    ],
    otherMethod: 'Elegir otro método de autenticación',
    goOn: 'Sí, continuar con la eliminación',
    requestTitle: 'Elimine su cuenta',
    requestIntro: (wait: string) =>
      `Le enviaremos un mensaje ahora y otro dentro de ${wait}. Solo el enlace del segundo elimina la cuenta. Hasta entonces puede cancelar.`,
    consequences: [
      'Se eliminan su información verificada y sus conexiones con otros servicios.',
      'Con una cuenta nueva será una persona nueva para esos servicios.',
    ],
    request: 'Solicitar la eliminación de mi cuenta',
    cancel: 'Cancelar',
    requestedTitle: 'Solicitó eliminar su cuenta',
    requested: (wait: string) =>
      `Le enviamos un mensaje. Dentro de ${wait} le enviaremos otro con un enlace para eliminar la cuenta.`,
    pendingTitle: 'Usted solicitó eliminar su cuenta',
    pending: (left: string) =>
      `Podrá eliminar su cuenta dentro de ${left}, con el enlace del mensaje que le enviaremos entonces. Cancele la solicitud si quiere conservar su cuenta e iniciar sesión.`,
    cancelRequest: 'Cancelar la solicitud',
    confirmCancel: '¿Quiere cancelar la solicitud de eliminar su cuenta?',
    keepWaiting: 'Dejarla y cerrar sesión',
    deleteTitle: '¿Eliminar su cuenta ahora?',
    delete: 'La cuenta y todo lo que contiene desaparecerán para siempre.',
    deleteButton: 'Eliminar mi cuenta',
    expiredTitle: 'Este enlace no se puede usar',
    expired: 'Es demasiado antiguo o la solicitud se canceló. Inicie sesión para hacer otra.',
    signIn: 'Iniciar sesión',
  },
}

interface Around {
  lang: Lang
  base: string
}
interface FormPage extends Around {
  csrf: string
}

const list = (items: string[]) =>
  html`<ul class="usa-list">!${items.map((item) => html`<li>${item}</li>`)}</ul>`

export function recoveryOptionsPage({ lang, base }: Around): Page {
  const say = words[lang]
  const main = html`<h1>${say.optionsTitle}</h1>
<p>${say.optionsIntro}</p>
!${list(say.options)}
<p>!${buttonLink(say.otherMethod, `${base}/login/two_factor/options`)}</p>
<p><a href="${base}/account_reset/request">${say.goOn}</a></p>`
  return { title: say.optionsTitle, main }
}

/** @param wait milliseconds between the two letters */
export function requestPage({ lang, base, csrf, wait }: FormPage & { wait: number }): Page {
  const say = words[lang]
  const main = html`<h1>${say.requestTitle}</h1>
<p>${say.requestIntro(timeLeft(wait, lang))}</p>
!${list(say.consequences)}
!${form({ action: `${base}/account_reset/request`, csrf, body: submitButton(say.request, { variant: 'secondary' }) })}
<p><a href="${base}/login/two_factor/options">${say.cancel}</a></p>`
  return { title: say.requestTitle, main }
}

export function requestedPage({ lang, base, wait }: Around & { wait: number }): Page {
  const say = words[lang]
  const main = html`<h1>${say.requestedTitle}</h1>
!${alert({ kind: 'success', body: say.requested(timeLeft(wait, lang)) })}
<p><a href="${base}/">${say.signIn}</a></p>`
  return { title: say.requestedTitle, main }
}

/** @param left milliseconds until the account can be deleted */
export function pendingPage({ lang, base, csrf, left }: FormPage & { left: number }): Page {
  const say = words[lang]
  const main = html`<h1>${say.pendingTitle}</h1>
<p>${say.pending(timeLeft(left, lang))}</p>
<p>!${buttonLink(say.cancelRequest, `${base}${PENDING}/confirm`)}</p>
!${form({ action: `${base}/logout`, csrf, label: say.keepWaiting, body: submitButton(say.keepWaiting, { variant: 'unstyled' }) })}`
  return { title: say.pendingTitle, main }
}

/** `action` is the path that cancels, `back` the one that leads back without. */
export function cancelPage({
  lang,
  base,
  csrf,
  action,
  back,
}: FormPage & { action: string; back?: string }): Page {
  const say = words[lang]
  const main = html`<h1>${say.confirmCancel}</h1>
!${form({ action: base + action, csrf, body: submitButton(say.cancelRequest) })}
!${back ? html`<p><a href="${base}${back}">${say.cancel}</a></p>` : ''}`
  return { title: say.confirmCancel, main }
}

export function deletePage({ lang, base, csrf }: FormPage): Page {
  const say = words[lang]
  const body = submitButton(say.deleteButton, { variant: 'secondary' })
  const main = html`<h1>${say.deleteTitle}</h1>
<p>${say.delete}</p>
!${list(say.consequences)}
!${form({ action: `${base}${DELETION}`, csrf, body })}
<p><a href="${base}/">${say.cancel}</a></p>`
  return { title: say.deleteTitle, main }
}

export function resetExpiredPage({ lang, base }: Around): Page {
  const say = words[lang]
  const main = html`<h1>${say.expiredTitle}</h1>
!${alert({ kind: 'error', body: say.expired })}
<p>!${buttonLink(say.signIn, `${base}/`)}</p>`
  return { title: say.expiredTitle, main, error: true, status: 404 }
}
