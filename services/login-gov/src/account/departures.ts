import type { Departure } from '@gatehouse/provider/about/about'

const order = 'facts login-gov §6.1'
const limits = 'facts login-gov §6.3'

/** The pages around a sign-in: password, new accounts, the account itself, consent. */
export const ACCOUNT_DEPARTURES: readonly Departure[] = [
  {
    kind: 'missing',
    what: 'A history of the account on its page.',
    source: order,
    probe: { method: 'GET', path: '/account/history', status: 404 },
  },
  {
    kind: 'missing',
    what: 'A logo of the relying service: its name alone is shown.',
    source: `${order} step 2`,
    probe: { method: 'GET', path: '/', status: 200 },
  },
  {
    kind: 'assumed',
    what: 'A password that is reset leaves the verified identity as it is.',
    source: order,
    probe: { method: 'GET', path: '/users/password/new', status: 200 },
  },
  {
    kind: 'assumed',
    what: 'The words of letters, of the rules of use, and of every page whose words the facts do not give.',
    source: order,
    probe: { method: 'GET', path: '/sign_up/enter_email', status: 200 },
  },
  {
    kind: 'assumed',
    what: 'Letters with a link to confirm an address: 20 for one address in 60 minutes.',
    source: order,
  },
  {
    kind: 'assumed',
    what: 'Each wrong password for one person from one network address makes the 12 hours 1.1 times as long, up to 30 days; the right one ends the count.',
    source: limits,
  },
  {
    kind: 'assumed',
    what: 'Requests of one network address are counted in each process by itself.',
    source: limits,
  },
  {
    kind: 'assumed',
    what: 'Authenticating anew before a change to the account takes the password and a second factor.',
    source: limits,
    probe: { method: 'GET', path: '/login/password', status: 302 },
  },
  {
    kind: 'assumed',
    what: 'An account that waits to be deleted is open again once the wait is over, until the link of the second letter was used.',
    source: limits,
    probe: { method: 'GET', path: '/account_reset/delete_account', status: 404 },
  },
  {
    kind: 'assumed',
    what: 'The right password of a suspended account, and of one whose password has to be reset, says so and opens nothing.',
    source: 'facts login-gov §7',
  },
  {
    kind: 'assumed',
    what: 'With JavaScript off nobody is warned 150 seconds before the end of a session: each page says beforehand after how long it ends, and leaves for the sign-in page then.',
    source: limits,
  },
]
