// What the pages of proofing have around them.

import { errorSummary, type FieldError } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import type { Destination } from '@gatehouse/provider/browser/destination'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'
import { CANCEL } from './paths.ts'

export interface Around {
  lang: Lang
  base: string
  csrf: string
  destination: Destination
}

const words = {
  en: { cancel: 'Cancel' },
  es: { cancel: 'Cancelar' },
}

interface StepPage {
  title: string
  /** Trusted HTML under the heading. */
  main: string
  /** Trusted HTML above it. */
  alert?: string
  errors?: FieldError[]
  /** 422 with errors, else 200. */
  status?: number
  /** Default true. */
  hasWayOut?: boolean
}

/** A step: its errors, its heading, and the way out of it. */
export function stepPage(
  { lang, base }: Pick<Around, 'lang' | 'base'>,
  { title, main, alert = '', errors = [], status, hasWayOut = true }: StepPage,
): Page {
  return {
    title,
    main: html`!${errorSummary(errors, lang)}!${alert}<h1>${title}</h1>
!${main}
!${hasWayOut ? cancelLink({ lang, base }) : ''}`,
    error: errors.length > 0,
    status: status ?? (errors.length > 0 ? 422 : 200),
  }
}

export function cancelLink({ lang, base }: Pick<Around, 'lang' | 'base'>): string {
  return html`<div class="border-top-1px border-base-lighter margin-top-4 padding-top-1">
<p><a href="${base}${CANCEL}">${words[lang].cancel}</a></p></div>`
}
