import type { Problem } from '@gatehouse/contracts/problem'
import { errorPage, reference } from '@gatehouse/pages/error-page'
import { alert, buttonLink } from '@gatehouse/pages/forms'
import { layout } from '@gatehouse/pages/layout'
import { signInAdvice, signInRefusals } from '@gatehouse/relying-party/sign-in-routes'
import type { FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import { signInPath } from './places.ts'
import { site } from './site.ts'

/** What this website refuses. */
export const refusals = {
  // Not 401, which would have to name a scheme of HTTP authentication (RFC 9110 §15.5.2).
  session_ended: { status: 403, title: 'Your session ended' },
  user_id_ended: { status: 403, title: 'Your BSO User ID is not active any more' },
  no_cbsv_access: { status: 403, title: 'You do not have access to CBSV' },
  ...signInRefusals,
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
    case 'user_id_ended':
      return {
        body: 'Log out and sign in again with another User ID. If you have none, you can request one on the way.',
        link: { text: 'Go to the BSO Main Menu', href: '/main-menu' },
      }
    case 'no_cbsv_access':
      return {
        body:
          'CBSV is not active for the BSO User ID that you signed in with, or was not when you signed in. The main menu ' +
          'says how to get it. If you have another User ID, log out and choose it at sign-in. If you signed in with a ' +
          'username and a password alone, add extra security to your my Social Security account first.',
        link: { text: 'Go to the BSO Main Menu', href: '/main-menu' },
      }
    default: {
      const advice = signInAdvice[code]
      return advice && { body: advice.body, link: signIn(advice.link) }
    }
  }
}
