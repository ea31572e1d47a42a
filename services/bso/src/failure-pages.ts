import type { Problem } from '@gatehouse/contracts/problem'
import { errorPage, reference } from '@gatehouse/pages/error-page'
import { alert, buttonLink } from '@gatehouse/pages/forms'
import { layout } from '@gatehouse/pages/layout'
import type { FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import { signInPath } from './places.ts'
import { site } from './site.ts'

/** What this website refuses. */
export const refusals = {
  // Not 401, which would have to name a scheme of HTTP authentication (RFC 9110 §15.5.2).
  session_ended: { status: 403, title: 'Your session ended' },
  no_cbsv_access: { status: 403, title: 'You do not have access to CBSV' },
  sign_in_not_begun: { status: 400, title: 'This sign-in cannot be continued' },
  sign_in_failed: { status: 502, title: 'The sign-in was not completed' },
  sign_in_unavailable: { status: 503, title: 'Sign-in is not available right now' },
}

interface Words {
  body: string
  link: { text: string; href: string }
}

/** The page for a problem. What a person can do next is always on it. */
export function failurePage(problem: Problem, request: FastifyRequest): string {
  const words = wordsFor(problem.code, request.routeOptions.url)
  if (!words) return errorPage(problem, site)
  const main = html`<h1>${problem.title}</h1>
!${alert({ kind: problem.code === 'session_ended' ? 'warning' : 'error', body: words.body })}
<p>!${buttonLink(words.link.text, words.link.href)}</p>
<p><a href="/">Go to the BSO welcome page</a></p>
!${reference(problem.requestId)}`
  return layout({ site, title: problem.title, main, width: 'narrow', error: true })
}

function wordsFor(code: string, path: string | undefined): Words | undefined {
  const signIn = (text: string) => ({ text, href: signInPath(path) })
  switch (code) {
    case 'session_ended':
      return {
        body: 'Sign in again to continue. If you had just submitted something, it was not sent.',
        link: signIn('Sign in again'),
      }
    case 'no_cbsv_access':
      return {
        body:
          'CBSV is not active for the BSO User ID that you signed in with. The Responsible Company Official of your ' +
          'company can request it with form SSA-88. If you have another User ID, log out and choose it at sign-in.',
        link: { text: 'Go to the BSO Main Menu', href: '/main-menu' },
      }
    case 'sign_in_not_begun':
      return {
        body:
          'It was not begun in this browser, was finished before, or took longer than an hour. ' +
          'Check that your browser accepts cookies.',
        link: signIn('Start again'),
      }
    case 'sign_in_failed':
      return {
        body: 'The answer of the sign-in service could not be accepted. You are not signed in.',
        link: signIn('Try again'),
      }
    case 'sign_in_unavailable':
      return {
        body: 'The sign-in service does not answer. Wait a moment and try again.',
        link: signIn('Try again'),
      }
    default:
      return undefined
  }
}
