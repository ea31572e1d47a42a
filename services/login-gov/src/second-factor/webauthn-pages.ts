import { alert } from '@gatehouse/pages/forms'
import { webAuthnForms } from '@gatehouse/provider/authenticators/webauthn-form'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'
import { type Around, lastTries, otherMethodsLink, rememberBox, waysOut } from './around.ts'
import { challengePath } from './methods.ts'

export type WebAuthnMethod = 'webauthn' | 'webauthn_platform'

const words = {
  en: {
    title: { webauthn: 'Connect your security key', webauthn_platform: 'Use face or touch unlock' },
    intro: {
      webauthn: 'Have your security key ready. Your browser asks you to touch it.',
      webauthn_platform: 'Your browser asks for your face, your fingerprint or the lock of your device.',
    },
    button: { webauthn: 'Use security key', webauthn_platform: 'Use face or touch unlock' },
    failed: 'We could not verify it. Try again, or choose another authentication method.',
    cancelled: 'Nothing was verified. Try again, or choose another authentication method.',
    missing: 'This browser does not offer it here. Use the lab’s security key, or choose another method.',
    lab: 'Use the lab’s security key',
  },
  es: {
    title: {
      webauthn: 'Conecte su llave de seguridad',
      webauthn_platform: 'Use el desbloqueo facial o táctil',
    },
    intro: {
      webauthn: 'Tenga a mano su llave de seguridad. Su navegador le pide que la toque.',
      webauthn_platform: 'Su navegador le pide su rostro, su huella o el bloqueo de su dispositivo.',
    },
    button: {
      webauthn: 'Usar la llave de seguridad',
      webauthn_platform: 'Usar el desbloqueo facial o táctil',
    },
    failed: 'No pudimos verificarlo. Inténtelo de nuevo o elija otro método de autenticación.',
    cancelled: 'No se verificó nada. Inténtelo de nuevo o elija otro método de autenticación.',
    missing:
      'Este navegador no lo ofrece aquí. Use la llave de seguridad del laboratorio o elija otro método.',
    lab: 'Usar la llave de seguridad del laboratorio',
  },
}

export function webAuthnPage(
  around: Around,
  given: {
    method: WebAuthnMethod
    options: object
    /** Set after an answer that was refused. */
    triesLeft?: number
    lab: { url: string; publicUrl: string; leadsTo: string[] }
  },
): Page {
  const { lang, base, csrf } = around
  const { method, options, triesLeft, lab } = given
  const say = words[lang]
  const last = lastTries(triesLeft, around)
  const failed = triesLeft !== undefined
  const main = html`!${failed ? alert({ kind: 'error', body: say.failed }) : ''}!${last ? alert({ kind: 'warning', ...last }) : ''}
<h1>${say.title[method]}</h1>
<p>${say.intro[method]}</p>
!${webAuthnForms({
    ceremony: 'get',
    options,
    action: base + challengePath(method),
    csrf,
    fields: rememberBox(around),
    say: {
      button: say.button[method],
      cancelled: say.cancelled,
      registered: '',
      missing: say.missing,
      lab: say.lab,
    },
    lab: { ...lab, cancel: `${base}/login/two_factor/options` },
  })}
!${otherMethodsLink(around)}
!${waysOut(around)}`
  return { title: say.title[method], main, error: failed, status: failed ? 422 : 200 }
}
