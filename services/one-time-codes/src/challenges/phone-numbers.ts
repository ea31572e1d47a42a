import type { Channel } from '@gatehouse/contracts/one-time-codes'

/** The numbers of the lab's carrier: 555-0100 to 555-0199 of any area code, which are never assigned to anyone. */
const LAB_NUMBER = /^\+1[2-9][0-9]{2}55501[0-9]{2}$/

export type IsUsable = (phoneNumber: string, channel: Channel) => Promise<boolean>

/**
 * Tells whether a code may be sent to an E.164 number: a valid one of its country's number plan, no premium rate, and
 * for calls only the North American plan, where a call is what these services offer.
 *
 * @param throughLab the lab's carrier takes its own numbers also in area codes that do not exist
 */
export function createPhoneNumberRule({ throughLab }: { throughLab: boolean }): IsUsable {
  return async (phoneNumber, channel) => {
    if (throughLab && LAB_NUMBER.test(phoneNumber)) return true
    // Loaded with the first number: the number plans take 100 ms and 20 MB.
    const { parsePhoneNumberFromString } = await import('libphonenumber-js/min')
    const parsed = parsePhoneNumberFromString(phoneNumber)
    if (!parsed?.isPossible() || !parsed.isValid() || parsed.getType() === 'PREMIUM_RATE') return false
    return channel === 'text' || parsed.countryCallingCode === '1'
  }
}
