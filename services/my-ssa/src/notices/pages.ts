// The statements behind the links of the sign-in page, said in our own words.

import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'
import { helpLine } from '../sign-in/help.ts'
import { excludedRoles, requirements } from '../sign-in/pages.ts'

const back = html`<p><a href="${PATHS.signIn}">Back to Sign In or Create an Account</a></p>`

export function learnMorePage(): Page {
  const main = html`<h1>Learn More</h1>
<p>A <em>my</em> Social Security account lets you see your own record online.</p>
<h2>What you need for an account</h2>
!${requirements()}
<h2>What an account is not for</h2>
<p>An account opens your own record and nobody else’s. Do not use one to get at the records of a person:</p>
!${excludedRoles()}
<h2>Extra security</h2>
<p>You can add extra security to your account. For that we mail you a letter with an upgrade code, and you need a cell
phone that receives text messages. From then on you enter your username, your password and the code from a text message
each time you sign in. You can add or remove it at any time; whoever adds it again needs a new letter.</p>
<h2>How we know you</h2>
<p>Social Security verifies who you are when you create an account, and may ask Experian to help with it. That leaves a
“soft inquiry” on your Experian credit report for about 25 months, which only you can see and which costs you neither money
nor credit. Signing in later leaves nothing. This mock asks nobody: it compares what you enter with its own made-up people.</p>
<h2>Block electronic access</h2>
<p>If you are worried that somebody else could get at your information, you can
<a href="${PATHS.blockElectronicAccess}">block electronic access</a> to it. Then nobody gets at it online, you included,
until you call us.</p>
!${helpLine()}
!${back}`
  return { title: 'Learn More', main }
}

export function paperworkReductionPage(): Page {
  const main = html`<h1>Paperwork Reduction Act</h1>
<p>OMB No. 0960-0789</p>
<p>The Paperwork Reduction Act of 1995 (44 U.S.C. § 3507) lets an agency collect information only with a control number of
the Office of Management and Budget. The number above is the one under which Social Security asks for what it needs to
create an account and to sign in. You need not answer where no valid number is shown.</p>
!${back}`
  return { title: 'Paperwork Reduction Act', main }
}

export function privacyActPage(): Page {
  const main = html`<h1>Privacy Act Statement</h1>
<p>We ask for your name, date of birth, Social Security number, addresses and phone number to verify who you are and to keep
others out of your account. You need not give them, but without them you cannot have an account.</p>
<p>Social Security shares such information only as the Privacy Act (5 U.S.C. § 552a) allows.</p>
<p>What you enter here, in this test system, stays in it. Do not enter anything about a real person.</p>
!${back}`
  return { title: 'Privacy Act Statement', main }
}
