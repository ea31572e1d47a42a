// Asks why before access comes back, and says beforehand what will still keep it ended.

import type { Revocation } from '@gatehouse/contracts/revocations'
import { alert, form, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Act, Cause } from '../acts/act.ts'
import { disablementList } from '../console/disablement.ts'
import type { Labels } from '../console/labels.ts'
import type { Names } from '../console/names.ts'
import { type Errors, type OrderForm, orderFields } from '../console/order-fields.ts'
import { consolePage, type Frame } from '../console/site.ts'
import type { Disablements } from './disablements.ts'
import { targetOf, targetTitle } from './words.ts'

export interface Reinstating {
  revocation: Revocation
  cause?: Cause
  disablements?: Disablements
  acts: readonly Act[]
  needsApproval: boolean
  names: Names
  labels: Labels
  values?: OrderForm
  errors?: Errors
}

export function reinstatementPage(frame: Frame, given: Reinstating): string {
  const { revocation, cause, disablements, acts, needsApproval, names, labels, values, errors } = given
  const at = `/revocations/${revocation.revocationId}`
  const others = disablements?.rows?.filter(({ order }) => order !== cause?.actId) ?? []
  const button = needsApproval ? 'Ask for approval' : 'Reinstate'
  return consolePage({
    frame,
    title: 'Reinstate',
    section: '/revocations',
    trail: [{ href: at, text: `Revocation of ${targetTitle(revocation.target, labels)}` }],
    errors,
    main: html`<h1>Reinstate: !${targetOf(revocation.target, labels)}</h1>
!${
      others.length > 0
        ? alert({
            kind: 'warning',
            heading: others.length === 1 ? 'Another order stays' : 'Other orders stay',
            html: html`<p class="usa-alert__text">This takes back one order. It stays disabled by:</p><div class="usa-alert__text">!${disablementList(others, names, acts)}</div>`,
          })
        : html`<p>People can sign in again. What was ended stays ended.</p>`
    }
!${needsApproval ? html`<p>Another administrator with the role approver decides about it, within 24 hours.</p>` : ''}
!${form({ action: `${at}/reinstatement`, csrf: frame.csrf, body: html`!${orderFields(values, errors)}!${submitButton(button)}` })}`,
  })
}
