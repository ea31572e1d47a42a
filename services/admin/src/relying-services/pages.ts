// Relying services: those of the suite, which are shown, and those that were registered, which are looked after here.

import type { RelyingService, RelyingServiceMetadata } from '@gatehouse/contracts/relying-services'
import { alert, buttonLink, form, radioGroup, submitButton, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { type Errors, type OrderForm, orderFields, textArea } from '../console/order-fields.ts'
import { consolePage, type Frame } from '../console/site.ts'
import { code, factList, pager, table, tag } from '../console/tables.ts'
import { timeTag } from '../console/times.ts'
import { revokeAddress } from '../revocations/words.ts'

const SECTION = '/relying-services'

export function relyingServicesPage(
  frame: Frame,
  given: {
    relyingServices: readonly RelyingService[]
    next?: string | undefined
    cursor?: string | undefined
    exports: string
  },
): string {
  const { relyingServices, next, cursor, exports } = given
  return consolePage({
    frame,
    title: 'Relying services',
    section: SECTION,
    main: html`<h1>Relying services</h1>
<p>Services that send people to sign-in.</p>
!${frame.may('registerRelyingService') ? html`<p class="admin-actions">!${buttonLink('Register a relying service', `${SECTION}/new`)}</p>` : ''}
!${table({
      caption: 'Relying services',
      columns: ['Name', 'Client id', 'Scope', 'Registered'],
      rows: relyingServices.map(({ clientId, registration, registeredAt, metadata }) => [
        html`<a href="${placeOf(clientId)}">${metadata.client_name ?? clientId}</a>`,
        code(clientId),
        html`${metadata.scope ?? '–'}`,
        registration === 'static'
          ? tag('Of the suite', 'quiet')
          : registeredAt
            ? timeTag(registeredAt)
            : tag('Registered', 'quiet'),
      ]),
      empty: 'None.',
    })}
!${pager(SECTION, { cursor }, next)}!${exports}`,
  })
}

export function placeOf(clientId: string): string {
  return `${SECTION}/${encodeURIComponent(clientId)}`
}

export function relyingServicePage(frame: Frame, relyingService: RelyingService): string {
  const { clientId, registeredAt, hasSecret, metadata } = relyingService
  const revoke = frame.may('revoke')
    ? buttonLink('Revoke what it holds', revokeAddress({ kind: 'client', value: clientId }), {
        variant: 'secondary',
      })
    : ''
  const changes = changesOf(relyingService)
    .filter((change) => frame.may(CHANGES[change].operationId))
    .map((change) =>
      buttonLink(CHANGES[change].title, `${placeOf(clientId)}/${change}`, { variant: 'outline' }),
    )
  return consolePage({
    frame,
    title: metadata.client_name ?? clientId,
    section: SECTION,
    main: html`<h1>${metadata.client_name ?? clientId}</h1>
!${factList([
      ['Client id', code(clientId)],
      ['Registered', registeredAt ? timeTag(registeredAt) : 'comes with the suite'],
      ['Secret', hasSecret ? 'it has one' : 'none'],
      ...metadataFacts(metadata),
    ])}
<div class="admin-actions">!${revoke}!${changes}</div>`,
  })
}

function metadataFacts(metadata: Partial<RelyingServiceMetadata>): [string, string][] {
  return Object.entries(metadata).map(([name, value]): [string, string] => {
    if (name === 'jwks') return [name, 'public keys']
    const text = Array.isArray(value) ? value.join(', ') : String(value)
    return [name, html`${text || '–'}`]
  })
}

/** What can be changed of a relying service, by the last part of the address. */
const CHANGES = {
  secrets: {
    title: 'Rotate the secret',
    words: 'The new secret is shown once; the old one ends at once.',
    operationId: 'rotateSecret',
  },
  keys: { title: 'Replace the keys', words: 'The old keys end at once.', operationId: 'replaceKeys' },
  removals: {
    title: 'Remove the relying service',
    words: 'It can ask for nothing from then on. End what it holds first: “Revoke what it holds”.',
    operationId: 'removeRelyingService',
  },
} as const
export type Change = keyof typeof CHANGES

/** What comes with the suite is not changed, and nobody gets a secret or a key of which there was none. */
function changesOf({ registration, hasSecret, metadata }: RelyingService): Change[] {
  if (registration === 'static') return []
  const hasKeys = metadata.jwks !== undefined || metadata.jwks_uri !== undefined
  return [...(hasSecret ? ['secrets' as const] : []), ...(hasKeys ? ['keys' as const] : []), 'removals']
}

export interface KeysForm extends OrderForm {
  keys?: string
}

export function changePage(
  frame: Frame,
  given: { relyingService: RelyingService; change: Change; values?: KeysForm; errors?: Errors },
): string {
  const { relyingService, change, values = {}, errors = {} } = given
  const { clientId, metadata } = relyingService
  const { title, words } = CHANGES[change]
  const name = metadata.client_name ?? clientId
  const keys =
    change === 'keys'
      ? textArea({
          name: 'keys',
          label: 'Public keys',
          hint: 'A JWK Set, or the https address where it is fetched.',
          value: values.keys,
          error: errors.keys,
          rows: 6,
        })
      : ''
  return consolePage({
    frame,
    title,
    section: SECTION,
    trail: [{ href: placeOf(clientId), text: name }],
    errors,
    main: html`<h1>${title}</h1>
<p>${name}, !${code(clientId)}. ${words}</p>
!${form({
      action: `${placeOf(clientId)}/${change}`,
      csrf: frame.csrf,
      body: html`!${keys}!${orderFields(values, errors)}!${submitButton(title, { variant: 'secondary' })}`,
    })}`,
  })
}

/** A secret, this once. */
export function secretPage(
  frame: Frame,
  { clientId, name, clientSecret }: { clientId: string; name: string; clientSecret?: string | undefined },
): string {
  return consolePage({
    frame,
    title: clientSecret ? 'The client secret' : 'Registered',
    section: SECTION,
    main: html`<h1>${name}</h1>
!${
      clientSecret
        ? alert({
            kind: 'warning',
            heading: 'Copy the secret now',
            body: 'It is shown this once and kept by nobody here.',
          })
        : alert({ kind: 'success', heading: 'Registered' })
    }
!${factList([
      ['client_id', code(clientId)],
      clientSecret ? ['client_secret', html`<code class="admin-secret">${clientSecret}</code>`] : undefined,
    ])}
<p class="admin-actions">!${buttonLink('Go on', placeOf(clientId), { variant: 'outline' })}</p>`,
  })
}

export interface RegistrationForm extends OrderForm {
  name?: string
  redirectUris?: string
  postLogoutRedirectUris?: string
  scope?: string
  authentication?: string
  keys?: string
  backChannelLogoutUri?: string
}

const AUTHENTICATIONS = {
  client_secret_basic: 'A secret, made here and shown once',
  private_key_jwt: 'A key of its own (private_key_jwt)',
  none: 'Nothing: a public client with PKCE',
} as const

export function registrationPage(
  frame: Frame,
  { values = {}, errors = {} }: { values?: RegistrationForm; errors?: Errors } = {},
): string {
  const text = (name: keyof RegistrationForm, label: string, hint?: string, required?: false) =>
    textField({
      name,
      label,
      value: values[name] ?? '',
      ...(hint ? { hint } : {}),
      ...(errors[name] ? { error: errors[name] } : {}),
      ...(required === false ? { required } : {}),
    })
  return consolePage({
    frame,
    title: 'Register a relying service',
    section: SECTION,
    errors,
    main: html`<h1>Register a relying service</h1>
!${form({
      action: SECTION,
      csrf: frame.csrf,
      autocomplete: 'off',
      body: html`!${text('name', 'Name', 'People read it when they sign in.')}
!${textArea({ name: 'redirectUris', label: 'Redirect addresses', hint: 'One a line; https, or http of this machine.', value: values.redirectUris, error: errors.redirectUris })}
!${textArea({ name: 'postLogoutRedirectUris', label: 'Addresses after signing out (optional)', hint: 'One a line.', value: values.postLogoutRedirectUris, error: errors.postLogoutRedirectUris, rows: 2 })}
!${text('scope', 'Scope', 'Such as openid profile bso cbsv.verify.')}
!${radioGroup({
        name: 'authentication',
        label: 'How it authenticates',
        value: values.authentication ?? 'client_secret_basic',
        ...(errors.authentication ? { error: errors.authentication } : {}),
        options: Object.entries(AUTHENTICATIONS).map(([value, label]) => ({ value, label })),
      })}
!${textArea({ name: 'keys', label: 'Public keys, for a key of its own', hint: 'A JWK Set, or the https address where it is fetched.', value: values.keys, error: errors.keys, rows: 3 })}
!${text('backChannelLogoutUri', 'Address for back-channel logout', 'Where it hears that somebody’s session ended.', false)}
!${orderFields(values, errors)}
!${submitButton('Register')}`,
    })}`,
  })
}
