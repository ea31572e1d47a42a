import { now } from '@gatehouse/clock/clock'
import type { LetterDelivery } from '@gatehouse/contracts/lab'

/** A PDF as small as one can be read. */
export const PDF = Buffer.from('%PDF-1.7\n% a letter\n%%EOF\n', 'latin1')

export const RUTH = {
  name: 'Ruth Template',
  street: '700 Example Street',
  city: 'Baltimore',
  state: 'MD',
  zipCode: '21235',
}

/** A letter that is delivered at once. */
export function letterTo(street: string, changes: Partial<LetterDelivery> = {}): LetterDelivery {
  return {
    from: 'Social Security',
    to: { ...RUTH, street },
    subject: 'Your account upgrade code',
    printedOn: '2026-08-18',
    blocks: [
      { kind: 'heading', text: 'Please take these steps' },
      { kind: 'steps', items: ['Visit http://localhost:4003.', 'Enter your upgrade code: 0642030.'] },
      { kind: 'paragraph', text: 'Nobody will call you about it.' },
      { kind: 'list', items: ['A phone'] },
    ],
    code: '0642030',
    pdf: PDF.toString('base64'),
    deliverAt: now(),
    ...changes,
  }
}
