// All pages of the Ticket Portal. What they say follows Social Security's description of how staff of Employment
// Networks and State VR agencies get in.

import type { Employment } from '@gatehouse/contracts/enrolments'
import type { Problem } from '@gatehouse/contracts/problem'
import { errorPage, reference } from '@gatehouse/pages/error-page'
import { type AlertOptions, alert, buttonLink } from '@gatehouse/pages/forms'
import { layout } from '@gatehouse/pages/layout'
import type { Site } from '@gatehouse/pages/site'
import { type Arrival, signInAdvice } from '@gatehouse/relying-party/sign-in-routes'
import { html } from 'ghtml'
import type { Person } from './person.ts'

const site: Site = {
  service: 'ticket-portal',
  name: 'Ticket Portal',
  tagline: 'Social Security’s Ticket to Work Program',
}

/** What every page of a signed-in person needs. */
interface Viewer {
  person: Person
  csrf: string
}

const ARRIVALS: Record<Arrival, AlertOptions> = {
  left: {
    kind: 'info',
    heading: 'You left the sign-in',
    body: 'Nothing was changed. Select Sign In to start again.',
  },
  'signed-out': { kind: 'success', heading: 'You are signed out of the Ticket Portal' },
  'signed-out-here-only': {
    kind: 'warning',
    heading: 'You are signed out of the Ticket Portal only',
    body: 'The sign-in service could not be reached and may still know you. Close your browser.',
  },
}

export function welcomePage(arrival?: Arrival): string {
  return layout({
    site,
    title: 'Welcome',
    main: html`!${arrival ? alert(ARRIVALS[arrival]) : ''}
<h1>Ticket Portal</h1>
<p>For staff of Employment Networks (ENs) and State Vocational Rehabilitation agencies (VRAs). You sign in with your own
<em>my</em> Social Security account, which must have extra security.</p>
<h2>Adding Extra Security: requirements</h2>
<p>To sign in for the first time you need:</p>
<ul class="usa-list">
<li>your <em>my</em> Social Security account username,</li>
<li>your <em>my</em> Social Security account password,</li>
<li>a cell phone number, of a phone that receives text messages, and</li>
<li>the Account Upgrade Code, or “Upgrade Code”, out of the letter that we mailed to you.</li>
</ul>
<p>Then notify Social Security, so that somebody enrolls you for the Ticket Portal.</p>
<p>!${buttonLink('Sign In', '/sign-in')}</p>
!${remember}
!${help}`,
  })
}

/** For who signed in with a password only. */
export function extraSecurityPage(viewer: Viewer, mySsaUrl: string): string {
  return memberPage(
    viewer,
    'Extra security is needed',
    html`<p>You signed in without extra security. The Ticket Portal is open only to people who enter their username, their password and a
unique text message sent to their cell phone.</p>
<h2>What to do</h2>
<ul class="usa-list">
<li>If you have your extra security letter and your phone, sign in again and choose
“Yes, enable my extra security.”</li>
<li>If you have no letter, or its upgrade code expired, request extra security in
<a class="usa-link" href="${mySsaUrl}"><em>my</em> Social Security</a>. We mail you a new letter; sign in again when you have it.</li>
<li>If you have extra security already, sign in again and enter the security code that we send to your phone.</li>
</ul>
<p>!${buttonLink('Sign in again', '/sign-in')}</p>`,
  )
}

/** For who has extra security and is not enrolled. */
export function notifyPage(viewer: Viewer): string {
  const { username } = viewer.person
  const own = username
    ? html`<p>Your <em>my</em> Social Security username: <strong>${username}</strong></p>`
    : ''
  return memberPage(
    viewer,
    'Notify Social Security',
    html`!${alert({
      kind: 'info',
      heading: 'You are not enrolled for the Ticket Portal',
      body: 'Your extra security works. One step is left.',
    })}
<p>Call your designated EN Service representative, or write to Social Security:</p>
<ul class="usa-list">
<li>ENs contact <strong>enservice@ssa.gov</strong></li>
<li>VRAs contact <strong>VR.Helpdesk@ssa.gov</strong></li>
</ul>
<p class="text-base-dark">These are the real agency’s addresses; this test system sends nothing there. Here, whoever runs the system enrolls you.</p>
<ol class="usa-process-list">
<li class="usa-process-list__item"><h2 class="usa-process-list__heading">Say that you are ready</h2>
<p>Write that you have registered for your <em>my</em> Social Security account with extra security, and include your phone number.</p></li>
<li class="usa-process-list__item"><h2 class="usa-process-list__heading">Somebody calls you</h2>
<p>You are asked for your <em>my</em> Social Security username, so that you can be enrolled, and for your SSN, to verify
your identity.</p>
!${own}</li>
<li class="usa-process-list__item"><h2 class="usa-process-list__heading">Sign in again</h2>
<p>Once you are enrolled, sign in again to open the Ticket Portal.</p>
<p>!${buttonLink('Sign in again', '/sign-in')}</p></li>
</ol>`,
  )
}

const KINDS: Record<Employment['kind'], string> = {
  EN: 'Employment Network (EN)',
  VRA: 'State Vocational Rehabilitation agency (VRA)',
}

export function portalPage(viewer: Viewer, { organization, kind }: Employment): string {
  return memberPage(
    viewer,
    'Ticket Portal',
    html`<p>Welcome, ${viewer.person.name}. You signed in with extra security and are enrolled.</p>
<table class="usa-table usa-table--borderless">
<caption class="usa-sr-only">Your enrollment</caption>
<tbody>
<tr><th scope="row">Name</th><td>${viewer.person.name}</td></tr>
<tr><th scope="row">Organization</th><td>${organization}</td></tr>
<tr><th scope="row">Kind</th><td>${KINDS[kind]}</td></tr>
</tbody>
</table>
<p>What the real Ticket Portal offers from here on is not in this system: it ends where a person is let in.</p>`,
  )
}

/** The page for a problem. What a person can do next is always on it. */
export function failurePage(problem: Problem): string {
  const advice = signInAdvice[problem.code]
  if (!advice) return errorPage(problem, site)
  const main = html`<h1>${problem.title}</h1>
!${alert({ kind: 'error', body: advice.body })}
<p>!${buttonLink(advice.link, '/sign-in')}</p>
!${reference(problem.requestId)}`
  return layout({ site, title: problem.title, main, width: 'narrow', error: true })
}

function memberPage({ person, csrf }: Viewer, title: string, content: string): string {
  const user = { name: person.name, signOut: { action: '/sign-out', csrf } }
  return layout({
    site,
    title,
    user,
    main: html`<h1>${title}</h1>
!${content}
!${remember}
!${help}`,
  })
}

const remember = html`<section class="usa-summary-box margin-top-4" aria-labelledby="remember"><div class="usa-summary-box__body">
<h2 class="usa-summary-box__heading" id="remember">Remember</h2>
<div class="usa-summary-box__text"><ul class="usa-list">
<li>Your Social Security information is confidential.</li>
<li>Do not share it with anyone.</li>
</ul></div>
</div></section>`

const help = html`<section aria-labelledby="help"><h2 id="help">Need help?</h2>
<p>A Social Security representative helps with a <em>my</em> Social Security account Monday through Friday, 7:00 a.m. to 7:00 p.m.
Eastern Time. Toll free: <strong class="text-no-wrap">1-800-772-1213</strong>. TTY, for deaf or hard of hearing: <strong class="text-no-wrap">1-800-325-0778</strong>.</p>
</section>`
