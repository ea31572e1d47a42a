import {
  alert,
  errorSummary,
  type FieldError,
  form,
  radioGroup,
  submitButton,
  textField,
} from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import type { Destination } from '@gatehouse/provider/browser/destination'
import { html } from 'ghtml'
import { backLink, type Page, timeLeft } from '../browser/frame.ts'

/** As the wire spells the channels (fact sheet 6.2). */
export type Method = 'sms' | 'voice'

const words = {
  en: {
    title: 'Enter your one-time code',
    sms: (phone: string) => `We sent a text message (SMS) with a one-time code to ${phone}.`,
    voice: (phone: string) => `We are calling ${phone} with a one-time code.`,
    expires: (left: string) => `The code works for ${left}.`,
    code: 'One-time code',
    hint: '6 digits',
    submit: 'Submit',
    again: 'Send another code',
    other: 'Choose another authentication method',
    cancel: 'Sign in with another account',
    blank: 'Please fill in this field.',
    invalid: 'That one-time code is invalid. Try again or request a new code.',
    triesLeft: (count: number) =>
      count === 1 ? 'You have 1 attempt remaining' : `You have ${count} attempts remaining`,
    lockNext: 'After that, your account is locked for 10 minutes.',
    tooSoon: (left: string) => `You tried too many times, please try again in ${left}.`,
    numberRefused:
      'We cannot send a code to your phone number that way. Choose another authentication method.',
    notDelivered: 'We could not send your one-time code. Try again, or choose another authentication method.',
    optionsTitle: 'Select your authentication method',
    optionsLabel: 'How would you like to get your one-time code?',
    text: 'Text message',
    textHint: (phone: string) => `Get a one-time code by text message (SMS) to ${phone}.`,
    call: 'Automated phone call',
    callHint: (phone: string) => `Get a one-time code by phone call to ${phone}.`,
    choose: 'Choose one of the options.',
    continue: 'Continue',
    lockedTitle: 'Account temporarily locked',
    locked:
      'For your security, your account is locked for a while because a one-time code was entered wrongly or requested too many times.',
    lockedLeft: (left: string) => `Please try again in ${left}.`,
  },
  es: {
    title: 'Introduzca su código de un solo uso',
    sms: (phone: string) => `Enviamos un mensaje de texto (SMS) con un código de un solo uso al ${phone}.`,
    voice: (phone: string) => `Estamos llamando al ${phone} con un código de un solo uso.`,
    expires: (left: string) => `El código es válido durante ${left}.`,
    code: 'Código de un solo uso',
    hint: '6 dígitos',
    submit: 'Enviar',
    again: 'Enviar otro código',
    other: 'Elegir otro método de autenticación',
    cancel: 'Iniciar sesión con otra cuenta',
    blank: 'Por favor, rellene este campo.',
    invalid: 'Ese código de un solo uso no es válido. Inténtelo de nuevo o solicite un código nuevo.',
    triesLeft: (count: number) => (count === 1 ? 'Le queda 1 intento' : `Le quedan ${count} intentos`),
    lockNext: 'Después, su cuenta se bloqueará durante 10 minutos.',
    tooSoon: (left: string) => `Lo ha intentado demasiadas veces. Vuelva a intentarlo en ${left}.`,
    numberRefused:
      'No podemos enviar un código a su teléfono de esa manera. Elija otro método de autenticación.',
    notDelivered:
      'No pudimos enviar su código de un solo uso. Inténtelo de nuevo o elija otro método de autenticación.',
    optionsTitle: 'Seleccione su método de autenticación',
    optionsLabel: '¿Cómo quiere recibir su código de un solo uso?',
    text: 'Mensaje de texto',
    textHint: (phone: string) => `Reciba un código de un solo uso por mensaje de texto (SMS) al ${phone}.`,
    call: 'Llamada telefónica automatizada',
    callHint: (phone: string) => `Reciba un código de un solo uso por llamada telefónica al ${phone}.`,
    choose: 'Elija una de las opciones.',
    continue: 'Continuar',
    lockedTitle: 'Cuenta bloqueada temporalmente',
    locked:
      'Por su seguridad, su cuenta está bloqueada por un tiempo porque se introdujo mal o se solicitó un código de un solo uso demasiadas veces.',
    lockedLeft: (left: string) => `Vuelva a intentarlo en ${left}.`,
  },
}

interface Around {
  lang: Lang
  base: string
  csrf: string
  destination: Destination | undefined
}

export type ChallengeProblem =
  | { kind: 'invalid'; triesLeft: number | undefined }
  | { kind: 'blank' }
  | { kind: 'too_soon'; left: number }

/** Fact sheet 6.3: said from here down. */
const WARN_AT = 3

