import { html } from 'ghtml'

/** Whom to call, as the last page of the Ticket Portal's guide has it. */
export function helpLine(): string {
  return html`<h2>Need Help?</h2>
<p>You can speak to a Social Security representative for help with a <em>my</em> Social Security account between the hours
of 7:00 a.m. and 7:00 p.m. Eastern Time, Monday through Friday:</p>
<ul class="usa-list">
<li>Toll free: <span class="text-no-wrap">1-800-772-1213</span></li>
<li>TTY (for deaf or hard of hearing): <span class="text-no-wrap">1-800-325-0778</span></li>
</ul>`
}
