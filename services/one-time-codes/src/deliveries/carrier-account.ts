import type { ServiceUrls } from '@gatehouse/contracts/services'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { type Static, Type } from 'typebox'

const accountSid = Type.String({ pattern: '^AC[0-9a-f]{32}$', description: '`AC` and 32 hexadecimal digits' })
const authToken = Type.String({ minLength: 16 })

/** Secrets come from the environment only. */
export const CarrierConfiguration = {
  TWILIO_ACCOUNT_SID: Type.Optional(accountSid),
  TWILIO_AUTH_TOKEN: Type.Optional(authToken),
  TWILIO_FROM: Type.Optional(
    Type.String({
      pattern: '^\\+[1-9][0-9]{6,14}$',
      description: 'E.164; a number of the account for texts and calls',
    }),
  ),
  LAB_ACCOUNT_SID: Type.Optional(accountSid),
  LAB_AUTH_TOKEN: Type.Optional(authToken),
  LAB_INTERNAL_URL: Type.Optional(
    Type.String({ description: 'where the lab is reached when that differs from what a browser sees' }),
  ),
}

/** Who sends: an account at Twilio, or one at the lab's carrier, which speaks the same API. */
export interface CarrierAccount {
  accountSid: string
  authToken: string
  from: string
  /** The lab's address instead of Twilio's. */
  labUrl?: string
}

/** The number that texts and calls of the lab come from. */
const LAB_FROM = '+12025550100'

/**
 * Chooses Twilio when its account is given, otherwise the lab, which only the test profile has.
 *
 * @throws ConfigurationError naming what is missing
 */
export function carrierAccount(
  given: { [Name in keyof typeof CarrierConfiguration]?: Static<(typeof CarrierConfiguration)[Name]> } & {
    PROFILE: 'test' | 'live'
  },
  urls: Pick<ServiceUrls, 'lab'>,
): CarrierAccount {
  const required = <T>(name: string, value: T | undefined): T => {
    if (value === undefined) throw new ConfigurationError(`unusable configuration: ${name} is required`)
    return value
  }
  if (given.TWILIO_ACCOUNT_SID) {
    return {
      accountSid: given.TWILIO_ACCOUNT_SID,
      authToken: required('TWILIO_AUTH_TOKEN', given.TWILIO_AUTH_TOKEN),
      from: required('TWILIO_FROM', given.TWILIO_FROM),
    }
  }
  if (given.PROFILE !== 'test') required('TWILIO_ACCOUNT_SID', given.TWILIO_ACCOUNT_SID)
  return {
    accountSid: required('LAB_ACCOUNT_SID', given.LAB_ACCOUNT_SID),
    authToken: required('LAB_AUTH_TOKEN', given.LAB_AUTH_TOKEN),
    from: given.TWILIO_FROM ?? LAB_FROM,
    labUrl: given.LAB_INTERNAL_URL ?? urls.lab,
  }
}
