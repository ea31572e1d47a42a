import { alert, form, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'
import { SET_UP_PATHS } from './choice.ts'
import { type SetUpFrame, setUpLinks } from './set-up-frame.ts'

const words = {
  en: {
    title: 'Get backup codes',
    intro: (count: number) =>
      `You get ${count} codes to print or save. Each works once, in place of another authentication method.`,
    replaces: 'You have backup codes already. They stop working when you get new ones.',
    submit: 'Continue',
  },
  es: {
    title: 'Obtenga códigos de respaldo',
    intro: (count: number) =>
      `Recibirá ${count} códigos para imprimir o guardar. Cada uno sirve una vez, en lugar de otro método de autenticación.`,
    replaces: 'Ya tiene códigos de respaldo. Dejarán de servir cuando reciba los nuevos.',
    submit: 'Continuar',
  },
}

export function backupCodePage(
  frame: SetUpFrame,
  { count, replaces }: { count: number; replaces: boolean },
): Page {
  const { lang, base, csrf, user } = frame
  const say = words[lang]
  const main = html`<h1>${say.title}</h1>
<p>${say.intro(count)}</p>
!${replaces ? alert({ kind: 'warning', body: say.replaces }) : ''}
!${form({ action: base + SET_UP_PATHS.backup_code, csrf, body: submitButton(say.submit) })}
!${setUpLinks(frame)}`
  return { title: say.title, main, ...(user ? { user } : {}) }
}
