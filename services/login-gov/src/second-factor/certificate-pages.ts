// A card cannot be put into a test: the person chooses which certificate the browser would have presented.

import { alert, errorSummary, form, radioGroup, submitButton } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import { html } from 'ghtml'
import { backLink, type Page } from '../browser/frame.ts'
import { type Around, lastTries, otherMethodsLink, rememberBox, waysOut } from './around.ts'
import { challengePath } from './methods.ts'

export interface CertificateChoice {
  id: string
  label: string
}

export type CertificateProblem =
  | 'choose'
  | 'expired'
  | 'untrusted'
  | 'unknown'
  /** A good certificate, but not of this account, or of none. */
  | 'not_yours'
  /** Of an account already; for registration. */
  | 'taken'
  /** Of no account; on the sign-in page. */
  | 'none'

const words = {
  en: {
    title: 'Sign in with your government employee ID',
    intro: 'Make sure that your PIV or CAC card is in its reader, then choose its certificate.',
    mock: 'This is a test system: choose the certificate that a card would have presented.',
    label: 'Choose a certificate',
    submit: 'Present the certificate',
    back: 'Back to sign in',
    problems: {
      choose: 'Choose one of the certificates.',
      expired: 'The certificate of your PIV/CAC card has expired. Choose another one.',
      untrusted: 'The certificate of your PIV/CAC card comes from an issuer that we do not trust.',
      unknown: 'We could not read a certificate. Try again.',
      not_yours: 'This PIV/CAC card is not connected to your account. Choose another one.',
      taken: 'This PIV/CAC card is connected to an account already.',
      none: 'This PIV/CAC card is not connected to an account. Sign in another way and add it to your account first.',
    },
  },
  es: {
    title: 'Inicie sesión con su identificación de empleado del Gobierno',
    intro: 'Asegúrese de que su tarjeta PIV o CAC esté en el lector y elija su certificado.',
    mock: 'Este es un sistema de prueba: elija el certificado que habría presentado una tarjeta.',
    label: 'Elija un certificado',
    submit: 'Presentar el certificado',
    back: 'Volver al inicio de sesión',
    problems: {
      choose: 'Elija uno de los certificados.',
      expired: 'El certificado de su tarjeta PIV/CAC ha caducado. Elija otro.',
      untrusted: 'El certificado de su tarjeta PIV/CAC proviene de un emisor en el que no confiamos.',
      unknown: 'No pudimos leer ningún certificado. Inténtelo de nuevo.',
      not_yours: 'Esta tarjeta PIV/CAC no está conectada a su cuenta. Elija otra.',
      taken: 'Esta tarjeta PIV/CAC ya está conectada a una cuenta.',
      none: 'Esta tarjeta PIV/CAC no está conectada a ninguna cuenta. Inicie sesión de otra manera y añádala primero a su cuenta.',
    },
  },
}

export function certificateProblem(problem: CertificateProblem, lang: Lang): string {
  return words[lang].problems[problem]
}

/** The choice with its error, for any form that asks for a certificate. */
export function certificateField(choices: CertificateChoice[], lang: Lang, error?: string): string {
  const say = words[lang]
  return radioGroup({
    name: 'certificate',
    label: say.label,
    hint: say.mock,
    error,
    options: choices.map(({ id, label }) => ({ value: id, label })),
  })
}

function frame(
  lang: Lang,
  error: string | undefined,
  action: string,
  csrf: string,
  body: string,
  more: string,
) {
  const say = words[lang]
  const main = html`!${error ? errorSummary([{ field: 'certificate', message: error }], lang) : ''}
<h1>${say.title}</h1>
<p>${say.intro}</p>
!${form({ action, csrf, body: html`!${body}!${submitButton(say.submit)}` })}
!${more}`
  return { title: say.title, main, error: error !== undefined, status: error ? 422 : 200 }
}

/** As the second factor. */
export function certificatePage(
  around: Around,
  {
    choices,
    problem,
    triesLeft,
  }: { choices: CertificateChoice[]; problem?: CertificateProblem; triesLeft?: number },
): Page {
  const { lang, base, csrf } = around
  const error = problem && certificateProblem(problem, lang)
  const last = lastTries(triesLeft, around)
  const body = html`!${last ? alert({ kind: 'warning', ...last }) : ''}!${certificateField(choices, lang, error)}!${rememberBox(around)}`
  const more = otherMethodsLink(around) + waysOut(around)
  return frame(lang, error, base + challengePath('piv_cac'), csrf, body, more)
}

/** In place of e-mail address and password. */
export function certificateSignInPage(
  { lang, base, csrf, destination }: Pick<Around, 'lang' | 'base' | 'csrf' | 'destination'>,
  { choices, problem }: { choices: CertificateChoice[]; problem?: CertificateProblem },
): Page {
  const error = problem && certificateProblem(problem, lang)
  const more = html`<p><a href="${base}/">${words[lang].back}</a></p>!${backLink(destination, base, lang)}`
  return frame(lang, error, `${base}/login/piv_cac`, csrf, certificateField(choices, lang, error), more)
}
