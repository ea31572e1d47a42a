import {
  alert,
  errorSummary,
  type FieldError,
  form,
  select,
  submitButton,
  textField,
} from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { labPage, timeTag } from '../site.ts'
import type { SuiteClock } from './suite-clock.ts'

export const UNITS = { minutes: 60, hours: 3_600, days: 86_400 } as const

const STEPS = [
  { seconds: 600, text: '10 minutes' },
  { seconds: 86_400, text: '1 day' },
  { seconds: 604_800, text: '1 week' },
]

interface ClockPage {
  clock: ReturnType<SuiteClock['read']>
  csrf: string
  publicUrl: string
  errors?: FieldError[]
  amount?: string
  unit?: string
  /** The services that did not answer, after a move. */
  unmoved?: string[]
}

function ahead(offset: number): string {
  if (offset < 1_000) return "It runs with this machine's clock."
  const seconds = Math.floor(offset / 1_000)
  const parts = [
    [Math.floor(seconds / 86_400), 'day'],
    [Math.floor(seconds / 3_600) % 24, 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
    [seconds % 60, 'second'],
  ] as const
  const words = parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`)
  return `It runs ${words.join(' ')} ahead of this machine's clock.`
}

function outcomeAlert(unmoved: string[]): string {
  if (unmoved.length === 0)
    return alert({ kind: 'success', slim: true, body: 'The clock moved in every service.' })
  return alert({
    kind: 'warning',
    heading: 'The clock did not move everywhere',
    body: `No answer from ${unmoved.join(', ')}. Moving it again, even by 0 minutes, tells them once more.`,
  })
}

export function clockPage({
  clock,
  csrf,
  publicUrl,
  errors = [],
  amount = '',
  unit = 'minutes',
  unmoved,
}: ClockPage): string {
  const steps = STEPS.map(
    ({ seconds, text }) =>
      html`<button class="usa-button" type="submit" name="advanceSeconds" value="${seconds}">+ ${text}</button>`,
  )
  return labPage({
    title: 'Clock',
    place: '/clock',
    error: errors.length > 0,
    main: html`!${unmoved ? outcomeAlert(unmoved) : ''}!${errorSummary(errors)}
<h1>Clock</h1>
<p class="lab-now">!${timeTag(clock.now)}</p>
<p>!${ahead(clock.offset)} Every service asks this clock, and so does everything that expires: codes, tokens, sessions, lockouts.</p>
<h2>Advance</h2>
<p>Forwards only. What has expired stays expired.</p>
<div class="lab-steps">!${form({ action: '/clock', csrf, width: 'full', label: 'Advance by a common step', body: steps.join('') })}</div>
<h2>Advance by any time</h2>
!${form({
      action: '/clock',
      csrf,
      label: 'Advance by any time',
      body: html`<div class="lab-row">!${textField({
        name: 'amount',
        label: 'How many',
        inputmode: 'numeric',
        width: 'sm',
        value: amount,
        maxlength: 9,
        error: errors.find(({ field }) => field === 'amount')?.message,
      })}
!${select({
        name: 'unit',
        label: 'Unit',
        value: unit,
        options: Object.keys(UNITS).map((value) => ({ value, label: value })),
      })}</div>
!${submitButton('Advance', { variant: 'outline' })}`,
    })}
<h2>From a test</h2>
<pre class="lab-code" tabindex="0"><code>curl -X PUT ${publicUrl}/clock -H 'content-type: application/json' -d '{"advanceSeconds": 600}'
curl -X PUT ${publicUrl}/clock -H 'content-type: application/json' -d '{"now": "2030-01-01T00:00:00Z"}'</code></pre>`,
  })
}
