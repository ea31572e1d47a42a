// The pages on which a person types something: a code by text or call, one of an authenticator app, a backup code, the
// personal key.

import { alert, errorSummary, type FieldError, form, submitButton, textField } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import { html } from 'ghtml'
import { countdown, counted } from '../browser/countdown.ts'
import { type Page, timeLeft } from '../browser/frame.ts'
import { type Around, lastTries, otherMethodsLink, rememberBox, waysOut } from './around.ts'
import { challengePath } from './methods.ts'

/** The methods that are typed. */
export type TypedMethod = 'sms' | 'voice' | 'totp' | 'backup_code' | 'personal_key'

const words = {
  en: {
    title: {
      sms: 'Enter your one-time code',
      voice: 'Enter your one-time code',
      totp: 'Enter your one-time code',
      backup_code: 'Enter your backup code',
      personal_key: 'Enter your personal key',
    },
    intro: {
      sms: (phone: string) => `We sent a text message (SMS) with a one-time code to ${phone}.`,
      voice: (phone: string) => `We are calling ${phone} with a one-time code.`,
      totp: () => 'Enter the code from your authenticator app. It shows a new one every 30 seconds.',
      backup_code: () =>
        'Enter one of the backup codes that you kept. Each works once, in upper or lower case.',
      personal_key: () => 'Enter the personal key that you kept. It works once; you get a new one then.',
    },
    label: {
      sms: 'One-time code',
      voice: 'One-time code',
      totp: 'One-time code',
      backup_code: 'Backup code',
      personal_key: 'Personal key',
    },
    hint: {
      sms: '6 digits',
      voice: '6 digits',
      totp: '6 digits',
      backup_code: '12 characters',
      personal_key: '16 characters',
    },
    expires: (left: string) => `The code works for ${left}.`,
    expiresSoon: (left: string) => `Your one-time code expires in ${left}.`,
    expired: 'Your one-time code has expired.',
    submit: 'Submit',
    again: 'Send another code',
    blank: 'Please fill in this field.',
    invalid: {
      sms: 'That one-time code is invalid. Try again or request a new code.',
      voice: 'That one-time code is invalid. Try again or request a new code.',
      totp: 'That one-time code is invalid. Try again or request a new code.',
      backup_code: 'That backup code is invalid. Try again, or choose another authentication method.',
      personal_key: 'That personal key is invalid. Try again, or choose another authentication method.',
    },
    tooSoon: (left: string) => `You tried too many times, please try again in ${left}.`,
  },
  es: {
    title: {
      sms: 'Introduzca su código de un solo uso',
      voice: 'Introduzca su código de un solo uso',
      totp: 'Introduzca su código de un solo uso',
      backup_code: 'Introduzca su código de respaldo',
      personal_key: 'Introduzca su clave personal',
    },
    intro: {
      sms: (phone: string) => `Enviamos un mensaje de texto (SMS) con un código de un solo uso al ${phone}.`,
      voice: (phone: string) => `Estamos llamando al ${phone} con un código de un solo uso.`,
      totp: () =>
        'Introduzca el código de su aplicación de autenticación. Muestra uno nuevo cada 30 segundos.',
      backup_code: () =>
        'Introduzca uno de los códigos de respaldo que guardó. Cada uno sirve una vez, en mayúsculas o minúsculas.',
      personal_key: () =>
        'Introduzca la clave personal que guardó. Sirve una vez; después recibirá una nueva.',
    },
    label: {
      sms: 'Código de un solo uso',
      voice: 'Código de un solo uso',
      totp: 'Código de un solo uso',
      backup_code: 'Código de respaldo',
      personal_key: 'Clave personal',
    },
    hint: {
      sms: '6 dígitos',
      voice: '6 dígitos',
      totp: '6 dígitos',
      backup_code: '12 caracteres',
      personal_key: '16 caracteres',
    },
    expires: (left: string) => `El código es válido durante ${left}.`,
    expiresSoon: (left: string) => `Su código de un solo uso caduca en ${left}.`,
    expired: 'Su código de un solo uso ha caducado.',
    submit: 'Enviar',
    again: 'Enviar otro código',
    blank: 'Por favor, rellene este campo.',
    invalid: {
      sms: 'Ese código de un solo uso no es válido. Inténtelo de nuevo o solicite un código nuevo.',
      voice: 'Ese código de un solo uso no es válido. Inténtelo de nuevo o solicite un código nuevo.',
      totp: 'Ese código de un solo uso no es válido. Inténtelo de nuevo o solicite un código nuevo.',
      backup_code: 'Ese código de respaldo no es válido. Inténtelo de nuevo o elija otro método.',
      personal_key: 'Esa clave personal no es válida. Inténtelo de nuevo o elija otro método.',
    },
    tooSoon: (left: string) => `Lo ha intentado demasiadas veces. Vuelva a intentarlo en ${left}.`,
  },
}

