import { alert, checkbox, form, submitButton, textField } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import { html } from 'ghtml'
import { type Page, timeLeft } from '../browser/frame.ts'
import { type Around, stepPage } from './frame.ts'
import { PASSWORD, PERSONAL_KEY } from './paths.ts'

/** Name of the checkbox. */
export const KEPT = 'acknowledgment'

const words = {
  en: {
    password: 'Enter your password to finish',
    passwordWhy: 'With your password we save your verified information and protect it.',
    label: 'Password',
    show: 'Show password',
    continue: 'Continue',
    forgot: 'Forgot your password?',
    blank: 'Please fill in this field.',
    wrong: 'The password you’ve entered is wrong.',
    blocked: (left: string) =>
      `You have exceeded the maximum sign in attempts. You must wait ${left} before trying again.`,
    key: 'Save your personal key',
    verified: 'We verified your identity.',
    keyWhy:
      'With your personal key you can sign in when you have lost your other authentication methods. Keep it in a safe place: it is shown only now.',
    kept: 'I saved my personal key in a safe place.',
    keptMissing: 'Check this box to continue.',
  },
  es: {
    password: 'Introduzca su contraseña para terminar',
    passwordWhy: 'Con su contraseña guardamos y protegemos su información verificada.',
    label: 'Contraseña',
    show: 'Mostrar contraseña',
    continue: 'Continuar',
    forgot: '¿Olvidó su contraseña?',
    blank: 'Por favor, rellene este campo.',
    wrong: 'La contraseña que introdujo es incorrecta.',
    blocked: (left: string) =>
      `Ha superado el número máximo de intentos de inicio de sesión. Debe esperar ${left} antes de volver a intentarlo.`,
    key: 'Guarde su clave personal',
    verified: 'Verificamos su identidad.',
    keyWhy:
      'Con su clave personal puede iniciar sesión si pierde sus otros métodos de autenticación. Guárdela en un lugar seguro: solo se muestra ahora.',
    kept: 'Guardé mi clave personal en un lugar seguro.',
    keptMissing: 'Marque esta casilla para continuar.',
  },
}

export type PasswordProblem = 'blank' | 'wrong' | /** Milliseconds. */ { blockedFor: number }

export function passwordPage(around: Around, problem?: PasswordProblem): Page {
  const { lang, base, csrf } = around
  const say = words[lang]
  const error = typeof problem === 'string' ? say[problem] : undefined
  const blockedFor = typeof problem === 'object' ? problem.blockedFor : undefined
  const field = textField({
    name: 'user[password]',
    id: 'user_password',
    label: say.label,
    type: 'password',
    autocomplete: 'current-password',
    showPassword: say.show,
    required: true,
    error,
  })
  const page = stepPage(around, {
    title: say.password,
    errors: error ? [{ field: 'user_password', message: error }] : [],
    alert:
      blockedFor === undefined ? '' : alert({ kind: 'error', body: say.blocked(timeLeft(blockedFor, lang)) }),
    ...(blockedFor === undefined ? {} : { status: 429 }),
    main: html`<p>${say.passwordWhy}</p>
!${form({ action: base + PASSWORD, csrf, body: html`!${field}!${submitButton(say.continue)}` })}
<p><a href="${base}/users/password/new">${say.forgot}</a></p>`,
  })
  return { ...page, error: problem !== undefined }
}

interface PersonalKeyPage {
  lang: Lang
  base: string
  csrf: string
  personalKey: string
  isMissing?: boolean
}

export function personalKeyPage({ lang, base, csrf, personalKey, isMissing }: PersonalKeyPage): Page {
  const say = words[lang]
  const error = isMissing ? say.keptMissing : undefined
  const body = html`!${checkbox({ name: KEPT, label: say.kept, value: '1', error })}
!${submitButton(say.continue)}`
  return stepPage(
    { lang, base },
    {
      title: say.key,
      alert: alert({ kind: 'success', body: say.verified }),
      errors: error ? [{ field: KEPT, message: error }] : [],
      hasWayOut: false,
      main: html`<p>${say.keyWhy}</p>
<p class="font-mono-lg text-bold" id="personal-key">${personalKey}</p>
!${form({ action: base + PERSONAL_KEY, csrf, body })}`,
    },
  )
}
