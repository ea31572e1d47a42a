// The numbers that the lab's carrier serves: 555-0100 to 555-0199 of any area code, which the North American
// Numbering Plan keeps for fiction. No other number can be reached, so no text ever has a real person's number on it.

const SERVED = /^\+1[2-9][0-9]{2}55501[0-9]{2}$/

/** The same numbers as people write them into an address: with `+1`, with `1`, or without. */
export const WRITTEN_NUMBER = '^(\\+?1)?[2-9][0-9]{2}55501[0-9]{2}$'

/** Whether `number` (E.164) belongs to a phone of the lab. */
export function isServed(number: string): boolean {
  return SERVED.test(number)
}

/** E.164 from anything that matches `WRITTEN_NUMBER`. */
export function toE164(written: string): string {
  return `+1${written.slice(-10)}`
}

/** `(202) 555-0142` for a number of the plan; anything else as it is. */
export function nationalFormat(number: string): string {
  return number.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, '($1) $2-$3')
}

export type Fault = 'undelivered' | 'busy' | 'no-answer' | 'opted-out' | 'landline' | 'carrier-down'

/** What goes wrong at a number, by its last four digits, in any area code. The list is the lab's own, not Twilio's. */
export const FAULTS: Record<string, { fault: Fault; text: string; call: string }> = {
  '0190': {
    fault: 'undelivered',
    text: 'sent, then undelivered (30003)',
    call: 'failed',
  },
  '0191': { fault: 'busy', text: 'delivered', call: 'busy' },
  '0192': { fault: 'no-answer', text: 'delivered', call: 'no-answer' },
  '0193': { fault: 'opted-out', text: 'refused with 21610', call: 'completed' },
  '0194': { fault: 'landline', text: 'refused with 21614', call: 'completed' },
  '0195': { fault: 'carrier-down', text: 'refused with 503 and 20503', call: 'refused with 503 and 20503' },
}

export function faultOf(number: string): Fault | undefined {
  return FAULTS[number.slice(-4)]?.fault
}