export function challengePage(
  given: Around & { method: Method; phone: string; expiresIn: number; problem?: ChallengeProblem },
): Page {
  const { lang, base, csrf, method, problem } = given
  const say = words[lang]
  const error = problem && fieldError(problem, lang)
  const errors: FieldError[] = error ? [{ field: 'code', message: error }] : []
  const main = html`!${errorSummary(errors, lang)}!${warnings(problem, lang)}
<h1>${say.title}</h1>
<p>${say[method](given.phone)} ${given.expiresIn > 0 ? say.expires(timeLeft(given.expiresIn, lang)) : ''}</p>
!${form({
    action: `${base}/login/two_factor/${method}`,
    csrf,
    autocomplete: 'off',
    body: html`!${textField({ name: 'code', label: say.code, hint: say.hint, inputmode: 'numeric', autocomplete: 'one-time-code', width: 'sm', required: true, error })}
!${submitButton(say.submit)}`,
  })}
<p><a href="${base}${sendPath(method)}">${say.again}</a></p>
<p><a href="${base}/login/two_factor/options">${say.other}</a></p>
!${waysOut(given)}`
  return { title: say.title, main, error: errors.length > 0 }
}

/** Under a line of their own, so that nobody takes them for a part of the step. */
function waysOut({ lang, base, csrf, destination }: Around): string {
  const { cancel } = words[lang]
  const button = submitButton(cancel, { variant: 'unstyled' })
  return html`<div class="border-top-1px border-base-lighter margin-top-4 padding-top-1">
!${form({ action: `${base}/logout`, csrf, label: cancel, body: button })}
!${backLink(destination, base, lang)}
</div>`
}

/** The address that sends another code (fact sheet 6.1), in the real site's own spelling of its fields. */
function sendPath(method: Method): string {
  const fields = new URLSearchParams({
    'otp_delivery_selection_form[otp_delivery_preference]': method,
    'otp_delivery_selection_form[resend]': 'true',
  })
  return `/otp/send?${fields}`
}

function fieldError(problem: ChallengeProblem, lang: Lang): string | undefined {
  if (problem.kind === 'too_soon') return undefined
  return problem.kind === 'blank' ? words[lang].blank : words[lang].invalid
}

function warnings(problem: ChallengeProblem | undefined, lang: Lang): string {
  const say = words[lang]
  if (problem?.kind === 'too_soon')
    return alert({ kind: 'warning', body: say.tooSoon(timeLeft(problem.left, lang)) })
  const triesLeft = problem?.kind === 'invalid' ? problem.triesLeft : undefined
  if (triesLeft === undefined || triesLeft > WARN_AT) return ''
  return alert({ kind: 'warning', heading: say.triesLeft(triesLeft), body: say.lockNext })
}

export function optionsPage(
  given: Around & {
    phone: string
    selected?: Method
    problem?: 'choose' | 'number_refused' | 'not_delivered'
  },
): Page {
  const { lang, base, csrf, phone, selected, problem } = given
  const say = words[lang]
  const field = 'two_factor_options_form[selection]'
  const id = 'two_factor_options_form_selection'
  const error = problem === 'choose' ? say.choose : undefined
  const failed = problem === 'number_refused' ? say.numberRefused : say.notDelivered
  const main = html`!${error ? errorSummary([{ field: id, message: error }], lang) : ''}
!${problem && !error ? alert({ kind: 'error', body: failed }) : ''}
<h1>${say.optionsTitle}</h1>
!${form({
    action: `${base}/login/two_factor/options`,
    csrf,
    body: html`!${radioGroup({
      name: field,
      id,
      label: say.optionsLabel,
      tiles: true,
      value: selected,
      error,
      options: [
        { value: 'sms', label: say.text, hint: say.textHint(phone) },
        { value: 'voice', label: say.call, hint: say.callHint(phone) },
      ],
    })}
!${submitButton(say.continue)}`,
  })}
!${waysOut(given)}`
  return { title: say.optionsTitle, main, error: problem !== undefined }
}

export function lockedPage({ lang, base, destination, left }: Omit<Around, 'csrf'> & { left: number }): Page {
  const say = words[lang]
  const main = html`<h1>${say.lockedTitle}</h1>
!${alert({ kind: 'error', body: say.locked })}
<p>${say.lockedLeft(timeLeft(left, lang))}</p>
!${backLink(destination, base, lang)}`
  return { title: say.lockedTitle, main, error: true }
}

/** Hides all but the end of a number. */
export function maskedPhone(phoneNumber: string): string {
  // A no-break space, and no break at the hyphen.
  return `(***)\u00a0***\u2011${phoneNumber.slice(-4)}`
}
