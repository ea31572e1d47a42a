import { form, submitButton, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'
import { type Around, stepPage } from './frame.ts'
import { DOCUMENT, INFORMATION, SSN } from './paths.ts'
import type { DocumentIdentity } from './progress.ts'

const words = {
  en: {
    ssn: 'Enter your Social Security number',
    ssnIntro:
      'In this test system, a number that begins with 900 or 666 can be verified, and so can that of your persona.',
    ssnLabel: 'Social Security number',
    ssnHint: '9 digits',
    blank: 'Please fill in this field.',
    malformed: 'Enter a Social Security number of 9 digits.',
    continue: 'Continue',
    information: 'Verify your information',
    intro: 'Check that this is right. We compare it with what is on record.',
    name: 'Name',
    birthdate: 'Date of birth',
    address: 'Address',
    changeDocument: 'Change your document',
    changeSsn: 'Change your Social Security number',
    submit: 'Submit',
  },
  es: {
    ssn: 'Introduzca su número de Seguro Social',
    ssnIntro:
      'En este sistema de prueba se puede verificar un número que comience por 900 o 666, y también el de su personaje.',
    ssnLabel: 'Número de Seguro Social',
    ssnHint: '9 dígitos',
    blank: 'Por favor, rellene este campo.',
    malformed: 'Introduzca un número de Seguro Social de 9 dígitos.',
    continue: 'Continuar',
    information: 'Verifique su información',
    intro: 'Compruebe que esto es correcto. Lo comparamos con lo que consta en los registros.',
    name: 'Nombre',
    birthdate: 'Fecha de nacimiento',
    address: 'Dirección',
    changeDocument: 'Cambiar su documento',
    changeSsn: 'Cambiar su número de Seguro Social',
    submit: 'Enviar',
  },
}

export function ssnPage(around: Around, problem?: 'blank' | 'malformed'): Page {
  const { lang, base, csrf } = around
  const say = words[lang]
  const error = problem && say[problem]
  // Never filled in again: the page would show it to whoever looks.
  const field = textField({
    name: 'ssn',
    label: say.ssnLabel,
    hint: say.ssnHint,
    inputmode: 'numeric',
    autocomplete: 'off',
    width: 'md',
    required: true,
    error,
  })
  return stepPage(around, {
    title: say.ssn,
    errors: error ? [{ field: 'ssn', message: error }] : [],
    main: html`<p>${say.ssnIntro}</p>
!${form({ action: base + SSN, csrf, autocomplete: 'off', body: html`!${field}!${submitButton(say.continue)}` })}`,
  })
}

export function informationPage(
  around: Around,
  { document, ssn }: { document: DocumentIdentity; ssn: string },
): Page {
  const { lang, base, csrf } = around
  const say = words[lang]
  const { givenName, middleName, familyName, birthdate, address } = document
  const lines = [
    ...address.street.split('\n'),
    `${address.locality}, ${address.region} ${address.postalCode}`,
  ]
  const item = (name: string, value: string) =>
    html`<dt><strong>${name}</strong></dt><dd class="margin-left-0 margin-bottom-2">!${value}</dd>`
  const main = html`<p>${say.intro}</p><dl>
!${item(say.name, html`${[givenName, middleName, familyName].filter(Boolean).join(' ')}`)}
!${item(say.birthdate, html`${birthdate}`)}
!${item(say.address, lines.map((line, index) => html`!${index > 0 ? '<br>' : ''}${line}`).join(''))}
!${item(say.ssnLabel, html`***-**-${ssn.slice(-4)}`)}
</dl>
<p><a href="${base}${DOCUMENT}">${say.changeDocument}</a><br><a href="${base}${SSN}">${say.changeSsn}</a></p>
!${form({ action: base + INFORMATION, csrf, body: submitButton(say.submit) })}`
  return stepPage(around, { title: say.information, main })
}
