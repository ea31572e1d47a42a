/** The pages of my Social Security. */
export const PATHS = {
  signIn: '/sign-in',
  signOut: '/sign-out',
  createAccount: '/create-account',
  forgotUsername: '/forgot-username',
  forgotPassword: '/forgot-password',
  resetPassword: '/reset-password',
  blockElectronicAccess: '/block-electronic-access',
  learnMore: '/learn-more',
  paperworkReduction: '/paperwork-reduction-act',
  privacyAct: '/privacy-act-statement',
  /** Where extra security is managed: add, remove, change the phone. */
  securitySettings: '/security-settings',
  /** "Enable your Extra Security" and the pages after it. */
  enable: '/extra-security',
  addPhone: '/extra-security/phone',
  confirmPhone: '/extra-security/security-code',
  upgradeCode: '/extra-security/upgrade-code',
  enabled: '/extra-security/congratulations',
  /** A relying service needs extra security, and there is none and no letter. */
  needed: '/extra-security/needed',
  /** The text at each sign-in. */
  securityCode: '/security-code',
  lostPhone: '/lost-phone',
  resetCode: '/reset-code',
} as const