export type CodeProblem =
  | { kind: 'invalid'; triesLeft: number | undefined }
  | { kind: 'blank' }
  /** Of another code by text or call; `left` in milliseconds. */
  | { kind: 'too_soon'; left: number }

interface Sent {
  /** The number, masked. */
  phone: string
  /** Milliseconds; not more than 0 once it has expired. */
  expiresIn: number
  /** From so many milliseconds on the person is warned. */
  warnFrom: number
}

interface CodePage {
  method: TypedMethod
  problem: CodeProblem | undefined
  /** Of a code that was sent. */
  sent?: Sent
  /** Where its answer goes and how another code is had; the second factor's own unless given. */
  paths?: { submit: string; again: string }
  /** Links under the form, and the box above its button; those of a sign-in unless given. */
  frame?: { box: string; links: string }
}

export function codePage(around: Around, page: CodePage): Page {
  const { lang, base, csrf } = around
  const { method, problem, sent } = page
  const say = words[lang]
  const error = problem && fieldError(problem, method, lang)
  const errors: FieldError[] = error ? [{ field: 'code', message: error }] : []
  const isNumber = method === 'sms' || method === 'voice' || method === 'totp'
  const paths = page.paths ?? { submit: challengePath(method), again: sendPath(method) }
  const main = html`!${errorSummary(errors, lang)}!${warnings(problem, around)}!${sent ? expiry(sent, lang) : ''}
<h1>${say.title[method]}</h1>
<p>${say.intro[method](sent?.phone ?? '')}</p>
!${sent ? lifetime(sent, lang) : ''}
!${form({
    action: base + paths.submit,
    csrf,
    autocomplete: 'off',
    body: html`!${textField({
      name: 'code',
      label: say.label[method],
      hint: say.hint[method],
      inputmode: isNumber ? 'numeric' : 'text',
      autocomplete: isNumber ? 'one-time-code' : 'off',
      width: isNumber ? 'sm' : 'lg',
      required: true,
      error,
    })}
!${page.frame?.box ?? rememberBox(around)}!${submitButton(say.submit)}`,
  })}
!${sent ? html`<p><a href="${base}${paths.again}">${say.again}</a></p>` : ''}
!${page.frame?.links ?? otherMethodsLink(around) + waysOut(around)}`
  return {
    title: say.title[method],
    main,
    error: errors.length > 0,
    status: errors.length > 0 ? 422 : 200,
  }
}

/** The address that sends another code (fact sheet 6.1), in the real site's own spelling of its fields. */
function sendPath(method: TypedMethod): string {
  const fields = new URLSearchParams({
    'otp_delivery_selection_form[otp_delivery_preference]': method,
    'otp_delivery_selection_form[resend]': 'true',
  })
  return `/otp/send?${fields}`
}

function fieldError(problem: CodeProblem, method: TypedMethod, lang: Lang): string | undefined {
  if (problem.kind === 'too_soon') return undefined
  return problem.kind === 'blank' ? words[lang].blank : words[lang].invalid[method]
}

function lifetime({ expiresIn, warnFrom }: Sent, lang: Lang): string {
  const content = html`<p>!${counted(words[lang].expires, expiresIn, lang)}</p>`
  return countdown(expiresIn, [{ until: warnFrom, content }])
}

/** Fact sheet 6.3: told when there is little time left. */
function expiry({ expiresIn, warnFrom }: Sent, lang: Lang): string {
  const say = words[lang]
  const body = html`<p class="usa-alert__text">!${counted(say.expiresSoon, expiresIn, lang)}</p>`
  return countdown(expiresIn, [
    { from: warnFrom, until: 0, content: alert({ kind: 'warning', html: body }) },
    { from: 0, content: alert({ kind: 'warning', body: say.expired }) },
  ])
}

function warnings(problem: CodeProblem | undefined, around: Around): string {
  const { lang } = around
  if (problem?.kind === 'too_soon')
    return alert({ kind: 'warning', body: words[lang].tooSoon(timeLeft(problem.left, lang)) })
  const last = problem?.kind === 'invalid' && lastTries(problem.triesLeft, around)
  return last ? alert({ kind: 'warning', ...last }) : ''
}
