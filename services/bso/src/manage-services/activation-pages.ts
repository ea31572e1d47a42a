import { SERVICE_NAMES_IN_WORDS, type ServiceStanding } from '@gatehouse/contracts/service-activations'
import {
  type AlertOptions,
  alert,
  buttonLink,
  errorSummary,
  form,
  submitButton,
  textField,
} from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Person } from '../person.ts'
import { signInAgainPath } from '../places.ts'
import { hasCbsv, memberPage, type Viewer } from '../site.ts'

const ENTER_CODES = 'Enter Activation Code(s)'
const CODES_CONFIRMED = `${ENTER_CODES} - Confirmation`

interface Options {
  fieldError?: string
  notice?: AlertOptions
}

/** CBSV User's Guide 2.9, steps 7 and 8. */
export function activationPage(
  viewer: Viewer,
  services: ServiceStanding[],
  { fieldError, notice }: Options = {},
): string {
  const pending = services.filter(({ state }) => state === 'pending')
  return memberPage({
    viewer,
    title: ENTER_CODES,
    error: fieldError !== undefined || notice?.kind === 'error',
    main: html`!${notice ? alert(notice) : ''}!${errorSummary(fieldError === undefined ? [] : [{ field: 'code', message: fieldError }])}
<h1>${ENTER_CODES}</h1>
!${pending.length > 0 ? pending.map(({ service }) => codeForm(viewer, service, fieldError)) : nothingToActivate(viewer, services)}
<p class="bso-buttons">!${buttonLink('Go to the Main Menu', '/main-menu', { variant: 'outline' })}</p>`,
  })
}

function codeForm({ csrf }: Viewer, service: ServiceStanding['service'], error: string | undefined): string {
  return html`<p>Social Security has mailed an activation code to the Responsible Company Official of your company, who gives it to
you. The activation code shows that you are an authorized employee. Enter it to begin using
!${service}: ${SERVICE_NAMES_IN_WORDS[service]}.</p>
!${form({
    action: '/services/activation',
    csrf,
    autocomplete: 'off',
    body: html`<input type="hidden" name="service" value="${service}">
!${textField({
      name: 'code',
      label: `Activation code for ${service}`,
      hint: 'Letters and digits, as they are printed in the letter.',
      autocomplete: 'one-time-code',
      maxlength: 64,
      required: true,
      ...(error === undefined ? {} : { error }),
    })}
!${submitButton('Activate Service(s)')}`,
  })}
<p>No letter, or a code that has expired? <a href="/services/pending">View Pending Services</a></p>`
}

function nothingToActivate({ person }: Viewer, services: ServiceStanding[]): string {
  if (services.some(({ state }) => state === 'active')) return activeAlready(person)
  return html`<p>You have no service that waits for an activation code.</p>
<p>!${buttonLink('Request New Services', '/services/request')}</p>`
}

/** CBSV User's Guide 2.9, steps 9 and 10; there the service can be used at once. */
export function confirmationPage(viewer: Viewer): string {
  return memberPage({
    viewer,
    title: CODES_CONFIRMED,
    trail: [{ href: '/services/activation', text: ENTER_CODES }],
    main: html`<h1>${CODES_CONFIRMED}</h1>
!${alert({
      kind: 'success',
      heading: 'Social Security has approved your request',
      body: `CBSV: ${SERVICE_NAMES_IN_WORDS.CBSV} is active for User ID ${viewer.person.bsoUserId}.`,
    })}
!${activeAlready(viewer.person)}
<p class="bso-buttons">!${buttonLink('Go to the Main Menu', '/main-menu', { variant: 'outline' })}</p>`,
  })
}

/** Which services a session may use is decided when it begins. */
export function activeAlready(person: Person): string {
  if (hasCbsv(person))
    return html`<p>The service is active for your User ID, and you may use it now.</p>
<p>!${buttonLink('CBSV Main Menu', '/cbsv')}</p>`
  return html`<p>The service is active for your User ID, but this sign-in began before it was. Sign in again to use it, and select
User ID ${person.bsoUserId} again.</p>
<p>!${buttonLink('Sign in again to use CBSV', signInAgainPath('/cbsv'))}</p>`
}
