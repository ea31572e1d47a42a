import { alert } from '@gatehouse/pages/forms'
import { webAuthnForms } from '@gatehouse/provider/authenticators/webauthn-form'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'
import type { WebAuthnMethod } from '../second-factor/webauthn-pages.ts'
import { SET_UP_PATHS } from './choice.ts'
import { nameField } from './name.ts'
import { type SetUpFrame, setUpLinks } from './set-up-frame.ts'

const words = {
  en: {
    title: { webauthn: 'Add your security key', webauthn_platform: 'Add face or touch unlock' },
    intro: {
      webauthn: 'Have your security key ready. Your browser asks you to connect and touch it.',
      webauthn_platform: 'Your browser asks for your face, your fingerprint or the lock of this device.',
    },
    button: { webauthn: 'Add security key', webauthn_platform: 'Add face or touch unlock' },
    refused: 'We could not add it. Try again, or choose another option.',
    too_many: 'Your account has as many of these as it can have. Remove one first.',
    cancelled: 'Nothing was added. Try again, or choose another option.',
    registered: 'It is on an account already.',
    missing: 'This browser does not offer it here. Use the lab’s security key, or choose another option.',
    lab: 'Use the lab’s security key',
  },
  es: {
    title: {
      webauthn: 'Añada su llave de seguridad',
      webauthn_platform: 'Añada el desbloqueo facial o táctil',
    },
    intro: {
      webauthn: 'Tenga a mano su llave de seguridad. Su navegador le pide que la conecte y la toque.',
      webauthn_platform: 'Su navegador le pide su rostro, su huella o el bloqueo de este dispositivo.',
    },
    button: {
      webauthn: 'Añadir la llave de seguridad',
      webauthn_platform: 'Añadir el desbloqueo facial o táctil',
    },
    refused: 'No pudimos añadirlo. Inténtelo de nuevo o elija otra opción.',
    too_many: 'Su cuenta tiene tantos como puede tener. Elimine uno primero.',
    cancelled: 'No se añadió nada. Inténtelo de nuevo o elija otra opción.',
    registered: 'Ya está en una cuenta.',
    missing:
      'Este navegador no lo ofrece aquí. Use la llave de seguridad del laboratorio o elija otra opción.',
    lab: 'Usar la llave de seguridad del laboratorio',
  },
}

export function webAuthnSetUpPage(
  frame: SetUpFrame,
  given: {
    method: WebAuthnMethod
    options: object
    problem?: 'refused' | 'too_many'
    lab: { url: string; publicUrl: string; leadsTo: string[] }
  },
): Page {
  const { lang, base, csrf, user } = frame
  const { method, options, problem, lab } = given
  const say = words[lang]
  const place = base + SET_UP_PATHS[method]
  const main = html`!${problem ? alert({ kind: 'error', body: say[problem] }) : ''}
<h1>${say.title[method]}</h1>
<p>${say.intro[method]}</p>
!${webAuthnForms({
    ceremony: 'create',
    options,
    action: place,
    csrf,
    fields: nameField(lang),
    say: {
      button: say.button[method],
      cancelled: say.cancelled,
      registered: say.registered,
      missing: say.missing,
      lab: say.lab,
    },
    lab: { ...lab, cancel: place },
  })}
!${setUpLinks(frame)}`
  return {
    title: say.title[method],
    main,
    error: problem !== undefined,
    status: problem ? 422 : 200,
    ...(user ? { user } : {}),
  }
}
