// Scopes and what each level of service may ask for (fact sheet 2.2).

export const SCOPES = [
  'email',
  'all_emails',
  'locale',
  'openid',
  'profile:verified_at',
  'x509',
  'x509:subject',
  'x509:issuer',
  'x509:presented',
  'address',
  'phone',
  'profile',
  'profile:name',
  'profile:birthdate',
  'social_security_number',
] as const
export type Scope = (typeof SCOPES)[number]

const AUTH_ONLY: ReadonlySet<string> = new Set(SCOPES.slice(0, SCOPES.indexOf('address')))

/** The scopes out of `text` that may be had; all others are dropped in silence. */
export function readScopes(text: string, mayAskForProofed: boolean): Scope[] {
  const given = new Set(text.split(' '))
  return SCOPES.filter((scope) => given.has(scope) && (mayAskForProofed || AUTH_ONLY.has(scope)))
}
