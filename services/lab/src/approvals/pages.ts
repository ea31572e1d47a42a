import { csrfField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { timeTag } from '../site.ts'
import type { Approval } from './approvals.ts'

const STATUS_KINDS: Record<Approval['state'], 'open' | 'done' | 'failed'> = {
  pending: 'open',
  approved: 'done',
  denied: 'failed',
  expired: 'failed',
}

function choices({ id, phoneNumber, state, expiresAt }: Approval, csrf: string): string {
  if (state !== 'pending') return ''
  return html`<p class="lab-quiet">Can be answered until !${timeTag(expiresAt)}</p>
<form class="lab-choices" action="/phones/${phoneNumber}/approvals/${id}" method="post" aria-label="Answer">
!${csrfField(csrf)}
<button class="usa-button" type="submit" name="decision" value="approve">Approve</button>
<button class="usa-button usa-button--outline" type="submit" name="decision" value="deny">Deny</button></form>`
}

interface Shown {
  /** Whose phone it is, as text and as trusted HTML. */
  recipient: { name: string; who: string }
  csrf: string
}

/** A question among what came to a phone. */
export function approvalItem(approval: Approval, { recipient: { name, who }, csrf }: Shown): string {
  const { id, from, question, state, askedAt } = approval
  return html`<li class="lab-message" id="a-${id}" data-version="${state}" data-news="Question to ${name}">
<article aria-label="Question to ${name}">
<p class="lab-message__head"><span class="lab-tag lab-tag--approval">Approval</span>
<span class="lab-status lab-status--!${STATUS_KINDS[state]}">${state}</span>
<span class="lab-message__when">!${timeTag(askedAt)}</span></p>
<p class="lab-message__who">To !${who} <span class="lab-quiet">from ${from}</span></p>
<p class="lab-bubble">${question}</p>
!${choices(approval, csrf)}
</article></li>`
}
