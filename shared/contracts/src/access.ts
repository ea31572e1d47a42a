import type { ServiceName } from './services.ts'

/** For each scope of a service, the services that may call with it. */
type Access = Record<string, readonly ServiceName[]>

/**
 * What every service lets others do: the lab move its clock, for which in the live profile nothing asks, and the
 * administrators' console read its audit trail.
 */
const EVERYWHERE: Access = { 'clock.write': ['lab'], 'audit.read': ['admin'] }

/**
 * Which services may use which scope of which service: one table for sign-in, which issues the tokens, and for the
 * callees, which check them again.
 */
export const serviceAccess: Record<ServiceName, Access> = {
  'sign-in': {
    ...EVERYWHERE,
    'revocations.read': ['gateway', 'admin'],
    'revocations.write': ['admin'],
    'people.read': ['admin'],
    'clients.write': ['admin'],
    'signing-keys.write': ['admin'],
  },
  'login-gov': { ...EVERYWHERE, 'credentials.read': ['admin'] },
  'id-me': { ...EVERYWHERE, 'credentials.read': ['admin'] },
  'my-ssa': { ...EVERYWHERE, 'credentials.read': ['admin'] },
  'one-time-codes': {
    ...EVERYWHERE,
    'challenges.write': ['login-gov', 'id-me', 'my-ssa'],
    'challenges.read': ['admin'],
  },
  'upgrade-codes': {
    ...EVERYWHERE,
    'letters.write': ['my-ssa', 'bso-user-ids'],
    'letters.return': ['lab'],
    'letters.read': ['admin'],
  },
  terms: {
    ...EVERYWHERE,
    'attestations.write': ['sign-in'],
    'attestations.read': ['admin'],
    'terms.publish': ['admin'],
  },
  'bso-user-ids': {
    ...EVERYWHERE,
    'user-ids.read': ['sign-in'],
    'user-ids.write': ['sign-in'],
    'activations.write': ['bso'],
    'user-ids.administer': ['admin'],
  },
  gateway: EVERYWHERE,
  cbsv: { ...EVERYWHERE, 'cbsv.forward': ['gateway'], 'verifications.read': ['admin'] },
  bso: EVERYWHERE,
  admin: EVERYWHERE,
  lab: {
    ...EVERYWHERE,
    'mail.write': ['login-gov', 'id-me', 'my-ssa'],
    'letters.write': ['upgrade-codes'],
    'approvals.write': ['id-me'],
  },
  'ticket-portal': { ...EVERYWHERE, 'enrolments.write': ['admin'] },
}
