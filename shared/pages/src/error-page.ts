import { html } from 'ghtml'
import { alert, buttonLink } from './forms.ts'
import { layout } from './layout.ts'
import type { Lang, Site } from './site.ts'

/** The members of an RFC 9457 problem document that a person gets to see. */
export interface PageProblem {
  status: number
  title: string
  detail?: string
  code?: string
  requestId?: string
}

const plainWords: Record<string, { title: string; detail: string }> = {
  csrf: {
    title: 'This page expired',
    detail:
      'Go back and try again. If it happens again, reload the page and check that your browser accepts cookies.',
  },
  404: {
    title: 'Page not found',
    detail: 'Check the web address. If you followed a link, the page may have moved.',
  },
  429: { title: 'Too many requests', detail: 'Wait a few minutes and try again.' },
  500: {
    title: 'Something went wrong',
    detail: 'The problem is on our side. Try again in a few minutes.',
  },
  503: {
    title: 'Not available right now',
    detail: 'Try again in a few minutes.',
  },
}

const referenceWord: Record<Lang, string> = { en: 'Reference', es: 'Referencia' }

/** The line by which support finds a request in the log; empty when it has no id. */
export function reference(requestId: string | undefined, lang: Lang = 'en'): string {
  return requestId ? html`<p class="gh-reference">${referenceWord[lang]}: <code>${requestId}</code></p>` : ''
}

/**
 * A whole HTML document for a problem. Known codes and statuses get plain words; from 500 on nothing
 * of the problem's own text is shown, since it is written for the log and not for the person.
 */
export function errorPage(problem: PageProblem, site: Site): string {
  const known =
    plainWords[problem.code ?? ''] ??
    plainWords[problem.status] ??
    (problem.status >= 500 ? plainWords[500] : undefined)
  const title = known?.title ?? problem.title
  const detail = known?.detail ?? problem.detail ?? ''
  const main = html`<h1>${title}</h1>
!${detail ? alert({ kind: 'error', body: detail }) : ''}
<p>!${buttonLink(`Go to ${site.name}`, '/', { variant: 'outline' })}</p>
!${reference(problem.requestId)}`
  return layout({ site, title, main, width: 'narrow', error: true })
}
