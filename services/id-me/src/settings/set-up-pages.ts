// Setting up another second factor, or the first: the choice, and a page for each.

import { alert, errorSummary, form, radioGroup, submitButton, textField } from '@gatehouse/pages/forms'
import { webAuthnForms } from '@gatehouse/provider/authenticators/webauthn-form'
import { html } from 'ghtml'
import { type Around, backLink, type Page, timeLeft, webAddresses } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'
import { codeField } from '../second-factor/code-field.ts'
import type { Method } from '../second-factor/methods.ts'
import { maskedPhone } from '../second-factor/phone-numbers.ts'
import type { LabKeys, WebAuthnMethod } from '../second-factor/webauthn-pages.ts'
import { setUpWords as words } from './words.ts'

/** Where a method is set up, without language prefix. */
export function setUpPath(method: Method): string {
  return `${PATHS.setUp}/${method.replaceAll('_', '-')}`
}

/** Methods that stand on their own; codes on paper come beside one of them. */
export const FIRST_METHODS = ['phone', 'code_generator', 'push', 'passkey', 'security_key'] as const
export const PAPER_METHODS = ['recovery_code', 'backup_code'] as const
export type PaperMethod = (typeof PAPER_METHODS)[number]

interface Shown {
  title: string
  error?: string | undefined
  /** Id of the field that has the error. */
  field?: string
  body: string
}

function page(around: Around, { title, error, field = 'code', body }: Shown): Page {
  const { lang, base } = around
  const summary = error ? errorSummary([{ field, message: error }], lang) : ''
  const main = html`!${summary}<h1>${title}</h1>
!${body}
<div class="border-top-1px border-base-lighter margin-top-4 padding-top-1">
<p><a href="${base}${PATHS.setUp}">${words[lang].other}</a></p>
<p><a href="${base}${PATHS.settings}">${words[lang].settings}</a></p>
!${backLink(around)}
</div>`
  return { title, main, error: error !== undefined, status: error ? 422 : 200 }
}

export function setUpChoicePage(
  around: Around,
  { methods, isFirst, problem }: { methods: readonly Method[]; isFirst: boolean; problem?: 'choose' },
): Page {
  const { lang, base, csrf } = around
  const say = words[lang]
  const error = problem ? say.choose : undefined
  const main = html`!${error ? errorSummary([{ field: 'method', message: error }], lang) : ''}<h1>${say.title}</h1>
!${isFirst ? html`<p>${say.first}</p>` : ''}
!${form({
    action: base + PATHS.setUp,
    csrf,
    body: html`!${radioGroup({
      name: 'method',
      label: say.label,
      tiles: true,
      ...(error ? { error } : {}),
      options: methods.map((method) => ({ value: method, ...say.methods[method] })),
    })}
!${submitButton(say.continue)}`,
  })}
!${isFirst ? '' : html`<p><a href="${base}${PATHS.settings}">${say.settings}</a></p>`}
!${backLink(around)}`
  return { title: say.title, main, error: error !== undefined, status: error ? 422 : 200 }
}

/** A number, for codes or for the push app. */
export function numberPage(
  around: Around,
  method: 'phone' | 'push',
  { number = '', error }: { number?: string; error?: string | undefined } = {},
): Page {
  const { lang, base, csrf } = around
  const say = words[lang]
  const channel = radioGroup({
    name: 'channel',
    label: say.channel,
    value: 'text',
    options: [
      { value: 'text', label: say.text },
      { value: 'call', label: say.call },
    ],
  })
  const body = html`<p>${say.intro[method]}</p>
!${form({
    action: base + setUpPath(method),
    csrf,
    body: html`!${textField({
      name: 'number',
      label: say.number,
      hint: say.numberHint,
      type: 'tel',
      autocomplete: 'tel',
      required: true,
      value: number,
      ...(error ? { error } : {}),
    })}
!${method === 'phone' ? channel : ''}!${submitButton(say.continue)}`,
  })}`
  return page(around, { title: say.methods[method].label, error, field: 'number', body })
}

