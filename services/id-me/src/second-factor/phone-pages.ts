// Codes by text or call: which of the two, and the code (the walkthrough's two pages).

import { alert, errorSummary, form, radioGroup, submitButton } from '@gatehouse/pages/forms'
import type { Authenticator } from '@gatehouse/provider/authenticators/authenticators'
import { html } from 'ghtml'
import { type Page, timeLeft } from '../browser/frame.ts'
import { type AroundStep, stepHeading, stepTitle, waysOut } from './around.ts'
import { pathOf, UPDATE_SETTINGS } from './choice-routes.ts'
import { type CodeProblem, codeField, codeProblemText } from './code-field.ts'
import { maskedPhone, type PhoneRefusal } from './phone-numbers.ts'

const words = {
  en: {
    which: 'Which phone?',
    how: 'How do you want to get your code?',
    text: 'Text me',
    textHint: (phone: string) => `We send a 6-digit code to ${phone}.`,
    call: 'Call me',
    callHint: (phone: string) => `We call ${phone} and say a 6-digit code.`,
    phone: 'your phone',
    choose: 'Choose one of the options.',
    continue: 'Continue',
    sent: (phone: string) => `Enter the code we sent to ${phone}`,
    called: (phone: string) => `Enter the code we said on the call to ${phone}`,
    label: 'Enter the 6-digit code',
    missed: 'Didn’t receive it?',
    resend: 'Resend my verification code',
    changed:
      'If you’ve changed phone numbers or carriers since you set up multi-factor authentication, please',
    update: 'update your settings here',
    resent: 'We sent another code. Only the newest one works.',
    tooSoon: (left: string) => `A code is on its way. You can ask for another one in ${left}.`,
    D0100:
      'Error D0100: this phone number is not trusted for multi-factor authentication. Use another method.',
    D0200: 'Error D0200: we noticed that the device of this phone number changed. Use another method.',
    not_delivered: 'We could not send the code. Try again, or use another method.',
  },
  es: {
    which: '¿Qué teléfono?',
    how: '¿Cómo quiere recibir su código?',
    text: 'Envíenme un mensaje de texto',
    textHint: (phone: string) => `Enviamos un código de 6 dígitos al ${phone}.`,
    call: 'Llámenme',
    callHint: (phone: string) => `Llamamos al ${phone} y decimos un código de 6 dígitos.`,
    phone: 'su teléfono',
    choose: 'Elija una de las opciones.',
    continue: 'Continuar',
    sent: (phone: string) => `Introduzca el código que enviamos al ${phone}`,
    called: (phone: string) => `Introduzca el código que dijimos en la llamada al ${phone}`,
    label: 'Introduzca el código de 6 dígitos',
    missed: '¿No lo recibió?',
    resend: 'Reenviar mi código de verificación',
    changed:
      'Si cambió de número de teléfono o de operador desde que configuró la autenticación multifactor,',
    update: 'actualice su configuración aquí',
    resent: 'Enviamos otro código. Solo sirve el más reciente.',
    tooSoon: (left: string) => `Un código está en camino. Puede pedir otro en ${left}.`,
    D0100:
      'Error D0100: este número de teléfono no es de confianza para la autenticación multifactor. Use otro método.',
    D0200: 'Error D0200: notamos que cambió el dispositivo de este número de teléfono. Use otro método.',
    not_delivered: 'No pudimos enviar el código. Inténtelo de nuevo o use otro método.',
  },
}

export type SendProblem = PhoneRefusal | 'not_delivered' | 'choose'

/** Text or call, and to which of several phones. */
export function channelPage(
  around: AroundStep,
  { phones, problem }: { phones: Authenticator<'phone'>[]; problem: SendProblem | undefined },
): Page {
  const { lang, base, csrf } = around
  const say = words[lang]
  const error = problem === 'choose' ? say.choose : undefined
  const [first, ...others] = phones
  const masked = first && others.length === 0 ? maskedPhone(first.details.number) : say.phone
  const which = radioGroup({
    name: 'phone',
    label: say.which,
    value: first?.id ?? '',
    options: phones.map(({ id, details }) => ({ value: id, label: maskedPhone(details.number) })),
  })
  const main = html`!${error ? errorSummary([{ field: 'channel', message: error }], lang) : ''}!${problem && problem !== 'choose' ? alert({ kind: 'error', body: say[problem] }) : ''}
!${stepHeading(lang, 2)}
!${form({
    action: base + pathOf('phone'),
    csrf,
    body: html`!${others.length > 0 ? which : ''}!${radioGroup({
      name: 'channel',
      label: say.how,
      tiles: true,
      error,
      options: [
        { value: 'text', label: say.text, hint: say.textHint(masked) },
        { value: 'call', label: say.call, hint: say.callHint(masked) },
      ],
    })}
!${submitButton(say.continue)}`,
  })}
!${waysOut(around)}`
  return { title: stepTitle(lang), main, error: problem !== undefined, status: problem ? 422 : 200 }
}

export type CodeNotice = { kind: 'resent' } | { kind: 'too_soon'; left: number }

export function phoneCodePage(
  around: AroundStep,
  given: {
    phoneNumber: string
    channel: 'text' | 'call'
    problem: CodeProblem | undefined
    notice: CodeNotice | undefined
  },
): Page {
  const { lang, base, csrf } = around
  const { phoneNumber, channel, problem, notice } = given
  const say = words[lang]
  const error = problem && codeProblemText(problem, lang)
  const sent = (channel === 'text' ? say.sent : say.called)(maskedPhone(phoneNumber))
  const main = html`!${error ? errorSummary([{ field: 'code', message: error }], lang) : ''}!${noticeAlert(notice, around)}
!${stepHeading(lang, 3)}
<p>${sent}</p>
!${form({
    action: `${base}${pathOf('phone')}/code`,
    csrf,
    autocomplete: 'off',
    body: html`!${codeField({ label: say.label, kind: 'digits', error })}!${submitButton(say.continue)}`,
  })}
!${form({
    action: `${base}${pathOf('phone')}/resend`,
    csrf,
    label: say.resend,
    body: html`<p>${say.missed} !${submitButton(say.resend, { variant: 'unstyled' })}</p>`,
  })}
<p>${say.changed} <a href="${base}${UPDATE_SETTINGS}">${say.update}</a>.</p>
!${waysOut(around)}`
  return { title: stepTitle(lang), main, error: error !== undefined, status: error ? 422 : 200 }
}

function noticeAlert(notice: CodeNotice | undefined, { lang }: AroundStep): string {
  const say = words[lang]
  if (!notice) return ''
  return notice.kind === 'resent'
    ? alert({ kind: 'success', body: say.resent })
    : alert({ kind: 'warning', body: say.tooSoon(timeLeft(notice.left, lang)) })
}
