import { alert } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { hasCbsv, MAIN_MENU, memberPage, type Viewer } from '../site.ts'
import { notHere } from '../welcome/page.ts'

/** The groups of the real menu. None of these pages exists here yet. */
const GROUPS: Record<string, string[]> = {
  'Manage Account': ['View / Edit Account Info', 'Change Password', 'Disable Account'],
  'Manage Services': [
    'View / Edit Services',
    'Request New Services',
    'View Pending Services',
    'Enter Activation Code(s)',
  ],
  'Manage Employer Information': ['Add / Update Employer Information', 'Remove Employer Information'],
}

export function mainMenuPage(viewer: Viewer): string {
  const groups = Object.entries(GROUPS).map(([heading, items]) => {
    const lines = items.map((item) => html`<li>${item} !${notHere}</li>`)
    return html`<section class="bso-box"><h2>${heading}</h2><ul>!${lines}</ul></section>`
  })
  return memberPage({
    viewer,
    title: MAIN_MENU,
    main: html`<h1>BSO Main Menu</h1>
<section class="bso-services" aria-labelledby="services">
<h2 id="services">Your services</h2>
!${hasCbsv(viewer.person) ? cbsvLink : howToGetCbsv}
</section>
<div class="bso-groups">!${groups}</div>
<p>Have a question? Employer Customer Service: <strong class="bso-phone">1-800-772-6270</strong>, Monday through Friday, 7:00 a.m. to
7:00 p.m. Eastern Time. TDD/TTY: <strong class="bso-phone">1-800-325-0778</strong>.</p>`,
  })
}

const cbsvLink = html`<p class="bso-service"><a href="/cbsv">CBSV: Consent Based Social Security Number Verification Service</a><br>
Find out whether a name and a Social Security number agree with Social Security’s records, with the consent of the number holder.</p>`

const howToGetCbsv = alert({
  kind: 'info',
  heading: 'CBSV is not active for this User ID',
  html: html`<p class="usa-alert__text">To use Consent Based SSN Verification, the Responsible Company Official of your company names you on
form SSA-88 and sends it to Social Security. The official then receives an activation code by mail, which you enter
once here in BSO. After that the CBSV link appears on this page.</p>`,
})
