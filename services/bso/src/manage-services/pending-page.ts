import { SERVICE_NAMES_IN_WORDS, type ServiceStanding } from '@gatehouse/contracts/service-activations'
import { type AlertOptions, alert, buttonLink, form, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { memberPage, type Viewer } from '../site.ts'
import { dateInWords, dayOf } from './dates.ts'

const PENDING_SERVICES = 'View Pending Services'

/** The services that wait for their activation code, and where the letter with it is. */
export function pendingPage(viewer: Viewer, services: ServiceStanding[], notice?: AlertOptions): string {
  const pending = services.filter(({ state }) => state === 'pending')
  return memberPage({
    viewer,
    title: PENDING_SERVICES,
    error: notice?.kind === 'error',
    main: html`!${notice ? alert(notice) : ''}
<h1>${PENDING_SERVICES}</h1>
!${pending.length > 0 ? pending.map((standing) => oneService(viewer, standing)) : nothingPending}
<p class="bso-buttons">!${buttonLink('Go to the Main Menu', '/main-menu', { variant: 'outline' })}</p>`,
  })
}

const nothingPending = html`<p>You have no pending services.</p>
<p>!${buttonLink('Request New Services', '/services/request')}</p>`

function oneService({ csrf }: Viewer, standing: ServiceStanding): string {
  const { service, requestedAt = 0, letter } = standing
  return html`<section class="bso-box" aria-labelledby="!${service}">
<h2 id="!${service}">!${service}: ${SERVICE_NAMES_IN_WORDS[service]}</h2>
<dl class="bso-meanings">
<div><dt>Status</dt><dd>Pending: the activation code was not entered yet</dd></div>
<div><dt>Requested on</dt><dd>${dayOf(requestedAt)}</dd></div>
<div><dt>Letter with the activation code</dt><dd>${whereTheLetterIs(letter)}</dd></div>
</dl>
<p>!${buttonLink('Enter Activation Code(s)', '/services/activation')}</p>
<h3>Re-Request Activation Code</h3>
<p>If the letter does not arrive within two to three weeks, the Responsible Company Official should call Social Security at
<strong class="bso-phone">1-888-772-2970</strong>. Activation codes expire 60 days after they are issued; if yours has expired or was lost, request
another one. The earlier activation code is not valid any more from that moment on.</p>
!${form({
    action: '/services/pending',
    csrf,
    body: html`<input type="hidden" name="service" value="${service}">
<input type="hidden" name="insteadOf" value="${requestedAt}">
!${submitButton('Re-Request Activation Code', { variant: 'outline' })}`,
  })}
</section>`
}

function whereTheLetterIs(letter: ServiceStanding['letter']): string {
  if (!letter) return 'It could not be ordered. Re-request the activation code.'
  const { state, mailedAt, expiresOn } = letter
  const until =
    expiresOn === undefined ? '' : ` The activation code is valid through ${dateInWords(expiresOn)}.`
  switch (state) {
    case 'requested':
    case 'printed':
      return 'It is being prepared.'
    case 'mailed':
      return `${mailedAt === undefined ? 'It is in the mail.' : `Mailed on ${dayOf(mailedAt)}.`}${until}`
    case 'delivered':
      return `Delivered to your company.${until}`
    case 'expired':
      return `The activation code has expired${expiresOn === undefined ? '' : ` at the end of ${dateInWords(expiresOn)}`}. Re-request it.`
    case 'returned':
      return 'It came back as undeliverable. The Responsible Company Official should call 1-888-772-2970 about the address.'
    case 'used':
      return 'The activation code was accepted, but the service could not be activated. Enter the same code again.'
    default:
      return 'The activation code is not valid any more. Re-request it.'
  }
}
