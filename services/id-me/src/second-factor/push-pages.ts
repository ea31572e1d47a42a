import { alert, form, radioGroup, submitButton } from '@gatehouse/pages/forms'
import type { Authenticator } from '@gatehouse/provider/authenticators/authenticators'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'
import { type AroundStep, stepHeading, stepTitle, triesLeftText, waysOut } from './around.ts'
import { pathOf } from './choice-routes.ts'
import { maskedPhone } from './phone-numbers.ts'

const words = {
  en: {
    intro: 'ID.me Authenticator on your phone asks you to approve the sign in.',
    which: 'Which phone?',
    send: 'Send push notification',
    asked: (phone: string) => `We asked for your approval on ${phone}.`,
    wait: 'Approve it there, then select Continue.',
    continue: 'Continue',
    pending: 'There is no answer yet.',
    denied: 'The sign in was denied on your phone.',
    expired: 'Nobody answered on your phone in time.',
    unreachable: 'That phone cannot be asked. Use another method.',
  },
  es: {
    intro: 'ID.me Authenticator le pide en su teléfono que apruebe el inicio de sesión.',
    which: '¿Qué teléfono?',
    send: 'Enviar notificación push',
    asked: (phone: string) => `Pedimos su aprobación en el ${phone}.`,
    wait: 'Apruébelo allí y luego seleccione Continuar.',
    continue: 'Continuar',
    pending: 'Todavía no hay respuesta.',
    denied: 'El inicio de sesión se rechazó en su teléfono.',
    expired: 'Nadie respondió a tiempo en su teléfono.',
    unreachable: 'No se puede preguntar en ese teléfono. Use otro método.',
  },
}

export type PushProblem = { kind: 'denied' | 'expired' | 'unreachable'; triesLeft?: number | undefined }

export function pushPage(
  around: AroundStep,
  { apps, problem }: { apps: Authenticator<'push_app'>[]; problem: PushProblem | undefined },
): Page {
  const { lang, base, csrf } = around
  const say = words[lang]
  const [first, ...others] = apps
  const which = radioGroup({
    name: 'phone',
    label: say.which,
    value: first?.id ?? '',
    options: apps.map(({ id, details }) => ({ value: id, label: maskedPhone(details.number) })),
  })
  const why = problem ? `${say[problem.kind]} ${triesLeftText(problem.triesLeft, lang)}`.trim() : ''
  const main = html`!${problem ? alert({ kind: 'error', body: why }) : ''}
!${stepHeading(lang, 2)}
<p>${say.intro}</p>
!${form({
    action: base + pathOf('push'),
    csrf,
    body: html`!${others.length > 0 ? which : ''}!${submitButton(say.send)}`,
  })}
!${waysOut(around)}`
  return { title: stepTitle(lang), main, error: problem !== undefined, status: problem ? 422 : 200 }
}

/** @param looked whether the person asked for a look and there was no answer yet */
export function waitingPage(around: AroundStep, given: { number: string; looked: boolean }): Page {
  const { lang, base, csrf } = around
  const say = words[lang]
  const main = html`!${given.looked ? alert({ kind: 'info', body: say.pending }) : ''}
!${stepHeading(lang, 3)}
<p>${say.asked(maskedPhone(given.number))}</p>
<p>${say.wait}</p>
!${form({ action: `${base}${pathOf('push')}/approval`, csrf, body: submitButton(say.continue) })}
!${waysOut(around)}`
  return { title: stepTitle(lang), main }
}
