// What the pages of a User ID and of a company have in common: to end access there, and to give it back.

import type { Disablement } from '@gatehouse/contracts/user-id-administration'
import { buttonLink, form, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { type Errors, type OrderForm, orderFields } from '../console/order-fields.ts'
import type { Frame } from '../console/site.ts'
import { revokeAddress } from '../revocations/words.ts'

export interface OrderState {
  values?: OrderForm
  errors?: Errors
}

/** To end access, with a preview; disabled is what it is while it lasts. */
export function revokeLink(frame: Frame, target: Parameters<typeof revokeAddress>[0]): string {
  if (!frame.may('revoke')) return ''
  const text = 'Disable, or end what is open'
  return html`<p class="admin-actions">!${buttonLink(text, revokeAddress(target), { variant: 'secondary' })}</p>`
}

export function enableForm(
  frame: Frame,
  {
    at,
    what,
    disabled,
    needsApproval,
    values,
    errors,
  }: OrderState & { at: string; what: string; disabled: Disablement; needsApproval: boolean },
): string {
  const words = needsApproval
    ? 'Another administrator with the role approver decides about it, within 24 hours.'
    : 'It is offered again from the next sign-in on.'
  const { length } = disabled.orders
  const orders =
    length > 1
      ? html`<p>All ${length} orders that disable it are taken back. To take back one, open it and reinstate its revocation.</p>`
      : ''
  return html`<h2>Enable</h2>
<p>${words}</p>!${orders}
!${form({
    action: `${at}/enablements`,
    csrf: frame.csrf,
    label: 'Enable',
    body: html`!${orderFields(values, errors)}!${submitButton(needsApproval ? 'Ask for approval' : `Enable the ${what}`)}`,
  })}`
}
