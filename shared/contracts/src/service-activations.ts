import { type Static, Type } from 'typebox'
import type { ServiceCalls } from './calls.ts'
import { LetterState } from './upgrade-codes.ts'

/** What a person can request for a User ID, and begins with an activation code (CBSV User's Guide 2.8). */
export const RequestableService = Type.Literal('CBSV')
export type RequestableService = Static<typeof RequestableService>
/** Their names as people read them. */
export const SERVICE_NAMES_IN_WORDS: Record<RequestableService, string> = {
  CBSV: 'Consent Based Social Security Number Verification Service',
}

/**
 * How a service stands for a User ID: `none`, `pending` from its request until the activation code is entered, `active`.
 * Instants are milliseconds.
 */
export const ServiceStanding = Type.Object({
  service: RequestableService,
  state: Type.Union([Type.Literal('none'), Type.Literal('pending'), Type.Literal('active')]),
  requestedAt: Type.Optional(
    Type.Integer({ description: 'while pending: when the newest code was requested' }),
  ),
  activeSince: Type.Optional(Type.Integer()),
  letter: Type.Optional(
    Type.Object(
      {
        state: LetterState,
        mailedAt: Type.Optional(Type.Integer()),
        expiresOn: Type.Optional(Type.String({ description: 'the last day, YYYY-MM-DD' })),
      },
      {
        description:
          'while pending: the newest letter with an activation code; without it none was accepted for mailing yet',
      },
    ),
  ),
})
export type ServiceStanding = Static<typeof ServiceStanding>
export const ServiceStandings = Type.Object({ services: Type.Array(ServiceStanding) })

export const ServiceRequest = Type.Object(
  {
    insteadOf: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 8.64e15,
        description: '`requestedAt` of the request whose code this one replaces; left out for the first',
      }),
    ),
  },
  { additionalProperties: false },
)
export const ActivationRequest = Type.Object(
  // Anything a person types: what cannot be a code is a wrong try, not a malformed request.
  { code: Type.String({ maxLength: 1024 }) },
  { additionalProperties: false },
)

/** A User ID at its employer. */
export interface UserIdAtEmployer {
  bsoUserId: string
  ein: string
}

/**
 * The services of a User ID, from request to activation.
 *
 * What `bso-user-ids` refuses:
 * - `user_id_unknown` (404): no active User ID of this name for this employer
 * - `service_active` (409): nothing is left to request or to activate
 * - `service_pending` (409): of a request that replaces none, or one that was replaced already
 * - `nothing_requested` (409): of an activation, or a request that replaces another
 * - `company_address_missing` (422): there is nowhere to mail the letter to
 * - `code_not_accepted` (409): `triesLeft` is at least 1; as `upgrade-codes` has it, like the next two
 * - `locked_out` (429): too many wrong codes, `retryAt` in milliseconds
 * - `too_many_letters` (429): `retryAt` in milliseconds
 */
export function activations(calls: ServiceCalls) {
  const scope = 'activations.write'
  const at = ({ bsoUserId, ein }: UserIdAtEmployer) =>
    `/employers/${encodeURIComponent(ein)}/user-ids/${encodeURIComponent(bsoUserId)}/services`
  return {
    list: (userId: UserIdAtEmployer) =>
      calls.call('bso-user-ids', { scope, method: 'GET', path: at(userId), response: ServiceStandings }),
    /**
     * Requests a service: an activation code is mailed to the employer. It ends the code of the request that it
     * replaces, if any; of several at once that replace the same, one does.
     */
    request: (
      userId: UserIdAtEmployer,
      service: RequestableService,
      body: Static<typeof ServiceRequest> = {},
    ) =>
      calls.call('bso-user-ids', {
        scope,
        method: 'POST',
        path: `${at(userId)}/${service}/requests`,
        body,
        response: ServiceStanding,
      }),
    /** Makes the service active, which tokens say from the next sign-in on. After a failed call: repeat it. */
    activate: (userId: UserIdAtEmployer, service: RequestableService, code: string) =>
      calls.call('bso-user-ids', {
        scope,
        method: 'POST',
        path: `${at(userId)}/${service}/activations`,
        body: { code },
        response: ServiceStanding,
      }),
  }
}
