import { alert, errorSummary, form, radioGroup, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { backLink, type Page } from '../browser/frame.ts'
import type { Choice } from './choice.ts'
import type { SetUpFrame } from './set-up-frame.ts'

export const choiceWords = {
  en: {
    webauthn_platform: {
      label: 'Face or touch unlock',
      hint: 'Use your face, your fingerprint or the lock of your device.',
    },
    auth_app: {
      label: 'Authentication application',
      hint: 'Get codes from an app on your phone, computer or tablet.',
    },
    phone: { label: 'Text or voice message', hint: 'Get a code by text message (SMS) or phone call.' },
    webauthn: { label: 'Security key', hint: 'Connect or tap a device of its own.' },
    piv_cac: {
      label: 'Government employee ID',
      hint: 'PIV or CAC cards of government and military employees.',
    },
    backup_code: { label: 'Backup codes', hint: 'A list of codes that you print or save.' },
  },
  es: {
    webauthn_platform: {
      label: 'Desbloqueo facial o táctil',
      hint: 'Use su rostro, su huella o el bloqueo de su dispositivo.',
    },
    auth_app: {
      label: 'Aplicación de autenticación',
      hint: 'Obtenga códigos de una aplicación en su teléfono, computadora o tableta.',
    },
    phone: {
      label: 'Mensaje de texto o de voz',
      hint: 'Reciba un código por mensaje de texto (SMS) o llamada telefónica.',
    },
    webauthn: { label: 'Llave de seguridad', hint: 'Conecte o toque un dispositivo propio para ello.' },
    piv_cac: {
      label: 'Identificación de empleado del Gobierno',
      hint: 'Tarjetas PIV o CAC de empleados del Gobierno y militares.',
    },
    backup_code: { label: 'Códigos de respaldo', hint: 'Una lista de códigos que imprime o guarda.' },
  },
} satisfies Record<'en' | 'es', Record<Choice, { label: string; hint: string }>>

const words = {
  en: {
    title: 'Authentication method setup',
    intro: 'Add a second layer of security so that only you can sign in to your account.',
    required: (name: string) =>
      `${name} asks for one of these methods, and your account has none of them yet.`,
    label: 'Select a method',
    choose: 'Choose one of the methods.',
    continue: 'Continue',
  },
  es: {
    title: 'Configuración del método de autenticación',
    intro: 'Añada una segunda capa de seguridad para que solo usted pueda iniciar sesión en su cuenta.',
    required: (name: string) => `${name} pide uno de estos métodos y su cuenta todavía no tiene ninguno.`,
    label: 'Seleccione un método',
    choose: 'Elija uno de los métodos.',
    continue: 'Continuar',
  },
}

export function setUpChoicePage(
  frame: SetUpFrame,
  { choices, isRequired, isMissing }: { choices: readonly Choice[]; isRequired: boolean; isMissing: boolean },
): Page {
  const { lang, base, csrf, destination, user } = frame
  const say = words[lang]
  const id = 'two_factor_options_form_selection'
  const error = isMissing ? say.choose : undefined
  const required =
    isRequired && destination ? alert({ kind: 'info', body: say.required(destination.name) }) : ''
  const main = html`!${error ? errorSummary([{ field: id, message: error }], lang) : ''}!${required}
<h1>${say.title}</h1>
<p>${say.intro}</p>
!${form({
    action: `${base}/authentication_methods_setup`,
    csrf,
    body: html`!${radioGroup({
      name: 'two_factor_options_form[selection]',
      id,
      label: say.label,
      tiles: true,
      error,
      options: choices.map((choice) => ({ value: choice, ...choiceWords[lang][choice] })),
    })}
!${submitButton(say.continue)}`,
  })}
!${backLink(destination, base, lang)}`
  return {
    title: say.title,
    main,
    error: isMissing,
    status: isMissing ? 422 : 200,
    ...(user ? { user } : {}),
  }
}
