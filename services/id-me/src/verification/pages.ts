import { alert, errorSummary, form, radioGroup, submitButton, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { type Around, backLink, type Page } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'
import type { EvidenceField, EvidenceProblem } from './evidence.ts'

const words = {
  en: {
    title: 'Verify your identity',
    needs: (name: string) => `${name} needs to know that you are who you say you are.`,
    persona: 'You are one of the personas of this test system: your documents are on file.',
    submit: 'Verify my identity',
    document: 'What do you verify with?',
    documents: { ssn: 'Social Security number or ITIN', passport: 'Passport' },
    noSsn: 'Choose the passport if you have no Social Security number.',
    madeUp: 'Do not enter anything real. A number that ends in 0000 is one that cannot be verified.',
    fields: {
      givenName: 'First name',
      middleName: 'Middle name',
      familyName: 'Last name',
      birthdate: 'Date of birth',
      number: 'Number of the document',
      street: 'Street address',
      city: 'City',
      state: 'State (two letters)',
      zip: 'ZIP code',
    },
    hints: {
      birthdate: 'For example 1984-03-12',
      number: 'SSN: nine digits that begin with 9 or 666. Passport: nine letters or digits.',
    },
    optional: 'optional',
    problems: {
      blank: 'Please fill in this field.',
      malformed: 'This is not in the right form.',
      future: 'Enter a date in the past.',
      real: 'Use a number that begins with 9 or 666: real ones have no place here.',
    },
    failedTitle: 'We could not verify your identity',
    failed: 'What you gave us does not match what is on record.',
    again: 'Try again',
    groupTitle: 'Verify your group',
    groupFailed: (group: string) => `We could not verify that you belong to: ${group}.`,
    groupWhy: 'In this test system the personas alone belong to groups.',
  },
  es: {
    title: 'Verifique su identidad',
    needs: (name: string) => `${name} necesita saber que usted es quien dice ser.`,
    persona: 'Usted es una de las personas ficticias de este sistema de prueba: tenemos sus documentos.',
    submit: 'Verificar mi identidad',
    document: '¿Con qué se verifica?',
    documents: { ssn: 'Número de Seguro Social o ITIN', passport: 'Pasaporte' },
    noSsn: 'Elija el pasaporte si no tiene número de Seguro Social.',
    madeUp: 'No escriba nada real. Un número que termina en 0000 no se puede verificar.',
    fields: {
      givenName: 'Nombre',
      middleName: 'Segundo nombre',
      familyName: 'Apellido',
      birthdate: 'Fecha de nacimiento',
      number: 'Número del documento',
      street: 'Calle y número',
      city: 'Ciudad',
      state: 'Estado (dos letras)',
      zip: 'Código postal',
    },
    hints: {
      birthdate: 'Por ejemplo 1984-03-12',
      number: 'SSN: nueve dígitos que empiezan por 9 o 666. Pasaporte: nueve letras o dígitos.',
    },
    optional: 'opcional',
    problems: {
      blank: 'Por favor, rellene este campo.',
      malformed: 'No tiene la forma correcta.',
      future: 'Escriba una fecha pasada.',
      real: 'Use un número que empiece por 9 o 666: los reales no deben usarse aquí.',
    },
    failedTitle: 'No pudimos verificar su identidad',
    failed: 'Lo que nos dio no coincide con lo que consta.',
    again: 'Intentarlo de nuevo',
    groupTitle: 'Verifique su grupo',
    groupFailed: (group: string) => `No pudimos verificar que usted pertenece a: ${group}.`,
    groupWhy: 'En este sistema de prueba solo las personas ficticias pertenecen a grupos.',
  },
}

/** For a persona, whose documents are known. */
export function personaPage(around: Around): Page {
  const { lang, base, csrf, destination } = around
  const say = words[lang]
  const main = html`<h1>${say.title}</h1>
!${destination ? html`<p>${say.needs(destination.name)}</p>` : ''}
<p>${say.persona}</p>
!${form({ action: base + PATHS.verification, csrf, body: submitButton(say.submit) })}
!${backLink(around)}`
  return { title: say.title, main }
}

const AUTOCOMPLETE: Record<EvidenceField, string> = {
  givenName: 'given-name',
  middleName: 'additional-name',
  familyName: 'family-name',
  birthdate: 'bday',
  number: 'off',
  street: 'street-address',
  city: 'address-level2',
  state: 'address-level1',
  zip: 'postal-code',
}

/** @param values what was entered; the number of the document is never shown again */
export function evidencePage(
  around: Around,
  values: Partial<Record<string, string>> = {},
  problems: EvidenceProblem[] = [],
): Page {
  const { lang, base, csrf, destination } = around
  const say = words[lang]
  const errors = problems.map(({ field, problem }) => ({ field, message: say.problems[problem] }))
  const errorOf = (name: string) => errors.find(({ field }) => field === name)?.message
  const field = (name: EvidenceField) =>
    textField({
      name,
      label: say.fields[name],
      autocomplete: AUTOCOMPLETE[name],
      required: name !== 'middleName',
      optionalWord: say.optional,
      ...(name === 'number' ? {} : { value: values[name] ?? '' }),
      ...(name === 'number' || name === 'birthdate' ? { hint: say.hints[name] } : {}),
      ...(errorOf(name) ? { error: errorOf(name) ?? '' } : {}),
    })
  const documents = Object.entries(say.documents).map(([value, label]) => ({ value, label }))
  const documentError = errorOf('document')
  // One message can be about several fields: in the summary each is named.
  const named = errors.map(({ field, message }) => ({
    field,
    message: `${field === 'document' ? say.document : say.fields[field]}: ${message}`,
  }))
  const main = html`!${errorSummary(named, lang)}<h1>${say.title}</h1>
!${destination ? html`<p>${say.needs(destination.name)}</p>` : ''}
<p>${say.madeUp}</p>
!${form({
    action: base + PATHS.verification,
    csrf,
    autocomplete: 'off',
    body: html`!${(['givenName', 'middleName', 'familyName', 'birthdate'] as const).map(field)}
!${radioGroup({
      name: 'document',
      label: say.document,
      hint: say.noSsn,
      options: documents,
      value: values.document ?? '',
      ...(documentError ? { error: documentError } : {}),
    })}
!${(['number', 'street', 'city', 'state', 'zip'] as const).map(field)}
!${submitButton(say.submit)}`,
  })}
!${backLink(around)}`
  return { title: say.title, main, error: errors.length > 0, status: errors.length > 0 ? 422 : 200 }
}

export function failedPage(around: Around): Page {
  const { lang, base } = around
  const say = words[lang]
  const main = html`!${alert({ kind: 'error', body: say.failed })}
<h1>${say.failedTitle}</h1>
<p><a href="${base}${PATHS.verification}">${say.again}</a></p>
!${backLink(around)}`
  return { title: say.failedTitle, main, error: true, status: 422 }
}

export function groupFailedPage(around: Around, group: string): Page {
  const say = words[around.lang]
  const main = html`!${alert({ kind: 'error', body: say.groupFailed(group) })}
<h1>${say.groupTitle}</h1>
<p>${say.groupWhy}</p>
!${backLink(around)}`
  return { title: say.groupTitle, main, error: true, status: 422 }
}
