import {
  alert,
  buttonLink,
  errorSummary,
  form,
  radioGroup,
  submitButton,
  textField,
} from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import type { Profile } from '@gatehouse/provider/accounts/account'
import { html } from 'ghtml'
import { type Page, timeLeft } from '../browser/frame.ts'
import { LANGUAGES } from '../create-account/pages.ts'
import { type NewPasswordProblem, newPasswordFields } from '../password/new-password.ts'
import { ACCOUNT, type AccountAround, accountPage, METHODS_PAGE } from './frame.ts'
import { words } from './words.ts'

/** What was just done, by the key of its words. */
export type AccountNotice = keyof (typeof words)['en']['done']

export interface OverviewPage extends AccountAround {
  emails: { address: string; id: string }[]
  mayAddEmail: boolean
  mailLanguage: Lang
  profile: Profile | undefined
  notice?: AccountNotice
}

export function overviewPage(given: OverviewPage): Page {
  const { lang, base, emails, mayAddEmail, mailLanguage, profile, notice } = given
  const say = words[lang]
  const rows = emails.map(({ address, id }) => {
    const remove =
      emails.length > 1
        ? html`<a href="${base}/manage/email/confirm_delete/${id}">${say.delete}<span class="usa-sr-only"> ${address}</span></a>`
        : ''
    return html`<li>${address} !${remove}</li>`
  })
  const language = LANGUAGES.find(({ value }) => value === mailLanguage)?.label ?? ''
  const main = html`!${notice ? alert({ kind: 'success', body: say.done[notice] }) : ''}<h1>${say.title}</h1>
<h2>${say.emails}</h2>
<ul class="usa-list">!${rows}</ul>
!${mayAddEmail ? html`<p><a href="${base}/add/email">${say.addEmail}</a></p>` : html`<p>${say.mostEmails}</p>`}
<h2>${say.password}</h2>
<p><a href="${base}/manage/password">${say.changePassword}</a></p>
<h2>${say.methods}</h2>
<p><a href="${base}${METHODS_PAGE}">${say.manageMethods}</a></p>
<h2>${say.language}</h2>
<p>${language} <a href="${base}/account/email_language">${say.changeLanguage}</a></p>
<h2>${say.identity}</h2>
!${verified(profile, lang)}
<h2>${say.deleteHeading}</h2>
<p><a href="${base}/account/delete">${say.deleteAccount}</a></p>`
  return accountPage(given, { title: say.title, main }, ACCOUNT)
}

/** Somebody who looks over the shoulder learns little. */
function verified(profile: Profile | undefined, lang: Lang): string {
  const say = words[lang]
  if (!profile) return html`<p>${say.unproofed}</p>`
  const { address } = profile
  const facts = [
    [say.name, `${profile.givenName} ${profile.familyName}`],
    [say.address, `${address.locality}, ${address.region} ${address.postalCode.slice(0, 5)}`],
    [say.birthdate, `${profile.birthdate.slice(0, 4)}-**-**`],
    ...(profile.socialSecurityNumber ? [[say.ssn, `***-**-${profile.socialSecurityNumber.slice(-4)}`]] : []),
    ...(profile.phoneNumber ? [[say.phone, `***-***-${profile.phoneNumber.slice(-4)}`]] : []),
    [say.verifiedOn, new Date(profile.verifiedAt).toISOString().slice(0, 10)],
  ].map(
    ([name, value]) =>
      html`<dt><strong>${name}</strong></dt><dd class="margin-left-0 margin-bottom-2">${value}</dd>`,
  )
  return html`<p>${say.proofed}</p><dl>!${facts}</dl>`
}

export interface AddEmailPage extends AccountAround {
  address?: string
  problem?: 'wrong' | 'own'
}

export function addEmailPage(given: AddEmailPage): Page {
  const { lang, base, csrf, address, problem } = given
  const say = words[lang]
  const error = problem && (problem === 'own' ? say.emailOwn : say.emailWrong)
  const body = html`!${textField({ name: 'user[email]', id: 'user_email', label: say.email, type: 'email', autocomplete: 'off', value: address, error, required: true })}
!${submitButton(say.submit)}`
  const main = html`!${errorSummary(error ? [{ field: 'user_email', message: error }] : [], lang)}<h1>${say.addEmail}</h1>
!${form({ action: `${base}/add/email`, csrf, body })}
<p><a href="${base}${ACCOUNT}">${say.cancel}</a></p>`
  const status = problem ? 422 : 200
  return accountPage(given, { title: say.addEmail, main, error: problem !== undefined, status })
}

