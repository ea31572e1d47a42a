import { alert, errorSummary, form, radioGroup, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'
import { type Around, waysOut } from './around.ts'
import { type Selection, selectionValue } from './methods.ts'
import { maskedPhone } from './phone-number.ts'

const words = {
  en: {
    title: 'Select your authentication method',
    label: 'How would you like to authenticate?',
    choose: 'Choose one of the options.',
    continue: 'Continue',
    numberRefused:
      'We cannot send a code to your phone number that way. Choose another authentication method.',
    notDelivered: 'We could not send your one-time code. Try again, or choose another authentication method.',
    lost: 'You cannot use any of these?',
    lostLink: 'Delete your account and create a new one',
    methods: {
      sms: ['Text message', (phone: string) => `Get a one-time code by text message (SMS) to ${phone}.`],
      voice: ['Automated phone call', (phone: string) => `Get a one-time code by phone call to ${phone}.`],
      totp: ['Authentication app', () => 'Use the code that your app shows.'],
      webauthn: ['Security key', () => 'Use your security key.'],
      webauthn_platform: [
        'Face or touch unlock',
        () => 'Use your face, fingerprint or the lock of your device.',
      ],
      piv_cac: ['Government employee ID', () => 'Use your PIV or CAC card.'],
      backup_code: ['Backup codes', () => 'Use one of the backup codes that you kept.'],
      personal_key: ['Personal Key', () => 'Use the personal key that you kept.'],
    },
  },
  es: {
    title: 'Seleccione su método de autenticación',
    label: '¿Cómo quiere autenticarse?',
    choose: 'Elija una de las opciones.',
    continue: 'Continuar',
    numberRefused:
      'No podemos enviar un código a su teléfono de esa manera. Elija otro método de autenticación.',
    notDelivered:
      'No pudimos enviar su código de un solo uso. Inténtelo de nuevo o elija otro método de autenticación.',
    lost: '¿No puede usar ninguno de estos?',
    lostLink: 'Elimine su cuenta y cree una nueva',
    methods: {
      sms: [
        'Mensaje de texto',
        (phone: string) => `Reciba un código de un solo uso por mensaje de texto (SMS) al ${phone}.`,
      ],
      voice: [
        'Llamada telefónica automatizada',
        (phone: string) => `Reciba un código de un solo uso por llamada telefónica al ${phone}.`,
      ],
      totp: ['Aplicación de autenticación', () => 'Use el código que muestra su aplicación.'],
      webauthn: ['Llave de seguridad', () => 'Use su llave de seguridad.'],
      webauthn_platform: [
        'Desbloqueo facial o táctil',
        () => 'Use su rostro, su huella o el bloqueo de su dispositivo.',
      ],
      piv_cac: ['Identificación de empleado del Gobierno', () => 'Use su tarjeta PIV o CAC.'],
      backup_code: ['Códigos de respaldo', () => 'Use uno de los códigos de respaldo que guardó.'],
      personal_key: ['Clave personal', () => 'Use la clave personal que guardó.'],
    },
  },
} as const

export type ChoiceProblem = 'choose' | 'number_refused' | 'not_delivered'

export function choicePage(
  around: Around,
  { options, selected, problem }: { options: Selection[]; selected?: string; problem?: ChoiceProblem },
): Page {
  const { lang, base, csrf, isSignedIn } = around
  const say = words[lang]
  const id = 'two_factor_options_form_selection'
  const error = problem === 'choose' ? say.choose : undefined
  const failed = problem === 'number_refused' ? say.numberRefused : say.notDelivered
  const main = html`!${error ? errorSummary([{ field: id, message: error }], lang) : ''}
!${problem && !error ? alert({ kind: 'error', body: failed }) : ''}
<h1>${say.title}</h1>
!${form({
    action: `${base}/login/two_factor/options`,
    csrf,
    body: html`!${radioGroup({
      name: 'two_factor_options_form[selection]',
      id,
      label: say.label,
      tiles: true,
      value: selected,
      error,
      options: options.map(({ method, phone }) => {
        const [label, hint] = say.methods[method]
        const masked = phone ? maskedPhone(phone.details.number) : ''
        return { value: selectionValue(method, phone), label, hint: hint(masked) }
      }),
    })}
!${submitButton(say.continue)}`,
  })}
!${isSignedIn ? '' : html`<p>${say.lost} <a href="${base}/account_reset/recovery_options">${say.lostLink}</a></p>`}
!${waysOut(around)}`
  return { title: say.title, main, error: problem !== undefined, status: error ? 422 : 200 }
}
