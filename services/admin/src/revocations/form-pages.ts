// What to revoke and why, and before it happens what it would end.

import type { RevocationKind, RevocationPreview } from '@gatehouse/contracts/revocations'
import { form, radioGroup, select, submitButton, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { canLast } from '../acts/act.ts'
import type { Labels } from '../console/labels.ts'
import { type Errors, hiddenField, orderFields } from '../console/order-fields.ts'
import { consolePage, type Frame } from '../console/site.ts'
import { count, factList } from '../console/tables.ts'
import { timeText } from '../console/times.ts'
import { clientName, countList } from './effect.ts'
import type { OrderedRevocation, RevocationForm } from './order-form.ts'
import { KIND_NAMES, KINDS, targetFact } from './words.ts'

const SECTION = '/revocations'

/** The form. With a kind from elsewhere, such as a person's page, the target is settled. */
export function revocationFormPage(
  frame: Frame,
  { values, errors = {}, labels }: { values: Partial<RevocationForm>; errors?: Errors; labels: Labels },
): string {
  const isSettled = values.kind !== undefined && (values.value !== undefined || values.kind === 'everything')
  const isEditable = !isSettled || errors.value !== undefined
  return consolePage({
    frame,
    title: 'Revoke access',
    section: SECTION,
    errors,
    main: html`<h1>Revoke access</h1>
<p>Ends sessions, grants, refresh tokens and access tokens. Next you see what it would end; nothing happens before that.</p>
!${form({
      action: '/revocations/preview',
      csrf: frame.csrf,
      body: html`!${isEditable ? targetFields(values, errors) : settledTarget(values, labels)}
!${durationFields(values, errors)}
!${orderFields(values, errors)}
!${submitButton('Continue')}`,
    })}`,
  })
}

function targetFields({ kind, value }: Partial<RevocationForm>, errors: Errors): string {
  return html`!${select({
    name: 'kind',
    label: 'What',
    value: kind ?? 'account',
    options: KIND_NAMES.map((name) => ({ value: name, label: `${KINDS[name].name}: ${KINDS[name].hint}` })),
  })}
!${textField({
    name: 'value',
    label: 'Which',
    hint: 'Account id, provider and subject, User ID, EIN, client id or provider. Nothing for everything.',
    value: value ?? '',
    ...(errors.value ? { error: errors.value } : {}),
    autocomplete: 'off',
    maxlength: 320,
  })}`
}

function settledTarget({ kind = 'everything', value = '' }: Partial<RevocationForm>, labels: Labels): string {
  return html`!${hiddenField('kind', kind)}!${hiddenField('value', value)}
<p>!${targetFact({ kind, value }, labels)}</p>`
}

function durationFields({ kind, duration, day }: Partial<RevocationForm>, errors: Errors): string {
  const isOnce = kind !== undefined && !canLast(kind)
  if (isOnce && !errors.duration) return hiddenField('duration', 'once')
  return html`!${radioGroup({
    name: 'duration',
    label: 'How long access stays ended',
    value: duration ?? '',
    ...(errors.duration ? { error: errors.duration } : {}),
    options: [
      { value: 'once', label: 'End what is open now', hint: 'Whoever signs in again has access again.' },
      { value: 'until-reinstated', label: 'Until somebody reinstates it' },
      { value: 'until-day', label: 'Until the end of a day' },
    ],
  })}
!${textField({
    name: 'day',
    label: 'The last day, in Eastern Time',
    type: 'date',
    required: false,
    value: day ?? '',
    width: 'md',
    ...(errors.day ? { error: errors.day } : {}),
  })}`
}

/** What the order would end, and the button that does it. */
export function previewPage(
  frame: Frame,
  given: {
    form: RevocationForm
    order: OrderedRevocation
    preview: RevocationPreview
    needsApproval: boolean
    labels: Labels
  },
): string {
  const { form: sent, order, preview, needsApproval, labels } = given
  const { target } = preview
  const button = needsApproval ? 'Ask for approval' : 'Revoke now'
  return consolePage({
    frame,
    title: 'What it would end',
    section: SECTION,
    trail: [{ href: '/revocations/new', text: 'Revoke access' }],
    main: html`<h1>What it would end</h1>
<p>!${targetFact(target, labels)}</p>
!${endsList(preview)}
<p class="admin-quiet">Tokens are counted high: those issued in the last five minutes.
${endsSessions(target.kind) ? '' : 'Sessions stay open; what came of them for this ends.'}</p>
!${factList([
      ['Relying services', clientList(preview.clients, labels)],
      ['How long', durationText(order)],
      ['Reason', html`${order.reason}`],
      order.ticket ? ['Ticket', html`${order.ticket}`] : undefined,
    ])}
!${needsApproval && frame.may('revoke') ? html`<p>Another administrator with the role approver decides about it, within 24 hours. Until then nothing ends.</p>` : ''}
!${
      frame.may('revoke')
        ? form({
            action: '/revocations',
            csrf: frame.csrf,
            label: button,
            body: html`!${sentAgain(sent, target.value)}!${submitButton(button, { variant: 'secondary' })}`,
          })
        : html`<p>Your roles allow you to look. Somebody with the role revoker can order it.</p>`
    }
!${form({
      action: '/revocations/form',
      csrf: frame.csrf,
      label: 'Change',
      body: html`!${sentAgain(sent, target.value)}!${submitButton('Change', { variant: 'unstyled' })}`,
    })}`,
  })
}

function endsSessions(kind: RevocationKind): boolean {
  return kind !== 'client' && kind !== 'bso_user_id' && kind !== 'ein'
}

function endsList({ sessions, people, grants, refreshTokens, tokensInFlight }: RevocationPreview): string {
  return countList([
    [people, 'person', 'people'],
    [sessions, 'session'],
    [grants, 'grant'],
    [refreshTokens, 'refresh token'],
    [tokensInFlight, 'access token in flight', 'access tokens in flight'],
  ])
}

function clientList(clients: readonly string[], labels: Labels): string {
  if (clients.length === 0) return 'none'
  const shown = clients.slice(0, 20).map((client) => clientName(client, labels))
  const more = clients.length - shown.length
  return html`!${shown.join(', ')}${more > 0 ? ` and ${count(more, 'other', 'others')}` : ''}`
}

export function durationText({ lasting, endsAt }: { lasting: boolean; endsAt?: number | undefined }): string {
  if (!lasting) return 'ends what is open now'
  return endsAt === undefined ? 'until somebody reinstates it' : html`until ${timeText(endsAt)}`
}

function sentAgain(sent: RevocationForm, value: string): string {
  return Object.entries({ ...sent, value })
    .map(([name, text]) => (text === undefined ? '' : hiddenField(name, text)))
    .join('')
}
