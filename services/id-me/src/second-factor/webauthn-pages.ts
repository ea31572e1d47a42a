import { alert } from '@gatehouse/pages/forms'
import { webAuthnForms } from '@gatehouse/provider/authenticators/webauthn-form'
import { html } from 'ghtml'
import { type Page, webAddresses } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'
import { type AroundStep, stepHeading, stepTitle, triesLeftText, waysOut } from './around.ts'
import { pathOf } from './choice-routes.ts'

export type WebAuthnMethod = 'passkey' | 'security_key'

const words = {
  en: {
    intro: {
      passkey: 'Your browser asks for your face, your fingerprint or the lock of your device.',
      security_key: 'Have your security key ready. Your browser asks you to touch it.',
    },
    button: { passkey: 'Use passkey', security_key: 'Use security key' },
    failed: 'We could not verify it.',
    cancelled: 'Nothing was verified. Try again, or use another method.',
    missing: 'This browser does not offer it here. Use the lab’s security key, or another method.',
    lab: 'Use the lab’s security key',
  },
  es: {
    intro: {
      passkey: 'Su navegador le pide su rostro, su huella o el bloqueo de su dispositivo.',
      security_key: 'Tenga a mano su llave de seguridad. Su navegador le pide que la toque.',
    },
    button: { passkey: 'Usar la llave de acceso', security_key: 'Usar la llave de seguridad' },
    failed: 'No pudimos verificarlo.',
    cancelled: 'No se verificó nada. Inténtelo de nuevo o use otro método.',
    missing: 'Este navegador no lo ofrece aquí. Use la llave de seguridad del laboratorio u otro método.',
    lab: 'Usar la llave de seguridad del laboratorio',
  },
}

/** Where the lab's security keys are, and this service as a browser sees it. */
export interface LabKeys {
  url: string
  publicUrl: string
}

export function webAuthnPage(
  around: AroundStep,
  given: { method: WebAuthnMethod; options: object; lab: LabKeys; failed: { triesLeft: number } | undefined },
): Page {
  const { lang, base, csrf, destination } = around
  const { method, options, lab, failed } = given
  const say = words[lang]
  const why = failed ? `${say.failed} ${triesLeftText(failed.triesLeft, lang)}` : ''
  const main = html`!${failed ? alert({ kind: 'error', body: why }) : ''}
!${stepHeading(lang, 3)}
<p>${say.intro[method]}</p>
!${webAuthnForms({
    ceremony: 'get',
    options,
    action: base + pathOf(method),
    csrf,
    say: {
      button: say.button[method],
      cancelled: say.cancelled,
      registered: '',
      missing: say.missing,
      lab: say.lab,
    },
    lab: { ...lab, cancel: base + PATHS.secondFactor, leadsTo: webAddresses(destination?.leadsTo ?? []) },
  })}
!${waysOut(around)}`
  return { title: stepTitle(lang), main, error: failed !== undefined, status: failed ? 422 : 200 }
}