export function setUpCodePage(
  around: Around,
  given: { number: string; error: string | undefined; tooSoonFor: number | undefined },
): Page {
  const { lang, base, csrf } = around
  const { number, error, tooSoonFor } = given
  const say = words[lang]
  const place = setUpPath('phone')
  const soon =
    tooSoonFor === undefined ? '' : alert({ kind: 'warning', body: say.tooSoon(timeLeft(tooSoonFor, lang)) })
  const body = html`!${soon}<p>${say.sent(maskedPhone(number))}</p>
!${form({
    action: `${base}${place}/code`,
    csrf,
    autocomplete: 'off',
    body: html`!${codeField({ label: say.code, kind: 'digits', error })}!${submitButton(say.continue)}`,
  })}
!${form({
    action: `${base}${place}/resend`,
    csrf,
    label: say.resend,
    body: submitButton(say.resend, { variant: 'unstyled' }),
  })}`
  return page(around, { title: say.methods.phone.label, error, body })
}

/** @param given `qr` is SVG markup */
export function codeGeneratorPage(
  around: Around,
  given: { setupKey: string; qr: string; error: string | undefined },
): Page {
  const { lang, base, csrf } = around
  const say = words[lang]
  const groups = given.setupKey.match(/.{1,4}/g) ?? []
  const body = html`<p>${say.intro.code_generator}</p>
<figure class="margin-x-0" role="img" aria-label="${say.qr}"><div class="width-card bg-white">!${given.qr}</div></figure>
<p>${say.setupKey}<br><code id="setup-key">${groups.join(' ')}</code></p>
!${form({
    action: base + setUpPath('code_generator'),
    csrf,
    autocomplete: 'off',
    body: html`!${codeField({ label: say.code, kind: 'digits', error: given.error })}!${submitButton(say.continue)}`,
  })}`
  return page(around, { title: say.methods.code_generator.label, error: given.error, body })
}

export function setUpWaitingPage(around: Around, number: string): Page {
  const { lang, base, csrf } = around
  const say = words[lang]
  const body = html`<p>${say.asked(maskedPhone(number))}</p>
!${form({ action: `${base}${setUpPath('push')}/approval`, csrf, body: submitButton(say.continue) })}`
  return page(around, { title: say.methods.push.label, body })
}

export function setUpWebAuthnPage(
  around: Around,
  given: {
    method: WebAuthnMethod
    options: object
    lab: LabKeys
    problem: 'refused' | 'too_many' | undefined
  },
): Page {
  const { lang, base, csrf, destination } = around
  const { method, options, lab, problem } = given
  const say = words[lang]
  const failed = problem ? alert({ kind: 'error', body: say[problem] }) : ''
  const name = textField({ name: 'name', label: say.name, value: say.methods[method].label, maxlength: 40 })
  const body = html`!${failed}<p>${say.intro[method]}</p>
!${webAuthnForms({
    ceremony: 'create',
    options,
    action: base + setUpPath(method),
    csrf,
    fields: name,
    say: {
      button: say.register,
      cancelled: say.cancelled,
      registered: say.registered,
      missing: say.missing,
      lab: say.lab,
    },
    lab: { ...lab, cancel: base + PATHS.setUp, leadsTo: webAddresses(destination?.leadsTo ?? []) },
  })}`
  const built = page(around, { title: say.methods[method].label, body })
  return problem ? { ...built, error: true, status: 422 } : built
}

/** Before codes on paper are made: the ones before end then. */
export function paperPage(around: Around, method: PaperMethod): Page {
  const { lang, base, csrf } = around
  const say = words[lang]
  const body = html`<p>${say.intro[method]}</p>
!${form({ action: base + setUpPath(method), csrf, body: submitButton(say.make[method]) })}`
  return page(around, { title: say.methods[method].label, body })
}

/** The codes, this one time. */
export function newCodesPage(around: Around, method: PaperMethod, codes: string[]): Page {
  const { lang, base } = around
  const say = words[lang]
  const items = codes.map((code) => html`<li><code>${code}</code></li>`)
  const main = html`<h1>${say.methods[method].label}</h1>
<p>${say.once}</p>
<ul class="usa-list usa-list--unstyled">!${items}</ul>
<p><a class="usa-button" href="${base}${PATHS.settings}">${say.continue}</a></p>`
  return { title: say.methods[method].label, main }
}
