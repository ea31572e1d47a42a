// The first page of proofing, and those on which it ends early.

import { alert, buttonLink, checkbox, form, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { type Page, timeLeft } from '../browser/frame.ts'
import { type Around, stepPage } from './frame.ts'
import { FAILURE_TO_PROOF, PROOFING, START_OVER, WELCOME } from './paths.ts'

/** Name of the checkbox. */
export const CONSENT = 'ial2_consent_given'

const words = {
  en: {
    welcome: 'Verify your identity',
    why: (name: string) => `${name} needs to know that it is you. You will need:`,
    needs: [
      'Your document. In this test system it is a text, filled in for you if you are a persona.',
      'Your Social Security number. In this test system it begins with 900 or 666, or is that of your persona.',
      'A phone number that you can get a code at.',
    ],
    face: 'A photo of your face, which is compared with your document.',
    consent:
      'I agree that Login.gov asks for, uses, keeps and shares what I give here to verify my identity.',
    consentMissing: 'Check this box to continue.',
    continue: 'Continue',
    cancel: 'Stop verifying your identity?',
    cancelWhy: (name: string) =>
      `Nothing that you have given so far is kept. Without a verified identity, ${name} may not let you in.`,
    startOver: 'Start over',
    keepGoing: 'Keep going',
    exit: (name: string) => `Exit Login.gov and return to ${name}`,
    failed: 'We could not verify your identity',
    warning: 'What you gave us does not match what is on record.',
    attempts: (count: number) =>
      count === 1 ? 'You can try once more.' : `You can try ${count} more times.`,
    tryAgain: 'Try again',
    failure: (left: string) => `You tried too many times. You can try again in ${left}.`,
    account: 'Go to your account page',
  },
  es: {
    welcome: 'Verifique su identidad',
    why: (name: string) => `${name} necesita saber que es usted. Va a necesitar:`,
    needs: [
      'Su documento. En este sistema de prueba es un texto, ya completado si usted es un personaje.',
      'Su número de Seguro Social. En este sistema de prueba comienza por 900 o 666, o es el de su personaje.',
      'Un número de teléfono en el que pueda recibir un código.',
    ],
    face: 'Una foto de su cara, que se compara con su documento.',
    consent: 'Acepto que Login.gov pida, use, guarde y comparta lo que doy aquí para verificar mi identidad.',
    consentMissing: 'Marque esta casilla para continuar.',
    continue: 'Continuar',
    cancel: '¿Dejar de verificar su identidad?',
    cancelWhy: (name: string) =>
      `No se guarda nada de lo que ha dado hasta ahora. Sin una identidad verificada, es posible que ${name} no le deje entrar.`,
    startOver: 'Empezar de nuevo',
    keepGoing: 'Seguir adelante',
    exit: (name: string) => `Salir de Login.gov y volver a ${name}`,
    failed: 'No pudimos verificar su identidad',
    warning: 'Lo que nos dio no coincide con lo que consta en los registros.',
    attempts: (count: number) =>
      count === 1 ? 'Puede intentarlo una vez más.' : `Puede intentarlo ${count} veces más.`,
    tryAgain: 'Intentarlo de nuevo',
    failure: (left: string) => `Lo intentó demasiadas veces. Puede volver a intentarlo en ${left}.`,
    account: 'Ir a la página de su cuenta',
  },
}

export function welcomePage(
  around: Around,
  { facialMatch, isMissing = false }: { facialMatch: boolean; isMissing?: boolean },
): Page {
  const { lang, base, csrf, destination } = around
  const say = words[lang]
  const error = isMissing ? say.consentMissing : undefined
  const needs = [...say.needs, ...(facialMatch ? [say.face] : [])]
  const body = html`!${checkbox({ name: CONSENT, label: say.consent, value: '1', error })}
!${submitButton(say.continue)}`
  return stepPage(around, {
    title: say.welcome,
    errors: error ? [{ field: CONSENT, message: error }] : [],
    main: html`<p>${say.why(destination.name)}</p>
<ul class="usa-list">!${needs.map((need) => html`<li>${need}</li>`)}</ul>
!${form({ action: base + WELCOME, csrf, body })}`,
  })
}

export function cancelPage({ lang, base, csrf, destination }: Around): Page {
  const say = words[lang]
  const startOver = submitButton(say.startOver, { variant: 'outline' })
  const main = html`<h1>${say.cancel}</h1>
<p>${say.cancelWhy(destination.name)}</p>
<p>!${buttonLink(say.keepGoing, base + PROOFING)}</p>
!${form({ action: base + START_OVER, csrf, label: say.startOver, body: startOver })}
<p><a href="${base}${destination.cancelAt}">${say.exit(destination.name)}</a></p>`
  return { title: say.cancel, main }
}

/** @param given how many tries are left, or how long (milliseconds) there are none */
export function failedPage(
  { lang, base, destination }: Around,
  given: { attemptsLeft: number } | { waitMs: number },
): Page {
  const say = words[lang]
  const mayTry = 'attemptsLeft' in given
  const body = mayTry
    ? `${say.warning} ${say.attempts(given.attemptsLeft)}`
    : say.failure(timeLeft(given.waitMs, lang))
  const main = html`<h1>${say.failed}</h1>
!${alert({ kind: mayTry ? 'warning' : 'error', body })}
!${mayTry ? html`<p>!${buttonLink(say.tryAgain, base + PROOFING)}</p>` : ''}
<p><a href="${base}${FAILURE_TO_PROOF}">${say.exit(destination.name)}</a></p>
<p><a href="${base}/account">${say.account}</a></p>`
  return { title: say.failed, main }
}
