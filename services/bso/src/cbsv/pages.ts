import type { VerificationResult } from '@gatehouse/contracts/cbsv'
import { alert, buttonLink } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { CBSV, CBSV_HELP, memberPage, type Viewer } from '../site.ts'
import { notHere } from '../welcome/page.ts'
import { COLUMNS } from './rows.ts'

const TRAIL = [{ href: '/cbsv', text: CBSV }]

export function cbsvMenuPage(viewer: Viewer): string {
  return memberPage({
    viewer,
    title: CBSV,
    main: html`<h1>Consent Based SSN Verification</h1>
<p>Verify names and Social Security numbers of people who have given their written consent. Your company must hold each
signed consent form before the request is made, and may use the answer only for what the form says.</p>
<ul class="bso-menu">
<li><a href="/cbsv/online-verification">Request Online SSN Verification</a><br>Up to ten names and numbers, answered at once.</li>
<li>Submit a File for SSN Verification !${notHere}</li>
<li>View Status and Retrieval Information !${notHere}</li>
<li><a href="/cbsv/help">CBSV Help</a><br>Complex names, and numbers that do not verify.</li>
</ul>
<p>CBSV support: <strong class="bso-phone">1-888-772-2970</strong>, Monday through Friday, 8:30 a.m. to 4:00 p.m. Eastern Time.</p>`,
  })
}

const MEANINGS: Record<VerificationResult['result'], { title: string; meaning: string }> = {
  Yes: { title: 'Verified', meaning: 'What was submitted agrees with Social Security’s records.' },
  No: {
    title: 'Verification failed',
    meaning: 'What was submitted does not agree with Social Security’s records.',
  },
  Deceased: {
    title: 'Deceased, by Social Security’s records',
    meaning: 'The name and the number agree with the records, which show that the number holder has died.',
  },
}

export function resultsPage(viewer: Viewer, results: VerificationResult[]): string {
  const rows = results.map((result, index) => {
    const cells = COLUMNS.map(
      ({ field, label }) => html`<td data-label="${label}">${result[field] || '–'}</td>`,
    )
    return html`<tr><th scope="row"><span class="bso-row-word">Result </span>${index + 1}</th>!${cells}
<td data-label="Result"><strong class="bso-result bso-result--!${result.result.toLowerCase()}">${result.result}</strong></td></tr>`
  })
  const heads = COLUMNS.map(({ label }) => html`<th scope="col">${label}</th>`)
  const meanings = Object.entries(MEANINGS).map(
    ([result, { title, meaning }]) =>
      html`<div><dt>${result}</dt><dd><strong>${title}.</strong> ${meaning}</dd></div>`,
  )
  return memberPage({
    viewer,
    title: 'Consent Based SSN Verification Results',
    trail: [...TRAIL, { href: '/cbsv/online-verification', text: 'Online Verification' }],
    main: html`<h1>Consent Based SSN Verification Results</h1>
<p>The first five digits of every number are hidden. The results are not kept here: print or save this page now if you
need them.</p>
<table class="usa-table bso-results">
<caption class="usa-sr-only">Results in the order of the request</caption>
<thead><tr><th scope="col"><span class="usa-sr-only">Number</span></th>!${heads}<th scope="col">Result</th></tr></thead>
<tbody>!${rows}</tbody>
</table>
<h2>What the results mean</h2>
<dl class="bso-meanings">!${meanings}</dl>
<p>If a result is not Yes, see <a href="/cbsv/help#numbers-that-do-not-verify">what to do about numbers that do not verify</a>.</p>
<p class="bso-buttons">!${buttonLink('Verify more numbers', '/cbsv/online-verification')}
!${buttonLink(CBSV, '/cbsv', { variant: 'outline' })}</p>`,
  })
}

/** CBSV User's Guide section 4.5. */
export function misusePage(viewer: Viewer): string {
  return memberPage({
    viewer,
    title: 'Potential Misuse Alert',
    trail: TRAIL,
    error: true,
    main: html`<h1>Consent Based SSN Verification</h1>
!${alert({
      kind: 'error',
      heading: 'Potential Misuse Alert',
      body:
        'The same Social Security number, or the same first and last name, was entered more than five times. ' +
        'To prevent misuse and fraud, this request was not processed, and none of its rows was verified.',
    })}
<p>Compare what you entered with your records before you submit anything again. A name and number may be tried up to
five times.</p>
<p class="bso-buttons">!${buttonLink('Back to the form', '/cbsv/online-verification')}
!${buttonLink(CBSV, '/cbsv', { variant: 'outline' })}</p>`,
  })
}

export function helpPage(viewer: Viewer): string {
  return memberPage({
    viewer,
    title: CBSV_HELP,
    trail: TRAIL,
    main: html`<h1>CBSV Help</h1>
<nav aria-label="On this page"><ul>
<li><a href="#complex-names">Complex names</a></li>
<li><a href="#numbers-that-do-not-verify">Numbers that do not verify</a></li>
<li><a href="#misuse">Potential Misuse Alert</a></li>
<li><a href="#support">Support</a></li>
</ul></nav>
<h2 id="complex-names">Complex names</h2>
<p>Only the letters A to Z and spaces are taken in a name.</p>
<ul>
<li><strong>Hyphens and apostrophes:</strong> leave them out, or put a space. Example-Sample becomes Example Sample, O’Model becomes OModel.</li>
<li><strong>Several words:</strong> enter them with spaces, such as Van Der Model.</li>
<li><strong>Accents:</strong> enter the plain letter, such as e for é and n for ñ.</li>
<li><strong>Long names:</strong> enter the first 10 letters of a first name, 7 of a middle name, 13 of a last name.</li>
<li><strong>Jr, Sr, II, III and the like:</strong> choose them as the suffix and leave them out of the last name.</li>
<li><strong>Titles</strong> such as Dr: leave them out.</li>
</ul>
<h2 id="numbers-that-do-not-verify">Numbers that do not verify</h2>
<ol>
<li>Compare what you submitted with your own records. If it differs, submit it again with the correction.</li>
<li>If it is the same, ask the number holder to look at the Social Security card and at what you were told. If something
was wrong, submit it again with the correction.</li>
<li>If that does not settle it, the number holder should turn to the Social Security office that serves the place where
he or she lives.</li>
</ol>
<p>Every new request is charged to your company. CBSV never says why a number did not verify. If Social Security’s records
are wrong, only the number holder can ask for a correction.</p>
<h2 id="misuse">Potential Misuse Alert</h2>
<p>When the same number, or the same first and last name, is entered more than five times, the request is refused.</p>
<h2 id="support">Support</h2>
<p>CBSV support: <strong class="bso-phone">1-888-772-2970</strong>, Monday through Friday, 8:30 a.m. to 4:00 p.m. Eastern Time.</p>`,
  })
}
