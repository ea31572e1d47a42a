import type { Problem } from '@gatehouse/contracts/problem'
import { errorPage, reference } from '@gatehouse/pages/error-page'
import { alert, buttonLink } from '@gatehouse/pages/forms'
import { layout } from '@gatehouse/pages/layout'
import { signInAdvice } from '@gatehouse/relying-party/sign-in-routes'
import type { FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import { signInPath } from './places.ts'
import { site } from './site.ts'

interface Advice {
  body: string
  link: { text: string; href: string }
}

const AGAIN = { text: 'Try again', href: '' }

/** What to do about it; `href` left empty is the page that was asked for. */
const ADVICE: Record<string, Advice> = {
  not_administrator: {
    body:
      'You are signed in, and nobody has made you an administrator, or you never signed in with a security key. ' +
      'Ask whoever runs this system, or sign in again with your security key.',
    link: { text: 'Sign in again', href: '/sign-in?again=yes' },
  },
  role_missing: {
    body: 'What you asked for was not done. Whoever runs this system gives out roles.',
    link: { text: 'Go to the console', href: '/people' },
  },
  phishing_resistant_needed: {
    body: 'You signed in without a security key, so you may look and change nothing. What you asked for was not done.',
    link: { text: 'Sign in again with your security key', href: '/sign-in?again=yes' },
  },
  revocations_unknown: {
    body:
      'The console has not heard from sign-in for a second, so it cannot tell whether your own access was revoked. ' +
      'Until it can, it shows nothing and does nothing.',
    link: AGAIN,
  },
  service_unavailable: {
    body: 'A service that has to answer does not. What you asked for may not be done: look before you try again.',
    link: AGAIN,
  },
}

/** The page for a problem. What an administrator can do next is always on it. */
export function failurePage(problem: Problem, request: FastifyRequest): string {
  const advice = ADVICE[problem.code] ?? signInAdviceFor(problem.code)
  if (!advice) return errorPage(problem, site)
  const here = request.method === 'GET' ? request.url : '/people'
  const main = html`<h1>${problem.title}</h1>
!${alert({ kind: 'error', body: advice.body })}
<p>!${buttonLink(advice.link.text, advice.link.href || here)}</p>
!${reference(problem.requestId)}`
  return layout({ site, title: problem.title, main, width: 'narrow', error: true })
}

function signInAdviceFor(code: string): Advice | undefined {
  const advice = signInAdvice[code]
  return advice && { body: advice.body, link: { text: advice.link, href: signInPath() } }
}
