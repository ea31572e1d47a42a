// Where second factors here are not as at Login.gov, or may not be; for `GET /about`.

import type { Departure } from '@gatehouse/provider/about/about'

const order = 'facts login-gov §6.1'
const options = 'facts login-gov §6.2'
const limits = 'facts login-gov §6.3'

export const SECOND_FACTOR_DEPARTURES: readonly Departure[] = [
  {
    kind: 'missing',
    what: 'The reminders after a sign-in: to add a second method or backup codes, a government employee ID, or face or touch unlock.',
    source: `${order} step 6`,
  },
  {
    kind: 'missing',
    what: 'Cards: the certificate that a card would present is chosen from a list, and the sign-in page lists everybody’s.',
    source: order,
    probe: { method: 'GET', path: '/login/piv_cac', status: 200 },
  },
  {
    kind: 'missing',
    what: 'The test adapter of the sandbox’s telephony: codes filled in beforehand, /test/telephony, and the numbers 225-555-1000, -2000 and -9999 that fail. Texts and calls arrive in the lab, which has numbers of its own that fail.',
    source: limits,
    probe: { method: 'GET', path: '/test/telephony', status: 404 },
  },
  {
    kind: 'missing',
    what: 'With JavaScript off nothing counts down: a page goes on saying how long a code works, or an account stays locked, as it was when the page was made.',
    source: limits,
  },
  {
    kind: 'missing',
    what: 'Which methods this device could use is not looked at: face or touch unlock and cards are offered on every one.',
    source: `${order} step 4`,
  },
  {
    kind: 'missing',
    what: 'One method is set up at a time, where the real page lets several be ticked.',
    source: options,
  },
  {
    kind: 'assumed',
    what: 'The box “Remember this browser” is left out where remembering would have no effect: at AAL2, for proofing, and at clients that may ask for it. The lab’s security key never remembers the browser.',
    source: limits,
  },
  {
    kind: 'assumed',
    what: 'Adding or removing a method forgets all remembered browsers and sends a letter to every address of the account.',
    source: limits,
  },
  {
    kind: 'assumed',
    what: 'A personal key that was used is replaced by a new one, as backup codes are; it does not count as the last method of an account.',
    source: options,
  },
  {
    kind: 'assumed',
    what: 'An account has up to 10 security keys and as many devices with face or touch unlock.',
    source: options,
  },
  {
    kind: 'assumed',
    what: 'Who has no method that a request accepts gives another one first and sets up one that it accepts then.',
    source: `${order} step 4`,
  },
  {
    kind: 'assumed',
    what: 'Relying services are told of a lock-out by wrong second factors, not of one by codes that were requested too often.',
    source: 'facts login-gov §7.1',
  },
  {
    kind: 'assumed',
    what: 'The words about certificates and security keys that were refused, and the pages under /manage.',
    source: order,
  },
]
