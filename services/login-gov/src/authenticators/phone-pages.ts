import { alert, errorSummary, form, radioGroup, submitButton, textField } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import { html } from 'ghtml'
import { type Page, timeLeft } from '../browser/frame.ts'
import { SET_UP_PATHS } from './choice.ts'
import { type SetUpFrame, setUpLinks } from './set-up-frame.ts'

const words = {
  en: {
    title: 'Get your one-time code',
    intro: 'We send you a one-time code to check that the number is yours, and each time you sign in.',
    number: 'Phone number',
    hint: 'For example 202-555-0142',
    delivery: 'How should we send it?',
    sms: 'Text message (SMS)',
    voice: 'Phone call',
    send: 'Send code',
    other: 'Use another phone number',
    problems: {
      blank: 'Please fill in this field.',
      invalid: 'Enter a phone number with ten digits, or with its country code after a plus sign.',
      delivery: 'Choose one of the two.',
      noCalls: 'We call numbers in the United States and its neighbors only. Choose a text message.',
      refused: 'We cannot send a code to this number. Enter another one.',
      notDelivered: 'We could not send your one-time code. Try again, or enter another number.',
      taken: 'This number is on your account already.',
      tooMany: 'Your account has as many phone numbers as it can have. Remove one first.',
    },
    tooOften: (left: string) => `You tried too many times, please try again in ${left}.`,
  },
  es: {
    title: 'Reciba su código de un solo uso',
    intro:
      'Le enviamos un código de un solo uso para comprobar que el número es suyo y cada vez que inicie sesión.',
    number: 'Número de teléfono',
    hint: 'Por ejemplo 202-555-0142',
    delivery: '¿Cómo debemos enviarlo?',
    sms: 'Mensaje de texto (SMS)',
    voice: 'Llamada telefónica',
    send: 'Enviar código',
    other: 'Usar otro número de teléfono',
    problems: {
      blank: 'Por favor, rellene este campo.',
      invalid: 'Introduzca un número con diez dígitos, o con el código del país después de un signo más.',
      delivery: 'Elija una de las dos opciones.',
      noCalls: 'Solo llamamos a números de Estados Unidos y sus vecinos. Elija un mensaje de texto.',
      refused: 'No podemos enviar un código a este número. Introduzca otro.',
      notDelivered:
        'No pudimos enviar su código de un solo uso. Inténtelo de nuevo o introduzca otro número.',
      taken: 'Este número ya está en su cuenta.',
      tooMany: 'Su cuenta tiene tantos números de teléfono como puede tener. Elimine uno primero.',
    },
    tooOften: (left: string) => `Lo ha intentado demasiadas veces. Vuelva a intentarlo en ${left}.`,
  },
}

/** `wait` in milliseconds. */
export type PhoneProblem = keyof (typeof words)['en']['problems'] | { wait: number }

const NUMBER = 'new_phone_form_phone'
const DELIVERY = 'new_phone_form_otp_delivery_preference'

export function phoneSetUpPage(
  frame: SetUpFrame,
  { number, delivery, problem }: { number?: string; delivery?: string; problem?: PhoneProblem } = {},
): Page {
  const { lang, base, csrf, user } = frame
  const say = words[lang]
  const told = typeof problem === 'string' ? say.problems[problem] : undefined
  const isDelivery = problem === 'delivery' || problem === 'noCalls'
  const main = html`!${told ? errorSummary([{ field: isDelivery ? DELIVERY : NUMBER, message: told }], lang) : ''}
!${typeof problem === 'object' ? alert({ kind: 'error', body: say.tooOften(timeLeft(problem.wait, lang)) }) : ''}
<h1>${say.title}</h1>
<p>${say.intro}</p>
!${form({
    action: base + SET_UP_PATHS.phone,
    csrf,
    body: html`!${textField({
      name: 'new_phone_form[phone]',
      id: NUMBER,
      label: say.number,
      hint: say.hint,
      type: 'tel',
      autocomplete: 'tel',
      value: number,
      required: true,
      error: isDelivery ? undefined : told,
    })}
!${radioGroup({
      name: 'new_phone_form[otp_delivery_preference]',
      id: DELIVERY,
      label: say.delivery,
      value: delivery ?? 'sms',
      error: isDelivery ? told : undefined,
      options: [
        { value: 'sms', label: say.sms },
        { value: 'voice', label: say.voice },
      ],
    })}
!${submitButton(say.send)}`,
  })}
!${setUpLinks(frame)}`
  const isError = problem !== undefined
  const status = typeof problem === 'object' ? 429 : isError ? 422 : 200
  return { title: say.title, main, error: isError, status, ...(user ? { user } : {}) }
}

/** Under the field for the code. */
export function otherNumberLink({ lang, base }: { lang: Lang; base: string }): string {
  return html`<p><a href="${base}${SET_UP_PATHS.phone}">${words[lang].other}</a></p>`
}
