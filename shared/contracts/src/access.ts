import type { ServiceName } from './services.ts'

/** For each scope of a service, the services that may call with it. */
type Access = Record<string, readonly ServiceName[]>

/** Every service of the test profile lets the lab move its clock; in the live profile nothing asks for this scope. */
const CLOCK: Access = { 'clock.write': ['lab'] }

/**
 * Which services may use which scope of which service: one table for sign-in, which issues the tokens, and for the
 * callees, which check them again.
 */
export const serviceAccess: Record<ServiceName, Access> = {
  'sign-in': CLOCK,
  'login-gov': CLOCK,
  'id-me': CLOCK,
  'my-ssa': CLOCK,
  'one-time-codes': { ...CLOCK, 'challenges.write': ['login-gov', 'id-me', 'my-ssa'] },
  'upgrade-codes': { ...CLOCK, 'letters.write': ['my-ssa', 'bso-user-ids'], 'letters.return': ['lab'] },
  terms: { ...CLOCK, 'attestations.write': ['sign-in'] },
  'bso-user-ids': {
    ...CLOCK,
    'user-ids.read': ['sign-in'],
    'user-ids.write': ['sign-in'],
    'activations.write': ['bso'],
  },
  gateway: CLOCK,
  cbsv: { ...CLOCK, 'cbsv.forward': ['gateway'] },
  bso: CLOCK,
  lab: {
    ...CLOCK,
    'mail.write': ['login-gov', 'id-me', 'my-ssa'],
    'letters.write': ['upgrade-codes'],
    'approvals.write': ['id-me'],
  },
  'ticket-portal': CLOCK,
}
