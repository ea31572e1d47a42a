import { form, radioGroup, submitButton, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'
import { type Around, stepPage } from './frame.ts'
import { PHONE } from './paths.ts'

export type PhoneProblem =
  | 'blank'
  | 'malformed'
  | 'unverifiable'
  | 'timed_out'
  | 'number_refused'
  | 'not_delivered'

/** How the code comes, as the page names it. */
export type Delivery = 'sms' | 'voice'

const words = {
  en: {
    title: 'Verify your phone number',
    intro: 'We check that the number is yours, and send a one-time code to it.',
    phone: 'Phone number',
    hint: 'A number of the United States, such as 202-555-0100',
    delivery: 'How you get the code',
    sms: 'Text message (SMS)',
    voice: 'Phone call',
    submit: 'Send code',
    problems: {
      blank: 'Please fill in this field.',
      malformed: 'Enter a phone number of the United States with 10 digits.',
      unverifiable: 'We could not match this phone number to you. Try another one.',
      timed_out: 'We could not check this phone number in time. Try again.',
      number_refused: 'We cannot send a code to this phone number. Try another one.',
      not_delivered: 'We could not send a code to this phone number now. Try again.',
    },
    attempts: (count: number) =>
      count === 1 ? 'You can try once more.' : `You can try ${count} more times.`,
    another: 'Use another phone number',
  },
  es: {
    title: 'Verifique su número de teléfono',
    intro: 'Comprobamos que el número es suyo y le enviamos un código de un solo uso.',
    phone: 'Número de teléfono',
    hint: 'Un número de Estados Unidos, como 202-555-0100',
    delivery: 'Cómo recibe el código',
    sms: 'Mensaje de texto (SMS)',
    voice: 'Llamada telefónica',
    submit: 'Enviar código',
    problems: {
      blank: 'Por favor, rellene este campo.',
      malformed: 'Introduzca un número de teléfono de Estados Unidos de 10 dígitos.',
      unverifiable: 'No pudimos relacionar este número de teléfono con usted. Pruebe con otro.',
      timed_out: 'No pudimos comprobar este número de teléfono a tiempo. Inténtelo de nuevo.',
      number_refused: 'No podemos enviar un código a este número de teléfono. Pruebe con otro.',
      not_delivered: 'Ahora no pudimos enviar un código a este número de teléfono. Inténtelo de nuevo.',
    },
    attempts: (count: number) =>
      count === 1 ? 'Puede intentarlo una vez más.' : `Puede intentarlo ${count} veces más.`,
    another: 'Usar otro número de teléfono',
  },
}

interface PhonePage {
  /** What the field holds. */
  phone: string
  delivery: Delivery
  problem?: PhoneProblem
  attemptsLeft: number
}

export function phonePage(around: Around, { phone, delivery, problem, attemptsLeft }: PhonePage): Page {
  const { lang, base, csrf } = around
  const say = words[lang]
  const counts = problem === 'unverifiable' || problem === 'timed_out'
  const error = problem && `${say.problems[problem]}${counts ? ` ${say.attempts(attemptsLeft)}` : ''}`
  const field = textField({
    name: 'phone',
    label: say.phone,
    hint: say.hint,
    type: 'tel',
    autocomplete: 'tel',
    value: phone,
    required: true,
    error,
  })
  const options = (['sms', 'voice'] as const).map((value) => ({ value, label: say[value] }))
  const choice = radioGroup({
    name: 'otp_delivery_preference',
    label: say.delivery,
    options,
    value: delivery,
  })
  return stepPage(around, {
    title: say.title,
    errors: error ? [{ field: 'phone', message: error }] : [],
    main: html`<p>${say.intro}</p>
!${form({ action: base + PHONE, csrf, body: html`!${field}!${choice}!${submitButton(say.submit)}` })}`,
  })
}

export function anotherPhoneLink({ lang, base }: Around): string {
  return html`<p><a href="${base}${PHONE}">${words[lang].another}</a></p>`
}
