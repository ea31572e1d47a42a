import { reference } from '@gatehouse/pages/error-page'
import { alert, buttonLink, form, submitButton } from '@gatehouse/pages/forms'
import { layout } from '@gatehouse/pages/layout'
import { html } from 'ghtml'
import type { IdentityProvider } from '../federation/providers.ts'
import { site } from '../site.ts'

type Choice = Pick<IdentityProvider, 'id' | 'name'>

interface Notice {
  kind: 'info' | 'error'
  heading: string
  body: string
}

/** What the choice says to whoever comes back to it, by the value of `notice` in its address. */
export const NOTICES: ReadonlyMap<string | undefined, Notice> = new Map([
  [
    'left',
    {
      kind: 'info',
      heading: 'You are not signed in',
      body: 'You left the sign-in before it was complete. Choose how to sign in to try again.',
    },
  ],
  [
    'failed',
    {
      kind: 'error',
      heading: 'You are not signed in',
      body: 'The sign-in provider did not answer as it should. Choose how to sign in to try again.',
    },
  ],
])

const USERNAME_GONE = 'The Social Security username sign-in option is no longer available.'

const oneOf = new Intl.ListFormat('en', { type: 'disjunction' })

const SIGN_UP = '<input type="hidden" name="signUp" value="yes">'

/** "Sign In or Create an Account": one button for each provider (seed 000). */
export function providerChoicePage(options: {
  uid: string
  csrf: string
  providers: (Choice & Pick<IdentityProvider, 'offeredTo'>)[]
  relyingService: string
  notice: Notice | undefined
}): string {
  const { uid, csrf, providers, relyingService, notice } = options
  const names = oneOf.format(providers.map(({ name }) => name))
  // True of relying services that do not offer it by name (seeds 000 and 002).
  const isUsernameGone = providers.every(({ offeredTo }) => offeredTo === 'all')
  const buttons = (does: string, variant: 'primary' | 'outline', hidden = '') =>
    form({
      action: `/interaction/${uid}/provider`,
      csrf,
      width: 'narrow',
      label: does,
      body:
        hidden +
        providers
          .map(({ id, name }) => {
            const button = submitButton(`${does} ${name}`, { name: 'provider', value: id, variant })
            return html`<div class="display-flex flex-column margin-top-105">!${button}</div>`
          })
          .join(''),
    })
  return layout({
    site,
    title: 'Sign In or Create an Account',
    width: 'narrow',
    main: html`!${notice ? alert(notice) : ''}<h1>Sign In or Create an Account</h1>
<p>You are signing in to <strong>${relyingService}</strong>.</p>
<p>If you have an account with ${names} already, use that one here. There is no need for a new account.</p>
!${buttons('Sign in with', 'primary')}
!${isUsernameGone ? alert({ kind: 'info', slim: true, body: USERNAME_GONE }) : ''}
<h2>No account yet?</h2>
!${buttons('Create an account with', 'outline', SIGN_UP)}`,
  })
}

/**
 * "You are leaving Social Security's website": shown before providers that are not part of the government.
 *
 * @param options.cancelAt where Cancel leads to
 */
export function leavingPage(options: {
  uid: string
  csrf: string
  provider: Choice
  signUp: boolean
  cancelAt: string
}): string {
  const { uid, csrf, provider, signUp, cancelAt } = options
  return layout({
    site,
    title: "You are leaving Social Security's website",
    width: 'narrow',
    main: html`<h1>You are leaving Social Security’s website</h1>
<p>Select OK to go on to the website of ${provider.name}.</p>
<p>${provider.name} is not a government agency. It is certified to verify identities for government agencies.</p>
<p>Social Security does not control ${provider.name}. Its privacy and accessibility policies may differ from ours.</p>
<p>To verify who you are, ${provider.name} may compare your face with the photo on your identity document. What it
collects and how long it keeps it follows its own terms of service, privacy policy and biometric privacy policy.</p>
<p>If you do not agree to that, select Cancel and choose another way to sign in.</p>
!${form({
      action: `/interaction/${uid}/provider`,
      csrf,
      body: html`<input type="hidden" name="provider" value="${provider.id}">!${signUp ? SIGN_UP : ''}
!${submitButton('OK', { name: 'leave', value: 'yes' })}
!${buttonLink('Cancel', cancelAt, { variant: 'outline' })}`,
    })}`,
  })
}

/** On the way to a provider whose pages are at another origin than its issuer. */
export function onwardPage({ provider, href }: { provider: Choice; href: string }): string {
  return layout({
    site,
    title: `Continue to ${provider.name}`,
    width: 'narrow',
    main: html`<h1>Continue to ${provider.name}</h1>
<p>You are being sent to ${provider.name}. If nothing happens, select the button.</p>
!${buttonLink(`Continue to ${provider.name}`, href)}`,
  })
}

/**
 * The provider did not answer, or answered what must not be believed.
 *
 * @param again where the person can choose again
 */
export function providerFailedPage(again: string, requestId: string | undefined): string {
  return layout({
    site,
    title: 'The sign-in provider is not available',
    width: 'narrow',
    error: true,
    main: html`<h1>The sign-in provider is not available</h1>
!${alert({
      kind: 'error',
      body: 'The provider that you chose did not answer as it should. You are not signed in, and nothing was changed.',
    })}
<p>Try again in a few minutes, or choose another provider.</p>
!${buttonLink('Back to the sign-in page', again)}
!${reference(requestId)}`,
  })
}

export function helpPage(): string {
  return layout({
    site,
    title: 'Sign in Help and Support',
    main: html`<h1>Sign in Help and Support</h1>
<p>You sign in with an account of one of the providers that the sign-in page lists. The password, the phone number
and the one-time codes belong to that account: the provider’s own pages help with them.</p>
<h2>If you cannot get past the BSO User ID page</h2>
<p>The page lists the User IDs that are linked to you. If yours is missing, request a new User ID there, or call
1-800-772-6270 Monday through Friday, 7:00 a.m. to 7:00 p.m. Eastern Time.</p>
<h2>Testing</h2>
<p>This is a test system. Texts, calls and the people who sign in are made up; the lab shows them.</p>`,
  })
}

export function externalSitesPage(): string {
  return layout({
    site,
    title: 'External Site Disclaimer',
    main: html`<h1>External Site Disclaimer</h1>
<p>To sign in you go to the website of the provider that you choose. That website has its own terms, its own privacy
policy and its own accessibility policy, which Social Security neither writes nor checks. Naming a provider on our
sign-in page does not recommend anything else that it offers.</p>`,
  })
}
