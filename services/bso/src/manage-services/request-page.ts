import { SERVICE_NAMES_IN_WORDS, type ServiceStanding } from '@gatehouse/contracts/service-activations'
import { type AlertOptions, alert, buttonLink, form, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { einText, memberPage, type Viewer } from '../site.ts'
import { activeAlready } from './activation-pages.ts'

const REQUEST_SERVICES = 'Request New Services'

/** The services that the User ID has not, each with what its request leads to. */
export function requestPage(viewer: Viewer, services: ServiceStanding[], notice?: AlertOptions): string {
  return memberPage({
    viewer,
    title: REQUEST_SERVICES,
    error: notice?.kind === 'error',
    main: html`!${notice ? alert(notice) : ''}
<h1>${REQUEST_SERVICES}</h1>
!${services.map((standing) => oneService(viewer, standing))}
<p class="bso-buttons">!${buttonLink('Go to the Main Menu', '/main-menu', { variant: 'outline' })}</p>`,
  })
}

function oneService(viewer: Viewer, { service, state }: ServiceStanding): string {
  const heading = html`<h2 id="!${service}">!${service}: ${SERVICE_NAMES_IN_WORDS[service]}</h2>`
  const body = {
    none: () => offer(viewer, service),
    pending: () =>
      html`<p>You have requested this service. It begins when the activation code is entered.</p>
<p>!${buttonLink('View Pending Services', '/services/pending')}</p>`,
    active: () => activeAlready(viewer.person),
  }[state]()
  return html`<section class="bso-box" aria-labelledby="!${service}">!${heading}!${body}</section>`
}

function offer({ person, csrf }: Viewer, service: ServiceStanding['service']): string {
  return html`<p>Find out whether a name and a Social Security number agree with Social Security’s records, with the consent of
the number holder.</p>
<h3>What happens after your request</h3>
<ol>
<li>Social Security mails a letter with an activation code to the Responsible Company Official of your company (EIN
${einText(person.ein)}), at the address that is registered with the IRS. It usually arrives within two weeks.</li>
<li>The Responsible Company Official gives the activation code to you, the authorized employee.</li>
<li>You enter it here in BSO within 60 days. Until then you cannot use the service.</li>
</ol>
!${form({
    action: '/services/request',
    csrf,
    body: html`<input type="hidden" name="service" value="${service}">
!${submitButton('Request this service')}`,
  })}`
}
