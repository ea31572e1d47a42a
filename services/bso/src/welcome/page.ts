import { type AlertOptions, alert, buttonLink } from '@gatehouse/pages/forms'
import { layout } from '@gatehouse/pages/layout'
import { html } from 'ghtml'
import { site } from '../site.ts'

/** Where everybody starts. Parts of the real website that this system has not are named as such and are no links. */
export function welcomePage(notice?: AlertOptions): string {
  return layout({
    site,
    title: 'Welcome',
    breadcrumbs: [{ href: '/', text: 'Home' }, { text: 'Business Services Online (BSO)' }],
    main: html`<link rel="stylesheet" href="/assets/bso/bso.css">
!${notice ? alert(notice) : ''}
<h1>Business Services Online (BSO)</h1>
<p>This suite of services lets employers, organizations, attorneys, other representatives and third parties
exchange information with Social Security safely over the internet.</p>
<p>To use BSO you sign in with a Login.gov or ID.me account and choose your BSO User ID. If you have none yet, you can
request one on the way.</p>
<h2>Information you’ll need to provide</h2>
<section class="bso-box" aria-labelledby="employers">
<h3 id="employers">Employers</h3>
<p>For employers and businesses to:</p>
<ul>
<li>Report wages. !${notHere}</li>
<li>View submission and report status. !${notHere}</li>
<li>Act on resubmission notices. !${notHere}</li>
<li>Verify Social Security numbers.</li>
</ul>
<p class="bso-box__ways">!${buttonLink('Sign in', '/sign-in')}
!${buttonLink('Create account', '/sign-in', { variant: 'outline' })}</p>
<ul class="bso-box__more">
<li>Employer information !${notHere}</li>
<li>Customer support for wage reporting !${notHere}</li>
<li>For questions: employerinfo@ssa.gov <span class="bso-not-here">(the real agency’s address; this test system sends nothing there)</span></li>
</ul>
</section>`,
  })
}

/** Behind what the real website has and this system has not. */
export const notHere = html`<span class="bso-not-here">(not in this system yet)</span>`
