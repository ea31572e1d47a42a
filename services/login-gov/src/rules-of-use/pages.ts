import { checkbox, errorSummary, form, submitButton } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import type { Destination } from '@gatehouse/provider/browser/destination'
import { html } from 'ghtml'
import { backLink, type Page } from '../browser/frame.ts'

/** Name of the checkbox. */
export const ACCEPTED = 'rules_of_use_form[terms_accepted]'
const ID = 'rules_of_use_form_terms_accepted'

const words = {
  en: {
    title: 'Rules of Use',
    heading: 'We’ve updated our Rules of Use',
    intro: 'Please read the rules and accept them to go on to your account.',
    rules: [
      'This is a test system: use it for tests, with people and data that are made up.',
      'Use an account only if it was made for you or for your test.',
      'Keep passwords, codes and keys of an account to yourself.',
      'An account can be suspended, changed or deleted by whoever administers the system.',
    ],
    accept: 'I read and accept the Rules of Use',
    missing: 'Please check this box to continue.',
    submit: 'Continue',
    leave: 'Sign in with another account',
  },
  es: {
    title: 'Reglas de uso',
    heading: 'Actualizamos nuestras reglas de uso',
    intro: 'Lea las reglas y acéptelas para continuar a su cuenta.',
    rules: [
      'Este es un sistema de prueba: úselo para pruebas, con personas y datos ficticios.',
      'Use una cuenta solo si se creó para usted o para su prueba.',
      'No comparta las contraseñas, los códigos ni las llaves de una cuenta.',
      'Quien administra el sistema puede suspender, cambiar o eliminar una cuenta.',
    ],
    accept: 'Leí y acepto las reglas de uso',
    missing: 'Marque esta casilla para continuar.',
    submit: 'Continuar',
    leave: 'Iniciar sesión con otra cuenta',
  },
}

/** The rules themselves, wherever somebody accepts them. */
export function rulesList(lang: Lang): string {
  return html`<ul class="usa-list">!${words[lang].rules.map((rule) => html`<li>${rule}</li>`)}</ul>`
}

export interface RulesPage {
  lang: Lang
  base: string
  csrf: string
  destination: Destination | undefined
  isMissing?: boolean
}

export function rulesPage({ lang, base, csrf, destination, isMissing = false }: RulesPage): Page {
  const say = words[lang]
  const error = isMissing ? say.missing : undefined
  const body = html`!${checkbox({ name: ACCEPTED, id: ID, label: say.accept, value: '1', error })}
!${submitButton(say.submit)}`
  const leave = submitButton(say.leave, { variant: 'unstyled' })
  const main = html`!${errorSummary(error ? [{ field: ID, message: error }] : [], lang)}<h1>${say.heading}</h1>
<p>${say.intro}</p>
!${rulesList(lang)}
!${form({ action: `${base}/rules_of_use`, csrf, body })}
!${form({ action: `${base}/logout`, csrf, label: say.leave, body: leave })}
!${backLink(destination, base, lang)}`
  return { title: say.title, main, error: isMissing, status: isMissing ? 422 : 200 }
}
