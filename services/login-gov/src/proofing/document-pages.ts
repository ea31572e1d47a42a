import { type FieldError, form, radioGroup, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'
import type { DocumentProblem } from './document.ts'
import { type Around, stepPage } from './frame.ts'
import { DOCUMENT, SELFIE } from './paths.ts'

const words = {
  en: {
    title: 'Add your document',
    intro:
      'This test system takes a text in YAML in place of photos of a driver’s license or state ID. Change it to test what happens.',
    label: 'Document',
    hint: 'A line friendly_error makes the check fail with its text; doc_auth_result: Failed makes it fail as well.',
    submit: 'Continue',
    problems: {
      blank: 'Enter your document.',
      too_long: 'The document is too long. It may have 20,000 characters.',
      unreadable: 'The document cannot be read. Enter YAML with a part named document.',
      lines: (lines: string) => `These lines of the document are missing or not valid: ${lines}.`,
      refused: 'We could not verify your document. Try again.',
      face: 'The photo on your document does not match your face. Try again.',
    },
    attempts: (count: number) =>
      count === 1 ? 'You can try once more.' : `You can try ${count} more times.`,
    selfie: 'Take a photo of yourself',
    selfieIntro:
      'This test system has no camera. Choose what the comparison of your face with your document will find.',
    legend: 'Your photo',
    matches: 'It matches the document',
    differs: 'It does not match the document',
    takePhoto: 'Take photo',
    chooseOne: 'Choose whether your photo matches the document.',
  },
  es: {
    title: 'Agregue su documento',
    intro:
      'Este sistema de prueba acepta un texto en YAML en lugar de fotos de una licencia de conducir o identificación estatal. Cámbielo para probar lo que sucede.',
    label: 'Documento',
    hint: 'Una línea friendly_error hace fallar la comprobación con su texto; doc_auth_result: Failed también la hace fallar.',
    submit: 'Continuar',
    problems: {
      blank: 'Introduzca su documento.',
      too_long: 'El documento es demasiado largo. Puede tener 20 000 caracteres.',
      unreadable: 'El documento no se puede leer. Introduzca YAML con una parte llamada document.',
      lines: (lines: string) => `Faltan estas líneas del documento, o no son válidas: ${lines}.`,
      refused: 'No pudimos verificar su documento. Inténtelo de nuevo.',
      face: 'La foto de su documento no coincide con su cara. Inténtelo de nuevo.',
    },
    attempts: (count: number) =>
      count === 1 ? 'Puede intentarlo una vez más.' : `Puede intentarlo ${count} veces más.`,
    selfie: 'Tómese una foto',
    selfieIntro:
      'Este sistema de prueba no tiene cámara. Elija qué resultará de comparar su cara con su documento.',
    legend: 'Su foto',
    matches: 'Coincide con el documento',
    differs: 'No coincide con el documento',
    takePhoto: 'Tomar foto',
    chooseOne: 'Elija si su foto coincide con el documento.',
  },
}

interface DocumentPage {
  /** What the field holds. */
  text: string
  problem?: DocumentProblem
  attemptsLeft: number
}

export function documentPage(around: Around, { text, problem, attemptsLeft }: DocumentPage): Page {
  const { lang, base, csrf } = around
  const say = words[lang]
  const error = problem && documentError(problem, attemptsLeft, around)
  const body = html`!${textArea({ name: 'document', label: say.label, hint: say.hint, text, error })}
!${submitButton(say.submit)}`
  return stepPage(around, {
    title: say.title,
    errors: error ? [{ field: 'document', message: error }] : [],
    main: html`<p>${say.intro}</p>!${form({ action: base + DOCUMENT, csrf, body, autocomplete: 'off' })}`,
  })
}

function documentError(problem: DocumentProblem, attemptsLeft: number, { lang }: Around): string {
  const { problems, attempts } = words[lang]
  if (problem.kind === 'lines') return problems.lines(problem.lines.join(', '))
  if (problem.kind === 'face') return `${problems.face} ${attempts(attemptsLeft)}`
  if (problem.kind === 'refused') return `${problem.said ?? problems.refused} ${attempts(attemptsLeft)}`
  return problems[problem.kind]
}

interface SelfiePage {
  /** The choice that is marked. */
  photo: 'matches' | 'differs'
  problem?: 'missing' | 'differs'
  attemptsLeft: number
}

export function selfiePage(around: Around, { photo, problem, attemptsLeft }: SelfiePage): Page {
  const { lang, base, csrf } = around
  const say = words[lang]
  const differs = `${say.problems.face} ${say.attempts(attemptsLeft)}`
  const error = problem && (problem === 'missing' ? say.chooseOne : differs)
  const errors: FieldError[] = error ? [{ field: 'photo', message: error }] : []
  const options = (['matches', 'differs'] as const).map((value) => ({ value, label: say[value] }))
  const body = html`!${radioGroup({ name: 'photo', label: say.legend, options, value: photo, error })}
!${submitButton(say.takePhoto)}`
  return stepPage(around, {
    title: say.selfie,
    errors,
    main: html`<p>${say.selfieIntro}</p>!${form({ action: base + SELFIE, csrf, body })}`,
  })
}

/** Only this page has one; in the markup of the other fields. */
function textArea(given: {
  name: string
  label: string
  hint: string
  text: string
  error: string | undefined
}): string {
  const { name, label, hint, text, error } = given
  const described = [`${name}-hint`, ...(error ? [`${name}-error`] : [])].join(' ')
  return html`<div class="usa-form-group!${error ? ' usa-form-group--error' : ''}">
<label class="usa-label!${error ? ' usa-label--error' : ''}" for="${name}">${label}</label>
<span class="usa-hint" id="${name}-hint">${hint}</span>
!${error ? html`<span class="usa-error-message" id="${name}-error">${error}</span>` : ''}
<textarea class="usa-textarea height-auto!${error ? ' usa-input--error' : ''}" id="${name}" name="${name}" rows="14" spellcheck="false" aria-describedby="${described}"!${error ? ' aria-invalid="true"' : ''}>
${text}</textarea></div>`
}
