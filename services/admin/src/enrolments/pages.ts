import type { Enrolment } from '@gatehouse/contracts/enrolments'
import { form, select, submitButton, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { exportLinks } from '../console/exports.ts'
import { type Errors, type OrderForm, orderFields } from '../console/order-fields.ts'
import { consolePage, type Frame } from '../console/site.ts'
import { factList, pager, table } from '../console/tables.ts'
import { timeTag } from '../console/times.ts'

const KINDS = { EN: 'Employment Network', VRA: 'State VR agency' }

export interface EnrolmentForm extends OrderForm {
  username?: string
  organization?: string
  kind?: string
}

/** Who may use the Ticket Portal, and for whom. */
export function enrolmentsPage(
  frame: Frame,
  given: {
    enrolments: readonly Enrolment[]
    next?: string | undefined
    cursor?: string | undefined
    values?: EnrolmentForm
    errors?: Errors
  },
): string {
  const { enrolments, next, cursor, values = {}, errors = {} } = given
  return consolePage({
    frame,
    title: 'Ticket Portal',
    section: '/enrolments',
    errors,
    main: html`<h1>Ticket Portal</h1>
<p>People who may use the Ticket Portal, by their my Social Security username.</p>
!${table({
      caption: 'Enrolments',
      columns: ['Username', 'Organization', 'Kind', 'Enrolled', 'First used'],
      rows: enrolments.map(({ username, organization, kind, enrolledAt, boundAt }) => [
        frame.may('removeEnrolment')
          ? html`<a href="/enrolments/${username}">${username}</a>`
          : html`${username}`,
        html`${organization}`,
        KINDS[kind],
        timeTag(enrolledAt),
        boundAt ? timeTag(boundAt) : 'not yet',
      ]),
      empty: 'Nobody is enrolled.',
    })}
!${pager('/enrolments', { cursor }, next)}!${exportLinks('listEnrolments')}
!${frame.may('enrol') ? enrolForm(frame, values, errors) : ''}`,
  })
}

function enrolForm(frame: Frame, values: EnrolmentForm, errors: Errors): string {
  return html`<h2>Enrol somebody</h2>
!${form({
    action: '/enrolments',
    csrf: frame.csrf,
    label: 'Enrol somebody',
    autocomplete: 'off',
    body: html`!${textField({
      name: 'username',
      label: 'Username',
      hint: '8 to 20 letters and digits. Who is enrolled already gets the new employment.',
      value: values.username ?? '',
      ...(errors.username ? { error: errors.username } : {}),
      maxlength: 20,
    })}
!${textField({
      name: 'organization',
      label: 'Organization',
      value: values.organization ?? '',
      ...(errors.organization ? { error: errors.organization } : {}),
      maxlength: 100,
    })}
!${select({
      name: 'kind',
      label: 'Kind',
      value: values.kind ?? 'EN',
      options: Object.entries(KINDS).map(([value, label]) => ({ value, label })),
    })}
!${orderFields(values, errors)}!${submitButton('Enrol')}`,
  })}`
}

/** Asks why before somebody loses the Ticket Portal. */
export function enrolmentPage(
  frame: Frame,
  { enrolment, values = {}, errors = {} }: { enrolment: Enrolment; values?: OrderForm; errors?: Errors },
): string {
  const { username, organization, kind, enrolledAt, boundAt } = enrolment
  return consolePage({
    frame,
    title: username,
    section: '/enrolments',
    errors,
    main: html`<h1>${username}</h1>
!${factList([
      ['Organization', html`${organization}, ${KINDS[kind]}`],
      ['Enrolled', timeTag(enrolledAt)],
      ['First used', boundAt ? timeTag(boundAt) : 'not yet'],
    ])}
!${
      frame.may('removeEnrolment')
        ? html`<h2>Remove</h2><p>The person cannot use the Ticket Portal from the next click on.</p>
!${form({
            action: `/enrolments/${encodeURIComponent(username)}/removals`,
            csrf: frame.csrf,
            label: 'Remove',
            body: html`!${orderFields(values, errors)}!${submitButton('Remove the enrolment', { variant: 'secondary' })}`,
          })}`
        : ''
    }`,
  })
}
