// The methods that are typed and come from nowhere but the person: a Code Generator's code, a recovery code, a backup code.

import { errorSummary, form, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'
import { type AroundStep, stepHeading, stepTitle, waysOut } from './around.ts'
import { pathOf } from './choice-routes.ts'
import { type CodeProblem, codeField, codeProblemText } from './code-field.ts'

export const TYPED_METHODS = ['code_generator', 'recovery_code', 'backup_code'] as const
export type TypedMethod = (typeof TYPED_METHODS)[number]

const words = {
  en: {
    intro: {
      code_generator:
        'Open ID.me Authenticator, or the app that you set up. It shows a new code every 30 seconds.',
      recovery_code: 'Your recovery code works once. Afterwards you can get a new one in your settings.',
      backup_code: 'Each of your backup codes works once.',
    },
    label: {
      code_generator: 'Enter the 6-digit code',
      recovery_code: 'Enter your recovery code',
      backup_code: 'Enter a backup code',
    },
    continue: 'Continue',
  },
  es: {
    intro: {
      code_generator:
        'Abra ID.me Authenticator o la aplicación que configuró. Muestra un código nuevo cada 30 segundos.',
      recovery_code:
        'Su código de recuperación sirve una vez. Después puede obtener otro en su configuración.',
      backup_code: 'Cada uno de sus códigos de respaldo sirve una vez.',
    },
    label: {
      code_generator: 'Introduzca el código de 6 dígitos',
      recovery_code: 'Introduzca su código de recuperación',
      backup_code: 'Introduzca un código de respaldo',
    },
    continue: 'Continuar',
  },
}

export function typedPage(around: AroundStep, method: TypedMethod, problem?: CodeProblem): Page {
  const { lang, base, csrf } = around
  const say = words[lang]
  const error = problem && codeProblemText(problem, lang)
  const kind = method === 'code_generator' ? 'digits' : 'paper'
  const main = html`!${error ? errorSummary([{ field: 'code', message: error }], lang) : ''}
!${stepHeading(lang, 3)}
<p>${say.intro[method]}</p>
!${form({
    action: base + pathOf(method),
    csrf,
    autocomplete: 'off',
    body: html`!${codeField({ label: say.label[method], kind, error })}!${submitButton(say.continue)}`,
  })}
!${waysOut(around)}`
  return { title: stepTitle(lang), main, error: error !== undefined, status: error ? 422 : 200 }
}