export function emailSentPage(given: AccountAround & { address: string; sentAgain: boolean }): Page {
  const { lang, base, csrf, address, sentAgain } = given
  const say = words[lang]
  const resend = submitButton(say.resend, { variant: 'outline' })
  const main = html`!${sentAgain ? alert({ kind: 'success', body: say.sentAgain }) : ''}<h1>${say.checkEmail}</h1>
<p>${say.sent(address)}</p>
!${form({ action: `${base}/add/email/resend`, csrf, label: say.resend, body: resend })}
<p><a href="${base}${ACCOUNT}">${say.backToAccount}</a></p>`
  return accountPage(given, { title: say.checkEmail, main })
}

export function deleteEmailPage(given: AccountAround & { address: string; id: string }): Page {
  const { lang, base, csrf, address, id } = given
  const say = words[lang]
  const action = `${base}/manage/email/confirm_delete/${id}`
  const main = html`<h1>${say.deleteEmail}</h1>
<p>${say.deleteEmailOf(address)}</p>
!${form({ action, csrf, body: submitButton(say.deleteEmailButton, { variant: 'secondary' }) })}
<p><a href="${base}${ACCOUNT}">${say.cancel}</a></p>`
  return accountPage(given, { title: say.deleteEmail, main })
}

/** For a letter's link that does not work any more; whoever opens it may be signed in or not. */
export function emailLinkExpiredPage({ lang, base }: { lang: Lang; base: string }): Page {
  const say = words[lang]
  const main = html`<h1>${say.expiredTitle}</h1>
!${alert({ kind: 'error', body: say.expired })}
<p>!${buttonLink(say.backToAccount, `${base}${ACCOUNT}`)}</p>`
  return { title: say.expiredTitle, main, error: true, status: 404 }
}

export function passwordPage(
  given: AccountAround & { shortest: number; problem?: NewPasswordProblem },
): Page {
  const { lang, base, csrf, shortest, problem } = given
  const say = words[lang]
  const name = 'update_user_password_form[password]'
  const fields = newPasswordFields({ lang, name, submit: say.update, shortest, problem })
  const main = html`!${fields.summary}<h1>${say.changePassword}</h1>
!${form({ action: `${base}/manage/password`, csrf, body: fields.body })}
<p><a href="${base}${ACCOUNT}">${say.cancel}</a></p>`
  const status = problem ? 422 : 200
  return accountPage(given, { title: say.changePassword, main, error: problem !== undefined, status })
}

export function languagePage(given: AccountAround & { chosen: Lang }): Page {
  const { lang, base, csrf, chosen } = given
  const say = words[lang]
  const field = radioGroup({
    name: 'user[email_language]',
    id: 'user_email_language',
    label: say.language,
    value: chosen,
    options: LANGUAGES,
  })
  const main = html`<h1>${say.language}</h1>
!${form({ action: `${base}/account/email_language`, csrf, body: html`!${field}!${submitButton(say.save)}` })}
<p><a href="${base}${ACCOUNT}">${say.cancel}</a></p>`
  return accountPage(given, { title: say.language, main })
}

export interface DeleteAccountPage extends AccountAround {
  problem?: 'wrong' | { blockedFor: number }
}

export function deleteAccountPage(given: DeleteAccountPage): Page {
  const { lang, base, csrf, problem } = given
  const say = words[lang]
  const error = problem === 'wrong' ? say.passwordWrong : undefined
  const blocked = typeof problem === 'object' ? say.blocked(timeLeft(problem.blockedFor, lang)) : undefined
  const body = html`!${textField({ name: 'user[password]', id: 'user_password', label: say.password, type: 'password', autocomplete: 'current-password', showPassword: say.showPassword, error, required: true })}
!${submitButton(say.deleteAccount, { variant: 'secondary' })}`
  const main = html`!${blocked ? alert({ kind: 'error', body: blocked }) : ''}<h1>${say.deleteAccount}</h1>
<p>${say.deleteIntro}</p>
<ul class="usa-list">!${say.deleteConsequences.map((one) => html`<li>${one}</li>`)}</ul>
!${form({ action: `${base}/account/delete`, csrf, body })}
<p><a href="${base}${ACCOUNT}">${say.cancel}</a></p>`
  const status = problem === undefined ? 200 : blocked ? 429 : 422
  return accountPage(given, { title: say.deleteAccount, main, error: problem !== undefined, status })
}
