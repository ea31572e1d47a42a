import { errorSummary, form, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'
import {
  type CertificateChoice,
  type CertificateProblem,
  certificateField,
  certificateProblem,
} from '../second-factor/certificate-pages.ts'
import { SET_UP_PATHS } from './choice.ts'
import { nameField } from './name.ts'
import { type SetUpFrame, setUpLinks } from './set-up-frame.ts'

const words = {
  en: {
    title: 'Add your government employee ID',
    intro: 'Each time you sign in we ask for your PIV or CAC card.',
    submit: 'Add PIV/CAC card',
    tooMany: 'Your account has as many PIV/CAC cards as it can have. Remove one first.',
  },
  es: {
    title: 'Añada su identificación de empleado del Gobierno',
    intro: 'Cada vez que inicie sesión le pediremos su tarjeta PIV o CAC.',
    submit: 'Añadir la tarjeta PIV/CAC',
    tooMany: 'Su cuenta tiene tantas tarjetas PIV/CAC como puede tener. Elimine una primero.',
  },
}

export function certificateSetUpPage(
  frame: SetUpFrame,
  given: { choices: CertificateChoice[]; name?: string; problem?: CertificateProblem | 'tooMany' },
): Page {
  const { lang, base, csrf, user } = frame
  const { choices, name, problem } = given
  const say = words[lang]
  const error = problem && (problem === 'tooMany' ? say.tooMany : certificateProblem(problem, lang))
  const main = html`!${error ? errorSummary([{ field: 'certificate', message: error }], lang) : ''}
<h1>${say.title}</h1>
<p>${say.intro}</p>
!${form({
    action: base + SET_UP_PATHS.piv_cac,
    csrf,
    body: html`!${nameField(lang, name)}!${certificateField(choices, lang, error)}!${submitButton(say.submit)}`,
  })}
!${setUpLinks(frame)}`
  return {
    title: say.title,
    main,
    error: error !== undefined,
    status: error ? 422 : 200,
    ...(user ? { user } : {}),
  }
}
