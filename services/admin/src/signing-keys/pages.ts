import type { SigningKey } from '@gatehouse/contracts/signing-keys'
import { form, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { type Errors, hiddenField, type OrderForm, orderFields } from '../console/order-fields.ts'
import { consolePage, type Frame } from '../console/site.ts'
import { code, table, tag } from '../console/tables.ts'
import { timeTag } from '../console/times.ts'

const STATES = {
  current: tag('Current', 'good'),
  next: tag('Next', 'open'),
  previous: tag('Previous', 'quiet'),
}

/** The keys with which sign-in signs, and rotating them. */
export function signingKeysPage(
  frame: Frame,
  { keys, values, errors }: { keys: readonly SigningKey[]; values?: OrderForm; errors?: Errors },
): string {
  const current = keys.find(({ state }) => state === 'current')?.kid ?? ''
  return consolePage({
    frame,
    title: 'Signing keys',
    section: '/signing-keys',
    errors,
    main: html`<h1>Signing keys</h1>
<p>Tokens are signed with the current key. The next and the previous one are published too, so that nothing breaks when they change.</p>
!${table({
      caption: 'Signing keys',
      columns: ['Key', 'Algorithm', 'State', 'Made'],
      rows: keys.map(({ kid, alg, state, createdAt }) => [
        code(kid),
        html`${alg}`,
        STATES[state],
        timeTag(createdAt),
      ]),
      empty: 'None.',
    })}
!${
      frame.may('rotateSigningKeys')
        ? html`<h2>Rotate</h2><p>Next becomes current, current previous. What the previous key has signed is not taken any more.</p>
!${form({
            action: '/signing-keys',
            csrf: frame.csrf,
            label: 'Rotate',
            body: html`!${hiddenField('current', current)}!${orderFields(values, errors)}!${submitButton('Rotate the signing keys', { variant: 'secondary' })}`,
          })}`
        : ''
    }`,
  })
}
