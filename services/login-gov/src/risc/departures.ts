import type { Departure } from '@gatehouse/provider/about/about'

/** Security events in both directions, and the operator's accounts. */
export const riscDepartures: Departure[] = [
  {
    kind: 'assumed',
    what: 'Pushing is on (PUSH_NOTIFICATIONS_ENABLED), as in the real sandbox; the real default is off.',
    source: 'facts login-gov §7.1',
  },
  {
    kind: 'assumed',
    what: 'A push without an answer is repeated after 5 seconds; what exceeds 1000 in 60 seconds for a URL waits; a redirect is an answer like another.',
    source: 'facts login-gov §7.1',
  },
  {
    kind: 'assumed',
    what: 'iat of a pushed token is when it is sent; a receiver may get the same jti twice when this service was killed in between.',
    source: 'facts login-gov §7.1',
  },
  {
    kind: 'assumed',
    what: 'The descriptions of refused security events are our own words; several broken rules are told together, with the code of the last that has one, and setData where none has.',
    source: 'facts login-gov §7.2',
    probe: { method: 'POST', path: '/api/risc/security_events', status: 400 },
  },
  {
    kind: 'assumed',
    what: 'A jti has 1 to 255 printable characters, and iat of a reported event is not looked at.',
    source: 'facts login-gov §7.2',
  },
  {
    kind: 'assumed',
    what: 'authorization-fraud-detected also signs the person out everywhere; identity-fraud-detected is kept and changes nothing.',
    source: 'facts login-gov §7.2',
  },
  {
    kind: 'assumed',
    what: 'The accounts and the list of deliveries over HTTP with an operator token are our own.',
    source: 'facts login-gov §7.1',
    probe: { method: 'GET', path: '/api/risc/deliveries', status: 401 },
  },
]
