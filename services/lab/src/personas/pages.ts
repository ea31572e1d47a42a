import { letterBoxOf } from '@gatehouse/contracts/lab'
import { html } from 'ghtml'
import { trayPath } from '../mail/pages.ts'
import { nationalFormat } from '../phone-numbers.ts'
import { boxPath } from '../post/pages.ts'
import { labPage } from '../site.ts'
import type { Personas } from './personas.ts'

type Persona = Personas['all'][number]

const PROOFING: Record<Persona['proofing'], string> = {
  unproofed: 'not verified; passes when asked to verify',
  proofed: 'verified',
  'face-matched': 'verified, with a face match',
  fails: 'not verified; fails when asked to verify',
}

const PROVIDERS = { 'login.gov': 'Login.gov', 'id.me': 'ID.me' }

const EXTRA_SECURITY: Record<NonNullable<Persona['mySsa']>['extraSecurity'], string> = {
  on: 'with extra security',
  'letter-sent': 'extra security asked for: the letter comes at the next sign-in',
  off: 'without extra security',
}

function usernameOf({ firstName, mySsa }: Persona): string {
  if (!mySsa) return ''
  return html`<div><dt>Username</dt><dd>!${copyable(mySsa.username, `the username of ${firstName}`)}
<br><span class="lab-quiet">my Social Security, ${EXTRA_SECURITY[mySsa.extraSecurity]}</span></dd></div>`
}

function enrolmentOf({ ticketPortal }: Persona): string {
  if (!ticketPortal) return ''
  const { organization, kind } = ticketPortal
  return html`<div><dt>Ticket Portal</dt><dd>enrolled for ${organization} (${kind})</dd></div>`
}

function rolesOf({ administrator }: Persona): string {
  if (!administrator) return ''
  return html`<div><dt>Administrator</dt><dd>${administrator.roles.join(', ')}</dd></div>`
}

/** What is not the same for everybody: accounts at some providers only, and groups at ID.me. */
function atProviders({ providers, mySsa, affiliations = [] }: Persona): string {
  const groups = affiliations.map(({ group, subgroups }) =>
    subgroups.length > 0 ? `${group} (${subgroups.join(', ')})` : group,
  )
  const accounts = providers?.map((provider) => PROVIDERS[provider]) ?? []
  if (providers && mySsa) accounts.push('my Social Security')
  return [
    accounts.length > 0 ? html`<div><dt>Accounts</dt><dd>only at ${accounts.join(' and ')}</dd></div>` : '',
    groups.length > 0 ? html`<div><dt>ID.me groups</dt><dd>${groups.join(', ')}</dd></div>` : '',
  ].join('\n')
}

function card(persona: Persona, companies: Personas['companies']): string {
  const { id, firstName, lastName, about, email, password, phoneNumber, address, userIds } = persona
  const companyOf = (ein: string) => companies.find((company) => company.ein === ein)?.name ?? ein
  const held = userIds.map(
    ({ bsoUserId, ein, services }) =>
      html`<li><code>${bsoUserId}</code> ${companyOf(ein)}, EIN ${ein}${services.length > 0 ? `, ${services.join(', ')}` : ''}</li>`,
  )
  return html`<article class="lab-card" aria-labelledby="persona-${id}">
<h2 id="persona-${id}" class="lab-card__title">${firstName} ${lastName}</h2>
<p class="lab-card__about">${about}</p>
<dl class="lab-facts">
<div><dt>Email</dt><dd>!${copyable(email, `the email address of ${firstName}`)}
<a href="${trayPath(email)}">Mail<span class="usa-sr-only"> of ${firstName}</span></a></dd></div>
!${usernameOf(persona)}<div><dt>Password</dt><dd>!${copyable(password, `the password of ${firstName}`)}</dd></div>
<div><dt>Phone</dt><dd><a href="/phones/${phoneNumber}">${nationalFormat(phoneNumber)}</a></dd></div>
<div><dt>Address</dt><dd>${address.street}, ${address.city}, ${address.state} ${address.zipCode}
<a href="${boxPath(letterBoxOf(address))}">Letters<span class="usa-sr-only"> of ${firstName}</span></a></dd></div>
<div><dt>Born</dt><dd>${persona.dateOfBirth}</dd></div>
<div><dt>Identity</dt><dd>${PROOFING[persona.proofing]}${persona.ssn ? '' : '; has no SSN'}</dd></div>
!${atProviders(persona)}<div><dt>BSO User IDs</dt><dd>!${held.length > 0 ? html`<ul class="lab-plain">!${held}</ul>` : 'none yet'}</dd></div>
!${enrolmentOf(persona)}!${rolesOf(persona)}</dl>
</article>`
}

/** A value with a copy button; lab.css shows the button only where scripts run. */
function copyable(value: string, what: string): string {
  return html`<code class="lab-copyable">${value}</code>
<button class="lab-copy" type="button" data-copy="${value}" aria-label="Copy ${what}">Copy</button>`
}

export function personasPage({ all, companies }: Personas): string {
  const cards = all.map((persona) => card(persona, companies))
  return labPage({
    title: 'Personas',
    place: '/personas',
    scripts: ['copy.js'],
    main: html`<h1>Personas</h1>
<p>Made-up people to sign in with. Their passwords were made when this system first started and work nowhere else.
Tests read the same as <a href="/personas.json">personas.json</a>.</p>
!${cards.length > 0 ? html`<div class="lab-cards">!${cards}</div>` : '<p>There are none: this system was started without a persona file.</p>'}`,
  })
}
