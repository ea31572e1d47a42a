import { CallFailed, CallRefused } from '@gatehouse/contracts/calls'
import { Refusal, type Refusals } from '@gatehouse/http/refusal'

/** What the console itself refuses. */
const own: Refusals = {
  not_administrator: { status: 403, title: 'You are not an administrator' },
  role_missing: { status: 403, title: 'Your roles do not allow this' },
  phishing_resistant_needed: { status: 403, title: 'Sign in with a security key to do this' },
  revocations_unknown: { status: 503, title: 'It cannot be said at present whether your access was revoked' },
  own_request: { status: 403, title: 'Somebody else has to decide about what you asked for' },
  not_own_request: { status: 403, title: 'Only who asked for it can withdraw it' },
  requester_without_role: { status: 409, title: 'Who asked for this may not ask for it any more' },
  already_decided: { status: 409, title: 'This was decided already' },
  request_expired: { status: 409, title: 'Nobody decided about this in time: ask anew' },
  act_not_repeatable: { status: 409, title: 'There is nothing to repeat' },
  cannot_last: { status: 422, title: 'This ends once and cannot be ended for longer' },
  key_reused: { status: 422, title: 'This idempotency key belongs to another request' },
  key_in_use: { status: 409, title: 'The request with this idempotency key is under way' },
  name_ambiguous: { status: 422, title: 'Several people have this name: choose one' },
  name_unknown: { status: 404, title: 'Nobody has this name' },
}

/** What owners refuse and the console passes on, by their codes. */
const owners: Refusals = {
  target_unknown: { status: 422, title: 'There is nothing of this name to revoke' },
  lasting_not_possible: { status: 422, title: 'This ends once and cannot be ended for longer' },
  end_not_usable: { status: 422, title: 'The end date cannot be used' },
  end_not_ahead: { status: 422, title: 'The end date is over already' },
  reference_used: { status: 409, title: 'This was ordered before, with something else' },
  revocation_unknown: { status: 404, title: 'There is no such revocation' },
  not_standing: { status: 409, title: 'Nothing is ended by this any more' },
  person_unknown: { status: 404, title: 'There is no such person' },
  user_id_unknown: { status: 404, title: 'There is no such User ID' },
  company_unknown: { status: 404, title: 'There is no such company' },
  terms_version_unknown: { status: 404, title: 'There is no such version' },
  terms_version_exists: { status: 409, title: 'A version of this name exists already' },
  client_unknown: { status: 404, title: 'There is no such relying service' },
  client_static: { status: 409, title: 'This relying service comes with the suite and is not changed here' },
  client_changed: { status: 409, title: 'Somebody else has just changed this relying service' },
  client_without_secret: { status: 409, title: 'This relying service has no secret' },
  client_without_keys: { status: 409, title: 'This relying service has no keys' },
  client_metadata_refused: { status: 422, title: 'This registration is not allowed' },
  signing_keys_rotated: { status: 409, title: 'The signing keys were rotated meanwhile' },
}

export const consoleRefusals: Refusals = { ...own, ...owners }

/** Of the codes that every service has, those that pass: what was asked for was wrong already when it came here. */
const PASSED_ON = new Set(['invalid_request', 'not_found'])

/** What a call to an owner threw, as the console answers it: its refusal by the same code, anything else as it is. */
export function passedOn(error: unknown): unknown {
  if (!(error instanceof CallRefused)) return error
  const { code, detail, errors } = error.problem
  if (!owners[code] && !PASSED_ON.has(code)) {
    return new CallFailed(error.service, `refused with ${code}, which nobody expects`, error)
  }
  return new Refusal(code, detail, errors ? { errors } : {})
}
