// In what this mock is not my Social Security, or may not be. `GET /about` shows the table, and the tests run its probes.

import type { Departure } from '@gatehouse/provider/about/about'

/** What relying services speak with this mock. */
export const WIRE =
  'OpenID Connect 1.0 with the authorization code flow, PKCE, and private_key_jwt, client_secret_basic or client_secret_post'

const row =
  (kind: Departure['kind']) =>
  (what: string, source: string, probe?: Departure['probe']): Departure => ({
    kind,
    what,
    source: `facts ssa-sign-in ${source}`,
    ...(probe ? { probe } : {}),
  })
const missing = row('missing')
const assumed = row('assumed')
const get = (path: string, status: number): Departure['probe'] => ({ method: 'GET', path, status })

export const DEPARTURES: readonly Departure[] = [
  missing(
    'It shows the sign-in of 2014: username, password, and a text for who has extra security. The e-mail channel of 2017, the move to Login.gov and the end of the username sign-in in June 2025 are not here; relying services choose by a setting of sign-in whether they offer it.',
    '§1',
  ),
  missing(
    'There is no Español, Other Language, Accessibility, Contact Us or FAQs: the pages are in English, and links without a page behind them are left out.',
    '§3',
  ),
  missing('Behind the sign-in there are only the settings for security: no benefits, no statements.', '§3', {
    method: 'GET',
    path: '/security-settings',
    status: 302,
  }),
  missing(
    'Experian is not asked. A persona is recognised by name, SSN and birth date and passes or fails as its file says; anybody else is taken at their word, with an SSN of a range that is never issued.',
    '§3',
  ),
  missing(
    'A text is the only second factor, as in 2014: NIST 800-63B-4 §3.1.3.3 and §2.2 ask for alternatives to it, one of them phishing-resistant, and for a look at whether the SIM was swapped.',
    '§6',
  ),
  missing(
    'Refresh tokens, pushed requests, request objects, encryption, implicit and hybrid flows, dynamic registration.',
    '§7',
    { method: 'GET', path: '/registration', status: 404 },
  ),
  assumed(
    'That it is an OpenID provider at all: which protocol Social Security spoke with its own services is not public. The names of its acr values are ours.',
    '§7',
    get('/.well-known/openid-configuration', 200),
  ),
  assumed(
    'acr_values asks for extra security where it names that level first of those known here. It is voluntary: who skips it goes back with the lower acr, and is asked again by the next request. amr is pwd, or pwd, sms and mfa.',
    '§7',
  ),
  assumed(
    'Nobody is asked what to tell a relying service: what it has registered and asks for is granted. prompt=consent changes nothing.',
    '§7',
  ),
  assumed('prompt=none is always answered with login_required: each request goes by the pages once.', '§7'),
  assumed('The subject is another one for each relying service (by the host of its redirect URI).', '§7'),
  assumed(
    'The ID token has no personal data; userinfo tells it by scope, with the SSN in a scope of its own.',
    '§7',
    {
      method: 'GET',
      path: '/userinfo',
      status: 401,
    },
  ),
  assumed(
    'An error about the client or its redirect URI is shown on a page; any other is told to the relying service.',
    '§7',
    get('/authorize', 400),
  ),
  assumed('A code is good for a minute, access and ID token for five, a waiting request for an hour.', '§7', {
    method: 'POST',
    path: '/token',
    status: 400,
  }),
  assumed(
    'Sessions end after 30 minutes without a request and after 12 hours, as revision 3 of NIST 800-63B has it for AAL2.',
    '§6',
  ),
  assumed('The addresses of the pages and the names of their fields.', '§3', get('/sign-in', 200)),
  assumed(
    'Usernames have 8 to 20 letters and digits, and case does not count. Passwords have 15 characters or more, as NIST 800-63B-4 §3.1.1.2 asks where they are the only factor; the older rules of Social Security are not known.',
    '§6',
  ),
  assumed('Five wrong passwords block a username for a day, known or not; a new password ends that.', '§3'),
  assumed(
    'Details may be tried ten times a day for one SSN, in each of: creating an account, a forgotten username, blocking electronic access. E-mails of one kind go to an account once a minute.',
    '§3',
  ),
  assumed(
    'Who is 18 is judged by the date in Eastern Time; born on 29 February means 1 March in common years.',
    '§3',
  ),
  assumed(
    'One account for each SSN and for each e-mail address; that there is one is told only to whoever knows the person’s details, or reads the e-mail. The address is confirmed by a link, good for a day, before the account exists, and the browser that opens the link goes on.',
    '§3',
    get('/create-account', 200),
  ),
  assumed(
    'Creating an account ends with the question whether to mail the letter for extra security; without it, the security settings have a button for it.',
    '§3',
  ),
  assumed(
    'Whoever gives name, date of birth and SSN gets a forgotten username by e-mail. A forgotten password is replaced by way of a link of 15 minutes, or of a temporary password in a letter (16 letters and digits), which signs nobody in; either ends the other, signs the account out everywhere, and leaves extra security as it is. The answers are the same for people whom nobody knows.',
    '§3',
    get('/forgot-username', 200),
  ),
  assumed(
    'A block of electronic access asks for name, date of birth and SSN (for one confirmation where somebody is signed in), holds for the person, with or without an account, and ends all sessions. The page answers alike whether anything was blocked.',
    '§3',
    get('/block-electronic-access', 200),
  ),
  assumed('The operator alone takes a block away, in the place of a call to Social Security.', '§3', {
    method: 'DELETE',
    path: '/api/electronic-access-blocks',
    status: 401,
  }),
  assumed(
    'A text code has 8 digits and 10 minutes, as the document says. That the fifth wrong one locks out for 10 minutes, and that another text goes after 30 seconds, is our policy in one-time-codes.',
    '§3',
  ),
  assumed(
    'A cell phone has ten digits of the North American numbering plan. Only whoever has just typed a number sees all of it; after a password alone it is masked.',
    '§3',
  ),
  assumed(
    'An upgrade code opens until the end of the day printed on its letter, 30 days after printing in Eastern Time (the span of the activation codes of 2024; NIST 800-63A-4 §3.1.8 in its second draft would have 21 within the contiguous states). The fifth wrong try locks the account’s letters of that kind out for a day, there are four letters in 30 days, and a new letter ends the earlier code: our policy in upgrade-codes.',
    '§3, §6',
  ),
  assumed(
    'Each browser has an enrolment of its own: the phone is confirmed in it before the upgrade code is tried. Another browser goes on where the latest stood, until a new letter is asked for; it has to give a text at the end before that sign-in counts as one with extra security.',
    '§3',
  ),
  assumed(
    'Removing extra security and changing its phone take a sign-in with the text and the password once more, and are told by e-mail.',
    '§3, §6',
    get('/security-settings/remove', 302),
  ),
  assumed(
    'Whoever skips the question about the letter is asked at the next sign-in; somebody without a letter can ask for one there, and a relying service that needs extra security leads to a page that offers to mail it.',
    '§3',
  ),
  assumed(
    'A lost phone: the terms and the address on record, of which only the initials are shown, are confirmed, a reset code of 8 digits and 30 days comes by letter, and the new phone is confirmed by text before the code is tried; its number is typed again, because the password alone does not show it. A text to the old phone still signs in, and ends the reset. Only the order of the pages of 2021 is known.',
    '§3',
  ),
  assumed('Exit leads back to the relying service with access_denied; without one it signs out.', '§3'),
  assumed(
    'Letters are delivered at once unless the suite says otherwise; the real ones took 5 to 10 business days.',
    '§3',
  ),
]
