// Our own pages. ID.me's addresses for them are not known (assumed); relying services never name one.

export const PATHS = {
  signIn: '/sign-in',
  /** The password again, before a change to the account. */
  signInAgain: '/sign-in/again',
  signOut: '/sign-out',
  signUp: '/sign-up',
  password: '/password',
  secondFactor: '/second-factor',
  /** Where an account gets another second factor, or its first. */
  setUp: '/second-factor/new',
  recovery: '/recovery',
  /** The identity. */
  verification: '/verification',
  /** The community. */
  group: '/verification/group',
  consent: '/consent',
  settings: '/settings',
} as const
