import type { UserId } from '@gatehouse/contracts/bso-user-ids'
import {
  alert,
  buttonLink,
  errorSummary,
  form,
  select,
  submitButton,
  textField,
} from '@gatehouse/pages/forms'
import { layout } from '@gatehouse/pages/layout'
import { html } from 'ghtml'
import { site } from '../site.ts'

/** `960001012` as people write it: `96-0001012`. */
const hyphenated = (ein: string) => `${ein.slice(0, 2)}-${ein.slice(2)}`

/** "Please select a User ID and EIN" (seed 000). */
export function userIdPage(options: {
  uid: string
  csrf: string
  userIds: UserId[]
  issued: UserId | undefined
  error: string | undefined
}): string {
  const { uid, csrf, userIds, issued, error } = options
  const choices = [
    { value: '', label: 'Select one' },
    ...userIds.map(({ bsoUserId, ein, companyName }) => ({
      value: `${bsoUserId}:${ein}`,
      label: `${bsoUserId} – EIN ${hyphenated(ein)}, ${companyName}`,
    })),
  ]
  const newUserId = `/interaction/${uid}/user-id/new`
  const exit = submitButton('Exit', { name: 'exit', value: 'yes', variant: 'outline' })
  const choose = () => html`!${select({
    name: 'userId',
    label: 'Please select a User ID and EIN',
    options: choices,
    ...(issued ? { value: `${issued.bsoUserId}:${issued.ein}` } : {}),
    ...(error ? { error } : {}),
  })}
<p><a class="usa-link" href="${newUserId}">Request a new User ID</a></p>
!${submitButton('Next')} !${exit}`
  const request = () => html`!${alert({
    kind: 'info',
    body: 'No BSO User ID is linked to you yet. Request a new User ID to go on.',
  })}
!${buttonLink('Request a new User ID', newUserId)} !${exit}`
  return layout({
    site,
    title: 'BSO User ID',
    width: 'narrow',
    error: error !== undefined,
    main: html`!${errorSummary(error ? [{ field: 'userId', message: error }] : [])}<h1>BSO User ID</h1>
!${
      issued
        ? alert({
            kind: 'success',
            heading: `Your new User ID is ${issued.bsoUserId}`,
            body: `It is registered for ${issued.companyName}. Keep it in a safe place and do not share it.`,
          })
        : ''
    }
!${form({ action: `/interaction/${uid}/user-id`, csrf, body: userIds.length > 0 ? choose() : request() })}`,
  })
}

/** Request a new User ID: the employer's EIN is all that is missing, the rest is known from the sign-in. */
export function newUserIdPage(options: {
  uid: string
  csrf: string
  ein: string
  error: string | undefined
}): string {
  const { uid, csrf, ein, error } = options
  return layout({
    site,
    title: 'Request a new User ID',
    width: 'narrow',
    error: error !== undefined,
    main: html`!${errorSummary(error ? [{ field: 'ein', message: error }] : [])}<h1>Request a new User ID</h1>
<p>A User ID belongs to you and to one employer. It opens Business Services Online; each service of it, such as CBSV,
is activated separately by your employer’s Responsible Company Official.</p>
!${form({
      action: `/interaction/${uid}/user-id/new`,
      csrf,
      body: html`!${textField({
        name: 'ein',
        label: 'Employer Identification Number (EIN)',
        hint: 'Nine digits, for example 96-0001012',
        value: ein,
        inputmode: 'numeric',
        autocomplete: 'off',
        maxlength: 10,
        ...(error ? { error } : {}),
      })}
!${submitButton('Request User ID')}
<p><a class="usa-link" href="/interaction/${uid}/user-id">Back to the list of User IDs</a></p>`,
    })}`,
  })
}
