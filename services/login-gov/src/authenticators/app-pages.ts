import { errorSummary, form, submitButton, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'
import { nameField } from './name.ts'
import { type SetUpFrame, setUpLinks } from './set-up-frame.ts'

const words = {
  en: {
    title: 'Add an authentication app',
    intro: 'Set up an authentication app that makes one-time codes.',
    open: 'Open your app and scan this QR code,',
    type: 'or enter this key into your app:',
    key: 'Key',
    code: 'One-time code from your app',
    hint: '6 digits',
    submit: 'Submit',
    invalid: 'That one-time code is invalid. Try again or request a new code.',
    blank: 'Please fill in this field.',
    tooMany: 'Your account has as many authentication apps as it can have. Remove one first.',
    picture: 'QR code with the key for your app',
  },
  es: {
    title: 'Añada una aplicación de autenticación',
    intro: 'Configure una aplicación de autenticación que genere códigos de un solo uso.',
    open: 'Abra su aplicación y escanee este código QR,',
    type: 'o introduzca esta clave en su aplicación:',
    key: 'Clave',
    code: 'Código de un solo uso de su aplicación',
    hint: '6 dígitos',
    submit: 'Enviar',
    invalid: 'Ese código de un solo uso no es válido. Inténtelo de nuevo o solicite un código nuevo.',
    blank: 'Por favor, rellene este campo.',
    tooMany: 'Su cuenta tiene tantas aplicaciones de autenticación como puede tener. Elimine una primero.',
    picture: 'Código QR con la clave para su aplicación',
  },
}

export type AppProblem = 'invalid' | 'blank' | 'tooMany'

export function appSetUpPage(
  frame: SetUpFrame,
  given: { secret: string; qrCode: string; name?: string; problem?: AppProblem },
): Page {
  const { lang, base, csrf, user } = frame
  const { secret, qrCode, name, problem } = given
  const say = words[lang]
  const error = problem && say[problem]
  const main = html`!${error ? errorSummary([{ field: 'code', message: error }], lang) : ''}
<h1>${say.title}</h1>
<p>${say.intro}</p>
<p>${say.open}</p>
<div class="width-card-lg bg-white" role="img" aria-label="${say.picture}">!${qrCode}</div>
<p>${say.type}</p>
<p><span class="usa-sr-only">${say.key} </span><code>${secret.replace(/(.{4})(?=.)/g, '$1 ')}</code></p>
!${form({
    action: `${base}/authenticator_setup`,
    csrf,
    autocomplete: 'off',
    body: html`!${nameField(lang, name)}
!${textField({ name: 'code', label: say.code, hint: say.hint, inputmode: 'numeric', autocomplete: 'one-time-code', width: 'sm', required: true, error })}
!${submitButton(say.submit)}`,
  })}
!${setUpLinks(frame)}`
  return {
    title: say.title,
    main,
    error: problem !== undefined,
    status: problem ? 422 : 200,
    ...(user ? { user } : {}),
  }
}
