import type { ServiceStanding } from '@gatehouse/contracts/service-activations'
import { alert } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { signInAgainPath } from '../places.ts'
import { hasCbsv, MAIN_MENU, memberPage, type Viewer } from '../site.ts'
import { notHere } from '../welcome/page.ts'

/** The groups of the real menu, each item with the page that it leads to where there is one. */
const GROUPS: Record<string, Record<string, string | undefined>> = {
  'Manage Account': {
    'View / Edit Account Info': undefined,
    'Change Password': undefined,
    'Disable Account': undefined,
  },
  'Manage Services': {
    'View / Edit Services': undefined,
    'Request New Services': '/services/request',
    'View Pending Services': '/services/pending',
    'Enter Activation Code(s)': '/services/activation',
  },
  'Manage Employer Information': {
    'Add / Update Employer Information': undefined,
    'Remove Employer Information': undefined,
  },
}

/** @param cbsv how CBSV stands for the User ID by now; `undefined` when that is not known */
export function mainMenuPage(viewer: Viewer, cbsv: ServiceStanding | undefined): string {
  const groups = Object.entries(GROUPS).map(([heading, items]) => {
    const lines = Object.entries(items).map(([item, href]) =>
      href ? html`<li><a href="${href}">${item}</a></li>` : html`<li>${item} !${notHere}</li>`,
    )
    return html`<section class="bso-box"><h2>${heading}</h2><ul>!${lines}</ul></section>`
  })
  return memberPage({
    viewer,
    title: MAIN_MENU,
    main: html`<h1>BSO Main Menu</h1>
<section class="bso-services" aria-labelledby="services">
<h2 id="services">Your services</h2>
!${hasCbsv(viewer.person) ? cbsvLink : howToGetCbsv(cbsv?.state ?? 'none')}
</section>
<div class="bso-groups">!${groups}</div>
<p>Have a question? Employer Customer Service: <strong class="bso-phone">1-800-772-6270</strong>, Monday through Friday, 7:00 a.m. to
7:00 p.m. Eastern Time. TDD/TTY: <strong class="bso-phone">1-800-325-0778</strong>.</p>`,
  })
}

const cbsvLink = html`<p class="bso-service"><a href="/cbsv">CBSV: Consent Based Social Security Number Verification Service</a><br>
Find out whether a name and a Social Security number agree with Social Security’s records, with the consent of the number holder.</p>`

function howToGetCbsv(state: ServiceStanding['state']): string {
  if (state === 'active')
    return alert({
      kind: 'success',
      heading: 'CBSV has become active for this User ID',
      html: html`<p class="usa-alert__text">This sign-in began before. <a href="${signInAgainPath('/cbsv')}">Sign in again to use CBSV</a>, and
select the same User ID.</p>`,
    })
  const next =
    state === 'pending'
      ? html`You have requested it. When the Responsible Company Official of your company gives you the activation code that came by
mail, <a href="/services/activation">enter the activation code</a>.`
      : html`<a href="/services/request">Request CBSV</a>: Social Security then mails an activation code to the Responsible Company Official
of your company, and you enter it once here in BSO.`
  return alert({
    kind: 'info',
    heading: 'CBSV is not active for this User ID',
    html: html`<p class="usa-alert__text">!${next} After that the CBSV link appears on this page.</p>`,
  })
}
