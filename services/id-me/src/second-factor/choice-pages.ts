import { alert, errorSummary, form, radioGroup, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'
import { type AroundStep, stepHeading, stepTitle, waysOut } from './around.ts'
import type { Method } from './methods.ts'

const words = {
  en: {
    label: 'How do you want to complete your sign in?',
    choose: 'Choose one of the options.',
    continue: 'Continue',
    forSettings: 'To update your settings, complete the sign in with a method that you still have.',
    methods: {
      phone: ['Text message or phone call', 'Get a 6-digit code on your phone.'],
      code_generator: ['Code Generator', 'Use the code that ID.me Authenticator or another app shows.'],
      push: ['Push notification', 'Approve the sign in on your phone.'],
      passkey: ['Passkey', 'Use your face, fingerprint or the lock of your device.'],
      security_key: ['Security Key', 'Use a FIDO security key.'],
      recovery_code: ['Recovery code', 'Use the recovery code that you kept.'],
      backup_code: ['Backup code', 'Use one of the backup codes that you kept.'],
    },
  },
  es: {
    label: '¿Cómo quiere completar su inicio de sesión?',
    choose: 'Elija una de las opciones.',
    continue: 'Continuar',
    forSettings:
      'Para actualizar su configuración, complete el inicio de sesión con un método que todavía tenga.',
    methods: {
      phone: ['Mensaje de texto o llamada', 'Reciba un código de 6 dígitos en su teléfono.'],
      code_generator: [
        'Generador de códigos',
        'Use el código que muestra ID.me Authenticator u otra aplicación.',
      ],
      push: ['Notificación push', 'Apruebe el inicio de sesión en su teléfono.'],
      passkey: ['Llave de acceso', 'Use su rostro, su huella o el bloqueo de su dispositivo.'],
      security_key: ['Llave de seguridad', 'Use una llave de seguridad FIDO.'],
      recovery_code: ['Código de recuperación', 'Use el código de recuperación que guardó.'],
      backup_code: ['Código de respaldo', 'Use uno de los códigos de respaldo que guardó.'],
    },
  },
} as const

/** @param isForSettings whether the person wants to get to the settings */
export function choicePage(
  around: AroundStep,
  { methods, problem, isForSettings }: { methods: Method[]; problem?: 'choose'; isForSettings: boolean },
): Page {
  const { lang, base, csrf } = around
  const say = words[lang]
  const error = problem ? say.choose : undefined
  const main = html`!${error ? errorSummary([{ field: 'method', message: error }], lang) : ''}!${isForSettings ? alert({ kind: 'info', body: say.forSettings }) : ''}
!${stepHeading(lang, 1)}
!${form({
    action: base + PATHS.secondFactor,
    csrf,
    body: html`!${radioGroup({
      name: 'method',
      label: say.label,
      tiles: true,
      error,
      options: methods.map((method) => {
        const [label, hint] = say.methods[method]
        return { value: method, label, hint }
      }),
    })}
!${submitButton(say.continue)}`,
  })}
!${waysOut(around)}`
  return { title: stepTitle(lang), main, error: error !== undefined, status: error ? 422 : 200 }
}
