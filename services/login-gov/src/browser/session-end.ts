// A session ends by itself after a while without a request (fact sheet 6.3). A script warns before that and keeps the
// session alive when asked; without scripts the page says so beforehand, and goes away when the session does.

import { now } from '@gatehouse/clock/clock'
import { alert } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import { html } from 'ghtml'
import { timeLeft } from './time-left.ts'

export const SESSION_SCRIPT = '/assets/login-gov/session-end.js'
/** Asking for it keeps the session alive. */
export const ACTIVE = '/active'

const words = {
  en: {
    heading: 'You will be signed out soon',
    body: 'For your security, you are signed out when nothing happens here for a while.',
    stay: 'Keep me signed in',
    beforehand: (left: string) => `For your security, you are signed out after ${left} without activity.`,
  },
  es: {
    heading: 'Su sesión se cerrará pronto',
    body: 'Por su seguridad, la sesión se cierra cuando no hay actividad durante un rato.',
    stay: 'Mantener mi sesión abierta',
    beforehand: (left: string) => `Por su seguridad, la sesión se cierra tras ${left} sin actividad.`,
  },
}

/**
 * The part of a page for somebody who has given the password at least.
 *
 * @param endsAt milliseconds
 * @param warningMs milliseconds before that
 */
export function sessionEnd(
  { lang, base }: { lang: Lang; base: string },
  endsAt: number,
  warningMs: number,
): string {
  const say = words[lang]
  const left = Math.max(0, endsAt - now())
  const over = `${base}/?timeout=session`
  const warning = alert({
    kind: 'warning',
    heading: say.heading,
    html: html`<p class="usa-alert__text">${say.body}</p>
<p><button type="button" class="usa-button" data-session-stay>${say.stay}</button></p>`,
  })
  return html`<div hidden data-session-end="${left}" data-session-warning="${warningMs}" data-session-over="${over}" data-session-active="${base}${ACTIVE}">!${warning}</div>
<noscript><p>${say.beforehand(timeLeft(left, lang))}</p><meta http-equiv="refresh" content="${Math.ceil(left / 1000)}; url=${over}"></noscript>`
}
